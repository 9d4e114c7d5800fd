//! Variable syntax of other products, which is sent unchanged: `{prenom}`, `[prenom]`, `%prenom%`.

use super::{MAX_NAME_CHARS, Piece, Template};

const MARKS: [(char, char); 3] = [('{', '}'), ('[', ']'), ('%', '%')];

impl Template {
    /// Every text that looks like another product's variable, with its marks. The caller checks whether the name
    /// exists.
    pub fn lookalikes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for piece in &self.pieces {
            if let Piece::Text(text) = piece {
                for marks in MARKS {
                    look(text, marks, &mut found);
                }
            }
        }
        found
    }
}

fn look<'t>(text: &'t str, (open, close): (char, char), found: &mut Vec<&'t str>) {
    for (begin, _) in text.match_indices(open) {
        let inner = &text[begin + open.len_utf8()..];
        let Some((name, _)) = inner.split_once(close) else { return };
        if !name.is_empty() && !name.contains(open) && name.chars().count() <= MAX_NAME_CHARS {
            found.push(&text[begin..begin + open.len_utf8() + name.len() + close.len_utf8()]);
        }
    }
}
