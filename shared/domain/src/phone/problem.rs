//! Why a text is not a number that can get an SMS. Pure.

/// Why a text is rejected; [`PhoneProblem::code`] is the reject reason in files and the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum PhoneProblem {
    /// Nothing but spaces, quotes and separators.
    #[error("no phone number")]
    Empty,
    /// Fewer digits than a number of its country has.
    #[error("too few digits for a phone number")]
    TooShort,
    /// More digits than a number of its country has.
    #[error("too many digits for a phone number")]
    TooLong,
    /// `3,36E+10`: a spreadsheet has dropped digits, which cannot be restored.
    #[error("a spreadsheet turned the number into scientific notation; its digits are lost")]
    ScientificNotation,
    /// A letter.
    #[error("a phone number has no letters")]
    Letters,
    /// A character that does not occur in numbers, or a `+` that is not at the beginning.
    #[error("a character that phone numbers are not written with")]
    UnexpectedCharacter,
    /// The country code is not assigned.
    #[error("unknown country code")]
    UnknownCountry,
    /// A French fixed line: 01 to 05, 09.
    #[error("a landline cannot get SMS")]
    Landline,
    /// A French special-rate number: 08.
    #[error("a special-rate number cannot get SMS")]
    Special,
    /// Not in a mobile range of its country.
    #[error("not in a mobile range of its country")]
    NotMobile,
}

impl PhoneProblem {
    /// Every problem, so that translations can be checked for completeness.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::TooShort,
        Self::TooLong,
        Self::ScientificNotation,
        Self::Letters,
        Self::UnexpectedCharacter,
        Self::UnknownCountry,
        Self::Landline,
        Self::Special,
        Self::NotMobile,
    ];

    /// Stable name for files, tables and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ScientificNotation => "scientific_notation",
            Self::Letters => "letters",
            Self::UnexpectedCharacter => "unexpected_character",
            Self::UnknownCountry => "unknown_country",
            Self::Landline => "landline",
            Self::Special => "special",
            Self::NotMobile => "not_mobile",
        }
    }
}
