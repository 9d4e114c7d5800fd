//! Why JSON could not be read, as logs may hold it: a parser quotes the value that it did not expect.

use std::fmt;

/// Why JSON could not be read: what kind of fault, and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct NotRead {
    is_json: bool,
    line: usize,
    column: usize,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = if self.is_json { "another shape is expected" } else { "this is not JSON" };
        write!(f, "{fault}, line {} column {}", self.line, self.column)
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
    fn a_fault_in_json_is_its_place_and_no_value() {
        let not_read = |text: &str| NotRead::from(serde_json::from_str::<Vec<u32>>(text).unwrap_err()).to_string();
        assert_eq!(not_read(&format!("[1,\n \"{NUMBER}\"]")), "another shape is expected, line 2 column 15");
        assert_eq!(not_read("[1"), "this is not JSON, line 1 column 2");
    }
}
