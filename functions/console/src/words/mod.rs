//! Every word of the console, French first, English second. A word without its translation does not compile.

use web::Language;

pub mod account;
pub mod campaigns;
pub mod common;
pub mod contacts;
pub mod draft;
pub mod erasure;
pub mod guide;
pub mod replies;
pub mod statistics;
pub mod templates;
pub mod webhooks;

/// A word or sentence in both languages; `{}` takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub fr: &'static str,
    pub en: &'static str,
}

impl Word {
    pub const fn of(self, language: Language) -> &'static str {
        match language {
            Language::French => self.fr,
            Language::English => self.en,
        }
    }

    /// The sentence with its places filled in order.
    pub fn with<T: AsRef<str>>(self, language: Language, values: &[T]) -> String {
        let mut pieces = self.of(language).split("{}");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for (index, piece) in pieces.enumerate() {
            text.push_str(values.get(index).map_or("", AsRef::as_ref));
            text.push_str(piece);
        }
        text
    }
}

/// A page of the dictionary: constants, and the list of them all for the tests.
macro_rules! words {
    ($($name:ident: $fr:literal, $en:literal;)*) => {
        $(pub const $name: crate::words::Word = crate::words::Word { fr: $fr, en: $en };)*
        #[cfg(test)]
        pub const ALL: &[(&str, crate::words::Word)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = (&'static str, Word)> {
        [
            account::ALL,
            campaigns::ALL,
            common::ALL,
            contacts::ALL,
            draft::ALL,
            erasure::ALL,
            guide::ALL,
            templates::ALL,
            replies::ALL,
            statistics::ALL,
            webhooks::ALL,
        ]
        .concat()
        .into_iter()
    }

    #[test]
    fn every_word_stands_in_both_languages_with_the_same_places() {
        for (name, word) in all() {
            assert!(!word.fr.trim().is_empty() && !word.en.trim().is_empty(), "{name}");
            assert_eq!(word.fr.matches("{}").count(), word.en.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn french_is_typeset_as_french() {
        for (name, Word { fr, .. }) in all() {
            for mark in [" :", " ;", " !", " ?", " »", "« "] {
                assert!(!fr.contains(mark), "{name}: a no-break space belongs beside {mark:?} in {fr:?}");
            }
            assert!(!fr.contains('\''), "{name}: a typographic apostrophe in {fr:?}");
        }
    }

    #[test]
    fn every_reason_of_the_domain_has_its_words() {
        use domain::outcome::Reason;
        use domain::phone::PhoneProblem;
        for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::None) {
            assert!(statistics::reason(reason.code()).is_some(), "{}", reason.code());
        }
        for problem in PhoneProblem::ALL {
            assert_ne!(contacts::reason(problem.code()), contacts::R_OTHER, "{}", problem.code());
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        let word = Word { fr: "{} sur {}", en: "{} of {}" };
        assert_eq!(word.with(Language::French, &["1", "2"]), "1 sur 2");
        assert_eq!(word.with(Language::English, &["1"]), "1 of ");
    }
}
