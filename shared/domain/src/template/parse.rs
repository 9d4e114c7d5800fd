//! Reads a text into pieces. Pure.

use super::{
    MAX_FALLBACK_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_VARIABLES, Piece, Template, TemplateError, TemplateProblem,
    variable_name,
};

const OPENING: &str = "{{";
const CLOSING: &str = "}}";

pub(super) fn parse(text: &str) -> Result<Template, TemplateProblem> {
    check_characters(text)?;
    let problem = |fault, byte| TemplateProblem { fault, at: text[..byte].chars().count() };
    let find = |mark, from: usize| text[from..].find(mark).map(|found| from + found);
    let mut template = Template { pieces: Vec::new(), variables: Vec::new() };
    let mut from = 0;
    loop {
        let opening = find(OPENING, from).unwrap_or(text.len());
        let closing = find(CLOSING, from);
        if let Some(early) = closing.filter(|closing| *closing < opening) {
            return Err(problem(TemplateError::Unopened, early));
        }
        template.push_text(&text[from..opening]);
        if opening == text.len() {
            return Ok(template);
        }
        let closing = closing.ok_or_else(|| problem(TemplateError::Unclosed, opening))?;
        let inside = &text[opening + OPENING.len()..closing];
        template.push_variable(inside).map_err(|fault| problem(fault, opening))?;
        from = closing + CLOSING.len();
    }
}

impl Template {
    fn push_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text.replace("\r\n", "\n").replace('\r', "\n")));
        }
    }

    fn push_variable(&mut self, inside: &str) -> Result<(), TemplateError> {
        if inside.contains(OPENING) {
            return Err(TemplateError::Unclosed);
        }
        if inside.contains(['{', '}', '\n', '\r']) {
            return Err(TemplateError::ForbiddenInVariable);
        }
        let (name, fallback) = inside.split_once('|').unwrap_or((inside, ""));
        let (name, fallback) = (variable_name(name), fallback.trim());
        if name.is_empty() {
            return Err(TemplateError::EmptyName);
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(TemplateError::NameTooLong);
        }
        if fallback.chars().count() > MAX_FALLBACK_CHARS {
            return Err(TemplateError::FallbackTooLong);
        }
        let index = match self.variables.iter().position(|known| *known == name) {
            Some(known) => known,
            None if self.variables.len() == MAX_VARIABLES => return Err(TemplateError::TooManyVariables),
            None => {
                self.variables.push(name);
                self.variables.len() - 1
            }
        };
        self.pieces.push(Piece::Variable { index, fallback: fallback.to_owned() });
        Ok(())
    }
}

/// Length and control characters, before anything is read.
fn check_characters(text: &str) -> Result<(), TemplateProblem> {
    for (at, character) in text.chars().enumerate() {
        if at == MAX_TEXT_CHARS {
            return Err(TemplateProblem { fault: TemplateError::TextTooLong, at });
        }
        if character.is_control() && !matches!(character, '\n' | '\r' | '\t') {
            return Err(TemplateProblem { fault: TemplateError::ControlCharacter, at });
        }
    }
    Ok(())
}
