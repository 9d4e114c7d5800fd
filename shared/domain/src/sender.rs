//! The name or number that a message is sent from. Pure.

use std::fmt;

/// Fewest characters of a sender.
pub const MIN_CHARS: usize = 3;
/// Most characters of a sender: eleven bytes of seven bits fill the address field (3GPP TS 23.040, 9.1.2.5).
pub const MAX_CHARS: usize = 11;

/// A valid sender: 3–11 of `A–Z a–z 0–9` with at least one letter, or a number that the platform's operator has set up.
/// Case is kept; carriers show it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sender(String);

/// Why a text is not a valid sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SenderProblem {
    /// Nothing but spaces.
    #[error("a sender is missing")]
    Empty,
    /// Fewer than [`MIN_CHARS`].
    #[error("a sender has at least {MIN_CHARS} characters")]
    TooShort,
    /// More than [`MAX_CHARS`].
    #[error("a sender has at most {MAX_CHARS} characters")]
    TooLong,
    /// Not a plain letter or digit; `at` counts characters from 0.
    #[error("`{character}` at character {at} cannot stand in a sender: letters without accents and digits only")]
    ForbiddenCharacter { character: char, at: usize },
    /// Digits only, and not set up by the operator of the platform.
    #[error("a sender of digits only must be set up by the operator of the platform")]
    NotRented,
}

impl SenderProblem {
    /// Stable name for the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ForbiddenCharacter { .. } => "forbidden_character",
            Self::NotRented => "not_rented",
        }
    }
}

impl Sender {
    /// Reads a sender; surrounding spaces are dropped. `rented` are the short codes and numbers, digits only, that the
    /// platform's operator has set up for the account.
    pub fn parse(raw: &str, rented: &[impl AsRef<str>]) -> Result<Self, SenderProblem> {
        let name = raw.trim();
        if rented.iter().any(|number| number.as_ref() == name && !name.is_empty()) {
            return Ok(Self(name.to_owned()));
        }
        let forbidden = |(_, character): &(usize, char)| !character.is_ascii_alphanumeric();
        if let Some((at, character)) = raw.trim_end().chars().enumerate().skip(leading(raw)).find(forbidden) {
            return Err(SenderProblem::ForbiddenCharacter { character, at });
        }
        match name.len() {
            0 => Err(SenderProblem::Empty),
            1..MIN_CHARS => Err(SenderProblem::TooShort),
            MIN_CHARS..=MAX_CHARS if name.bytes().all(|byte| byte.is_ascii_digit()) => Err(SenderProblem::NotRented),
            MIN_CHARS..=MAX_CHARS => Ok(Self(name.to_owned())),
            _ => Err(SenderProblem::TooLong),
        }
    }

    /// The sender as sent to carriers.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Leading spaces, in characters.
fn leading(raw: &str) -> usize {
    raw.chars().take_while(|character| character.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn letters_and_digits_with_at_least_one_letter_are_a_sender() {
        for name in ["ABC", "MABOUTIQUE", "Envol2026", "ABCDEFGHIJK", "0x0"] {
            assert_eq!(Sender::parse(name, &NONE).unwrap().as_str(), name);
        }
        assert_eq!(Sender::parse("  ENVOL ", &NONE).unwrap().to_string(), "ENVOL");
    }

    #[test]
    fn any_other_text_is_refused_with_its_reason() {
        let forbidden = |character, at| SenderProblem::ForbiddenCharacter { character, at };
        for (name, problem) in [
            ("", SenderProblem::Empty),
            ("   ", SenderProblem::Empty),
            ("AB", SenderProblem::TooShort),
            ("A", SenderProblem::TooShort),
            ("ABCDEFGHIJKL", SenderProblem::TooLong),
            ("Ma Boutique", forbidden(' ', 2)),
            ("Café", forbidden('é', 3)),
            (" A-B", forbidden('-', 2)),
            ("+33612345678", forbidden('+', 0)),
            ("36105", SenderProblem::NotRented),
            ("33612345678", SenderProblem::NotRented),
        ] {
            assert_eq!(Sender::parse(name, &NONE), Err(problem), "{name}");
        }
    }

    #[test]
    fn digits_are_a_sender_once_the_operator_has_set_them_up() {
        assert_eq!(Sender::parse("36105", &["36180", "36105"]).unwrap().as_str(), "36105");
        assert_eq!(Sender::parse("3610", &["36105"]), Err(SenderProblem::NotRented));
        assert_eq!(Sender::parse("", &[""]), Err(SenderProblem::Empty));
    }
}
