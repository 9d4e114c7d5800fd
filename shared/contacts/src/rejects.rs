//! Collects rejected rows as the sheet that users open: line, column, value, reason.

use std::collections::BTreeMap;

use super::excel::Sheet;

/// Characters of a rejected value in the sheet: enough to find the row.
const MAX_VALUE_CHARACTERS: usize = 200;

/// Rows that Excel opens, including the header. Further rejects are counted but not shown.
const MAX_SHEET_ROWS: u64 = 1_048_576;

pub struct Rejects {
    sheet: Sheet,
    count: u64,
    /// Only a few reasons, so a linear search is faster than hashing.
    by_reason: Vec<(&'static str, u64)>,
}

impl Rejects {
    pub fn new() -> Self {
        Self { sheet: Sheet::new(["line", "column", "value", "reason"]), count: 0, by_reason: Vec::new() }
    }

    /// `line` is the physical line in the user's file where the row begins, from 1. `column` is the name of the invalid
    /// cell's column, empty if the whole row is unreadable.
    pub fn push(&mut self, line: u64, column: &str, value: &[u8], reason: &'static str) {
        match self.by_reason.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.by_reason.push((reason, 1)),
        }
        self.count += 1;
        if self.count >= MAX_SHEET_ROWS {
            return;
        }
        let most_bytes = value.len().min(4 * MAX_VALUE_CHARACTERS);
        let value = String::from_utf8_lossy(&value[..most_bytes]);
        let end = value.char_indices().nth(MAX_VALUE_CHARACTERS).map_or(value.len(), |(end, _)| end);
        let value = value[..end].replace('\0', "\u{FFFD}");
        self.sheet.row([line.to_string().as_str(), column, &value, reason]);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sheet, and the count of each reason.
    pub fn finish(self) -> (Vec<u8>, BTreeMap<String, u64>) {
        let by_reason = self.by_reason.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
        (self.sheet.into_bytes(), by_reason)
    }
}
