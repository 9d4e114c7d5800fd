//! Why JSON could not be read, safe for logs: a parser's own message would quote the unexpected value.

use std::fmt;

/// Why JSON could not be read: the kind of error and its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct NotRead {
    is_json: bool,
    line: usize,
    column: usize,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = if self.is_json { "another shape is expected" } else { "this is not JSON" };
        write!(f, "{error}, line {} column {}", self.line, self.column)
    }
}

impl From<serde_json::Error> for NotRead {
    fn from(error: serde_json::Error) -> Self {
        Self { is_json: error.is_data(), line: error.line(), column: error.column() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "+33612345678";

    #[test]
    fn an_error_in_json_shows_its_position_and_no_value() {
        let not_read = |text: &str| NotRead::from(serde_json::from_str::<Vec<u32>>(text).unwrap_err()).to_string();
        assert_eq!(not_read(&format!("[1,\n \"{NUMBER}\"]")), "another shape is expected, line 2 column 15");
        assert_eq!(not_read("[1"), "this is not JSON, line 1 column 2");
    }
}
