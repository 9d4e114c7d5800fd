//! The text of a message with its variables: parsed once, rendered for each recipient. Pure.
//!
//! `{{prenom}}` is replaced by a contact's field, `{{prenom|cher client}}` has a fallback for empty ones. The caller
//! decides what a name means: a column, a short link, an image. `parse` reads, `problem` lists errors, `lookalikes`
//! finds the syntax of other products.

mod lookalikes;
mod parse;
mod problem;
#[cfg(test)]
mod tests;

pub use problem::{TemplateError, TemplateProblem};

use crate::letters;

/// Longest text of a template, in characters. The longest body that AWS takes (SendTextMessage, `MessageBody`).
pub const MAX_TEXT_CHARS: usize = 1_600;
/// Longest name of a variable, in characters.
pub const MAX_NAME_CHARS: usize = 64;
/// Longest fallback, in characters.
pub const MAX_FALLBACK_CHARS: usize = 160;
/// Most different variables of one text.
pub const MAX_VARIABLES: usize = 32;
const _: () = assert!(MAX_NAME_CHARS + MAX_FALLBACK_CHARS < MAX_TEXT_CHARS);

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    variables: Vec<String>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Literal text.
    Text(String),
    /// A field's value; `index` counts [`Template::variables`].
    Variable { index: usize, fallback: String },
}

impl Template {
    /// Reads a text. Line ends become `
    /// `, as on phones: a browser's `\r
    /// ` would cost one more septet.
    pub fn parse(text: &str) -> Result<Self, TemplateProblem> {
        parse::parse(text)
    }

    /// The names of the variables as [`variable_name`] normalises them, each once, in the order of the text.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Whether a variable has a fallback wherever it occurs.
    pub fn has_fallback(&self, variable: &str) -> bool {
        let wanted = self.variables.iter().position(|name| name == variable);
        self.pieces.iter().all(|piece| match piece {
            Piece::Variable { index, fallback } if Some(*index) == wanted => !fallback.is_empty(),
            Piece::Variable { .. } | Piece::Text(_) => true,
        })
    }

    /// Writes a recipient's text into `out`, which is cleared first, so that no text reaches a second recipient.
    ///
    /// `lookup` gets a variable's index in [`Template::variables`] and its name. A missing or blank value becomes the
    /// fallback, or nothing. Control characters and line ends in values become spaces, and direction marks are removed,
    /// as they could break a message; braces in a value have no meaning.
    pub fn render<'v>(&self, mut lookup: impl FnMut(usize, &str) -> Option<&'v str>, out: &mut String) {
        out.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable { index, fallback } => {
                    let name = self.variables.get(*index).map_or("", String::as_str);
                    match lookup(*index, name).map(trimmed).filter(|value| !value.is_empty()) {
                        Some(value) => push_clean(value, out),
                        None => out.push_str(fallback),
                    }
                }
            }
        }
    }
}

/// Normalises names to match variables with columns: lower case, no accents, spaces as `_`. `Prénom du client` and
/// `{{PRENOM DU CLIENT}}` are both `prenom_du_client`.
pub fn variable_name(raw: &str) -> String {
    let folded = letters::fold(raw);
    folded.split_whitespace().collect::<Vec<_>>().join("_")
}

/// A control character or line end, which breaks a line or which a person would not type.
fn is_breaking(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Invisible marks that change the direction of the following text, or force Unicode needlessly.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|character: char| character.is_whitespace() || is_breaking(character) || is_unseen(character))
}

fn push_clean(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            broken if is_breaking(broken) => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            unseen if is_unseen(unseen) => {}
            kept => out.push(kept),
        }
    }
}
