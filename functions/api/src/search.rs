//! Finding things by name.

use domain::letters;

/// A name as it is searched: without case and accents.
pub fn folded(name: &str) -> String {
    letters::fold(name.trim())
}
