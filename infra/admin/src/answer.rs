//! The output of a command: one JSON document, or a table for people.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::CommandError;

/// An answer in both formats.
#[derive(Debug)]
pub struct Answer {
    json: Json,
    text: String,
    code: u8,
}

/// What goes to stdout and stderr, and the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    pub answer: String,
    pub errors: String,
    pub code: u8,
}

impl Answer {
    pub fn new(json: &impl Serialize, text: impl Into<String>) -> Result<Self, CommandError> {
        let json = serde_json::to_value(json).map_err(|error| CommandError::Internal(error.into()))?;
        Ok(Self { json, text: text.into(), code: 0 })
    }

    /// A listing: `{"items": […]}`, or a table; `nothing` is the text for an empty one.
    pub fn list<T: Serialize>(items: &[T], table: Table, nothing: &str) -> Result<Self, CommandError> {
        let text = if items.is_empty() { format!("{nothing}\n") } else { table.to_string() };
        Self::new(&json!({ "items": items }), text)
    }

    /// Adds text for people below it.
    pub fn with_more(self, more: &str) -> Self {
        Self { text: format!("{}{more}", self.text), ..self }
    }

    /// Sets another exit code than 0.
    pub fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }
}

impl Printed {
    pub fn of_answer(answer: &Answer, is_json: bool, warnings: &[String]) -> Self {
        let errors = warnings.iter().map(|warning| format!("envol-admin: {warning}\n")).collect();
        let answer_text = if is_json { format!("{:#}\n", answer.json) } else { answer.text.clone() };
        Self { answer: answer_text, errors, code: answer.code }
    }

    pub fn of_failure(failure: &CommandError) -> Self {
        Self { answer: String::new(), errors: failure.words(), code: failure.exit_code() }
    }
}

/// Aligned columns.
#[derive(Debug, Default)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// A table with a head.
    pub fn new<const N: usize>(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned).to_vec()])
    }

    /// Names and values, one per line.
    pub fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Self {
        Self(pairs.map(|(name, value)| vec![name.to_owned(), value]).to_vec())
    }

    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.push(cells.to_vec());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.0.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.0 {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "{cell:<width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// An instant for people, to the minute, in UTC.
pub fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// Like `minute`, for an optional instant.
pub fn maybe_minute(at: Option<jiff::Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        let mut table = Table::new(["ID", "NAME"]);
        table.row(["1".into(), "Été".into()]);
        table.row(["100".into(), "Hiver".into()]);
        assert_eq!(table.to_string(), "ID   NAME\n1    Été\n100  Hiver\n");
    }
}
