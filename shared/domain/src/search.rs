//! Searches by a part of a name, ignoring case, accents and surrounding blanks. Every listing searches this way.

use super::letters;

/// The part of a name that is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePart(String);

impl NamePart {
    pub fn new(text: &str) -> Self {
        Self(letters::fold(text.trim()))
    }

    /// Whether a name contains it; a blank part matches every name.
    pub fn is_in(&self, name: &str) -> bool {
        letters::fold(name).contains(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_blanks_around_do_not_matter() {
        for (part, name, found) in [
            (" ÉTÉ ", "Soldes d’été", true),
            ("ete", "Été 2026", true),
            ("œuvre", "OEUVRES", true),
            ("d'ete", "Soldes d'été", true),
            ("soldes-2026", "Soldes 2026", false),
            ("", "Été", true),
            ("hiver", "Été", false),
        ] {
            assert_eq!(NamePart::new(part).is_in(name), found, "{part:?} in {name:?}");
        }
    }
}
