//! The SMS carriers: handing messages over, and reading their callbacks. Depends on the domain and HTTP; no table, no
//! queue, no clock.
//!
//! - [`Carrier`] – hands messages over, for every kind of carrier;
//! - `http` – the JSON protocol of `PROTOCOL.md`, which the sandbox speaks too;
//! - `callback` – receipts and replies, signed as in `domain::signature`.
//!
//! A second protocol is a second module and a second variant; other crates do not depend on which one it is.

pub mod callback;
mod http;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use domain::flow::{Call, Contract};
use domain::message_id::MessageId;
use domain::phone::PhoneNumber;
use domain::segments::Encoding;
use support::cause::NotRead;

pub use domain::hand_over::Answer;
pub use http::{Http, HttpSettings, SettingsError, WINDOW_DEFAULT};

/// One message to hand over.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// Always the same for one message: a carrier that accepts an id only once makes a repeat harmless.
    pub id: MessageId,
    pub from: &'a str,
    pub to: PhoneNumber,
    pub text: Cow<'a, str>,
    pub encoding: Encoding,
    pub segments: u32,
}

/// The result of handing messages over.
#[derive(Debug)]
pub struct SubmitReport {
    /// One answer per message, in order, whatever happened.
    pub answers: Vec<Answer>,
    /// The error of the whole call, if any; then all answers are equal.
    pub error: Option<CallError>,
}

impl SubmitReport {
    /// What the call means for the carrier's flow.
    pub fn call(&self) -> Option<Call> {
        let count = |wanted: fn(&Answer) -> bool| self.answers.iter().filter(|answer| wanted(answer)).count();
        let messages = |count| u32::try_from(count).unwrap_or(u32::MAX);
        match &self.error {
            Some(error) => error.call(messages(self.answers.len())),
            None => Some(Call::Answered {
                accepted: messages(count(|answer| !matches!(answer, Answer::Throttled))),
                throttled: messages(count(|answer| matches!(answer, Answer::Throttled))),
            }),
        }
    }
}

/// Why a whole call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
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
    #[error("the carrier's answer is longer than {limit} bytes")]
    TooLong { limit: usize },
}

impl CallError {
    /// The answer that it means for each message of the call.
    pub fn answer(&self) -> Answer {
        match self {
            Self::NotReached(_) | Self::Throttled { .. } | Self::Refused { .. } | Self::Unwritable(_) => {
                Answer::Throttled
            }
            Self::Lost(_) | Self::Failed { .. } | Self::Unreadable(_) | Self::TooLong { .. } => Answer::Unknown,
        }
    }

    /// Whether the carrier rejects the messages of the call (one of them, or their number), not the caller.
    pub fn is_about_messages(&self) -> bool {
        match self {
            // 400 Bad Request, 413 Content Too Large, 422 Unprocessable Content.
            Self::Refused { status } => matches!(status, 400 | 413 | 422),
            Self::Unwritable(_) => true,
            Self::NotReached(_)
            | Self::Throttled { .. }
            | Self::Lost(_)
            | Self::Failed { .. }
            | Self::Unreadable(_)
            | Self::TooLong { .. } => false,
        }
    }

    /// What it means for the carrier's flow; `None` if one of several messages may be the cause.
    pub fn call(&self, messages: u32) -> Option<Call> {
        Some(match self {
            Self::Throttled { retry_after } => {
                let seconds = retry_after.map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                Call::Throttled { messages, retry_after_seconds: seconds }
            }
            one if one.is_about_messages() && messages > 1 => return None,
            one if one.is_about_messages() => Call::Refused,
            Self::NotReached(_)
            | Self::Refused { .. }
            | Self::Unwritable(_)
            | Self::Lost(_)
            | Self::Failed { .. }
            | Self::Unreadable(_)
            | Self::TooLong { .. } => Call::Failed,
        })
    }
}

/// The configured carrier.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// The built-in carrier of the local cloud.
    Sandbox(Http),
    /// Any carrier that speaks the protocol of `PROTOCOL.md`.
    Http(Http),
}

impl Carrier {
    /// Whether its messages reach no real phone.
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Self::Sandbox(_))
    }

    /// Its name in configuration and in the path of its callbacks.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sandbox(_) => "sandbox",
            Self::Http(_) => "http",
        }
    }

    /// The carrier of that name, with these settings.
    pub fn from_name(name: &str, settings: HttpSettings) -> Result<Self, SettingsError> {
        match name {
            // The sandbox deduplicates, whatever the settings say.
            "sandbox" => Http::new(HttpSettings { deduplicates: true, ..settings }).map(Self::Sandbox),
            "http" => Http::new(settings).map(Self::Http),
            _ => Err(SettingsError::UnknownCarrier),
        }
    }

    /// Whether it accepts each message id only once and repeats its first answer, so that a message may be handed over
    /// again after a crash, and the answer is true.
    pub fn deduplicates(&self) -> bool {
        match self {
            Self::Sandbox(http) | Self::Http(http) => http.deduplicates(),
        }
    }

    /// Most messages per call; also how many may be in doubt at once.
    pub fn window(&self) -> usize {
        match self {
            Self::Sandbox(http) | Self::Http(http) => http.window(),
        }
    }

    /// The limits of its contract.
    pub fn contract(&self) -> Contract {
        match self {
            Self::Sandbox(http) | Self::Http(http) => http.contract(),
        }
    }

    /// Hands over at most [`Carrier::window`] messages with distinct ids.
    pub async fn submit(&self, messages: &[Submission<'_>]) -> SubmitReport {
        debug_assert!(messages.len() <= self.window(), "more messages than the carrier takes at once");
        let submitted = match self {
            Self::Sandbox(http) | Self::Http(http) => http.submit(messages).await,
        };
        match submitted {
            Ok(answers) => SubmitReport { answers, error: None },
            Err(error) => SubmitReport { answers: vec![error.answer(); messages.len()], error: Some(error) },
        }
    }
}
