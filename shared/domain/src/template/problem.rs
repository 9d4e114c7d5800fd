//! Errors in a text, and their position. Pure.

use super::{MAX_FALLBACK_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_VARIABLES};

/// An error and its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{fault}, at character {at}")]
pub struct TemplateProblem {
    /// The error.
    pub fault: TemplateError,
    /// Its position in characters from the beginning of the text, from 0; for a variable that of its first brace.
    pub at: usize,
}

/// The kinds of errors in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` is never closed")]
    Unclosed,
    /// `}}` without `{{`.
    #[error("`}}}}` closes nothing")]
    Unopened,
    /// `{{}}`, `{{|cher client}}`.
    #[error("a variable without a name")]
    EmptyName,
    /// A brace or a line end between `{{` and `}}`.
    #[error("a brace or a line end inside a variable")]
    ForbiddenInVariable,
    /// More than [`MAX_NAME_CHARS`].
    #[error("a variable's name has more than {MAX_NAME_CHARS} characters")]
    NameTooLong,
    /// More than [`MAX_FALLBACK_CHARS`].
    #[error("a fallback has more than {MAX_FALLBACK_CHARS} characters")]
    FallbackTooLong,
    /// More than [`MAX_VARIABLES`].
    #[error("more than {MAX_VARIABLES} different variables")]
    TooManyVariables,
    /// More than [`MAX_TEXT_CHARS`].
    #[error("more than {MAX_TEXT_CHARS} characters")]
    TextTooLong,
    /// A control character other than a line end or a tab.
    #[error("a control character")]
    ControlCharacter,
}

impl TemplateError {
    /// Every kind, so that tests can check that all are translated.
    pub const ALL: [Self; 9] = [
        Self::Unclosed,
        Self::Unopened,
        Self::EmptyName,
        Self::ForbiddenInVariable,
        Self::NameTooLong,
        Self::FallbackTooLong,
        Self::TooManyVariables,
        Self::TextTooLong,
        Self::ControlCharacter,
    ];

    /// Stable name for the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unclosed => "unclosed_variable",
            Self::Unopened => "unopened_variable",
            Self::EmptyName => "empty_name",
            Self::ForbiddenInVariable => "forbidden_in_variable",
            Self::NameTooLong => "name_too_long",
            Self::FallbackTooLong => "fallback_too_long",
            Self::TooManyVariables => "too_many_variables",
            Self::TextTooLong => "text_too_long",
            Self::ControlCharacter => "control_character",
        }
    }
}
