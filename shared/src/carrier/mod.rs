//! The SMS carriers: what takes our messages, and what calls back about them. Knows the domain and HTTP; no table,
//! no queue, no clock.
//!
//! - [`Carrier`] – hands messages over, whichever carrier it is;
//! - `http` – the documented JSON protocol, which the sandbox speaks too;
//! - `callback` – receipts and replies as they come in, signed by `domain::signature`.
//!
//! A second protocol is a second module and a second variant; nobody outside asks which one it is.

pub mod callback;
mod http;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use crate::cause::NotRead;
use crate::domain::message_id::MessageId;
use crate::domain::outcome::Reason;
use crate::domain::phone::PhoneNumber;
use crate::domain::segments::Encoding;

pub use http::{Http, HttpSettings, SettingsFault, WINDOW_DEFAULT};

/// One message on its way to a carrier.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// Always the same for the same message: a carrier that takes an id once makes a repeat harmless.
    pub id: MessageId,
    pub from: &'a str,
    pub to: PhoneNumber,
    pub text: Cow<'a, str>,
    pub encoding: Encoding,
    pub segments: u32,
}

/// What the carrier said of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// Refused for good.
    Rejected {
        reason: Reason,
    },
    /// Certainly not taken; may be handed over again, later.
    Throttled,
    /// Perhaps taken. A carrier that deduplicates may get it again, another must not.
    Unknown,
}

/// What came of handing messages over.
#[derive(Debug)]
pub struct SubmitReport {
    /// One a message, in their order, whatever happened.
    pub answers: Vec<Answer>,
    /// What went wrong with the call as a whole; then all answers are the same.
    pub trouble: Option<Trouble>,
}

/// Why a call as a whole went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("the carrier cannot be reached")]
    NotReached(#[source] reqwest::Error),
    #[error("the carrier asks us to come back later")]
    Throttled { retry_after: Option<Duration> },
    #[error("the carrier refuses the call with {status}")]
    Refused { status: u16 },
    #[error("the messages cannot be written")]
    Unwritable(#[source] serde_json::Error),
    #[error("the carrier's answer did not come")]
    Lost(#[source] reqwest::Error),
    #[error("the carrier failed with {status}")]
    Failed { status: u16 },
    #[error("the carrier's answer cannot be read")]
    Unreadable(#[source] NotRead),
    #[error("the carrier's answer is longer than {limit} octets")]
    TooLong { limit: usize },
}

impl Trouble {
    /// The answer that it means for each message of the call.
    pub fn answer(&self) -> Answer {
        match self {
            Self::NotReached(_) | Self::Throttled { .. } | Self::Refused { .. } | Self::Unwritable(_) => {
                Answer::Throttled
            }
            Self::Lost(_) | Self::Failed { .. } | Self::Unreadable(_) | Self::TooLong { .. } => Answer::Unknown,
        }
    }

    /// Being asked to wait is business as usual; everything else, again and again, is a reason to pause.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Throttled { .. })
    }

    /// How long the carrier wants to be left alone, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } => *retry_after,
            _ => None,
        }
    }
}

/// Who takes our messages.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// The built-in one of the local cloud.
    Sandbox(Http),
    /// Anybody who speaks the documented protocol.
    Http(Http),
}

impl Carrier {
    /// Its name in configuration and in the path of its callbacks.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sandbox(_) => "sandbox",
            Self::Http(_) => "http",
        }
    }

    /// The carrier of that name, talking to `settings`.
    pub fn from_name(name: &str, settings: HttpSettings) -> Result<Self, SettingsFault> {
        match name {
            // The sandbox takes an id once, whatever the settings say.
            "sandbox" => Http::new(HttpSettings { deduplicates: true, ..settings }).map(Self::Sandbox),
            "http" => Http::new(settings).map(Self::Http),
            _ => Err(SettingsFault::UnknownCarrier),
        }
    }

    /// Whether it takes the same message id once only, so that a message may be handed over again after a crash.
    pub fn deduplicates(&self) -> bool {
        match self {
            Self::Sandbox(http) | Self::Http(http) => http.deduplicates(),
        }
    }

    /// Most messages of one call; also how many may be in doubt at once.
    pub fn window(&self) -> usize {
        match self {
            Self::Sandbox(http) | Self::Http(http) => http.window(),
        }
    }

    /// Hands over at most [`Carrier::window`] messages, whose ids differ.
    pub async fn submit(&self, messages: &[Submission<'_>]) -> SubmitReport {
        debug_assert!(messages.len() <= self.window(), "more messages than the carrier takes at once");
        let submitted = match self {
            Self::Sandbox(http) | Self::Http(http) => http.submit(messages).await,
        };
        match submitted {
            Ok(answers) => SubmitReport { answers, trouble: None },
            Err(trouble) => SubmitReport { answers: vec![trouble.answer(); messages.len()], trouble: Some(trouble) },
        }
    }
}
