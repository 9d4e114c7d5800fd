//! What went wrong, and how a page says it.

use std::sync::Arc;

use app::{Error, audience};
use aws::{files, store};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::words::{self, Word};

#[derive(Debug, Clone, thiserror::Error)]
pub enum PageError {
    /// Unknown, or belongs to another account.
    #[error("not found")]
    NotFound,
    /// The role does not allow it.
    #[error("forbidden")]
    Forbidden,
    /// A form that was not sent from our own pages.
    #[error("a form from another site")]
    ForeignForm,
    /// Changed by another request; the page shows the present state.
    #[error("changed meanwhile")]
    Conflict,
    /// The status does not allow the command.
    #[error("refused: {0}")]
    Refused(domain::campaign::InvalidTransition),
    /// It is on another page now.
    #[error("elsewhere: {0}")]
    Elsewhere(String),
    #[error("a page panicked")]
    Panic,
    #[error("the console failed")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden(_) | Error::CannotGive(_) => Self::Forbidden,
            Error::NotFound { .. } => Self::NotFound,
            Error::Refused(error) => Self::Refused(error),
            Error::Stale { .. }
            | Error::NotADraft
            | Error::StillSending
            | Error::HandedOver
            | Error::NothingToRetry
            | Error::ListInUse { .. }
            | Error::ListNotReady
            | Error::NotAgain(_)
            | Error::Store(store::Error::Conflict { .. }) => Self::Conflict,
            // Pages show these beside their fields; here they are internal errors.
            Error::Blocked { .. }
            | Error::Draft(_)
            | Error::Excluded { .. }
            | Error::Settings(_)
            | Error::Template(_)
            | Error::Access(_)
            | Error::Webhook(_)
            | Error::Hash(_)
            | Error::Audience(_)
            | Error::Files(_)
            | Error::Store(_) => Self::Internal(Arc::new(error)),
        }
    }
}

macro_rules! from_parts {
    ($($part:ty),*) => {$(
        impl From<$part> for PageError {
            fn from(error: $part) -> Self {
                Error::from(error).into()
            }
        }
    )*};
}
from_parts!(store::Error, files::Error, audience::Error);

impl PageError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Elsewhere(_) => StatusCode::SEE_OTHER,
            Self::Forbidden | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Conflict | Self::Refused(_) => StatusCode::CONFLICT,
            Self::Panic | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it is called, and what to do.
    pub fn words(&self) -> (Word, Word) {
        match self {
            Self::NotFound | Self::Elsewhere(_) => (words::common::NOT_FOUND, words::common::NOT_FOUND_HELP),
            Self::Forbidden => (words::common::FORBIDDEN, words::common::FORBIDDEN_HELP),
            Self::ForeignForm => (words::common::STRANGE, words::common::STRANGE_HELP),
            Self::Conflict => (words::common::CONFLICT, words::common::CONFLICT_HELP),
            Self::Refused(_) => (words::common::REFUSED, words::common::REFUSED_HELP),
            Self::Panic | Self::Internal(_) => (words::common::FAILED, words::common::FAILED_HELP),
        }
    }
}

/// `gate::pass` turns this into the page, since only it knows who is there.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
