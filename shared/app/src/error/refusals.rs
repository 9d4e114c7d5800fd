//! What each kind of use case refuses. The types stand below all use cases, which show them again as their own.

use domain::ids::ListId;
use domain::local_time::LocalTimeProblem;
use domain::sender::SenderProblem;
use domain::template::TemplateProblem;
use domain::webhook::{DESCRIPTION_CHARACTERS_MAX, WEBHOOKS_MAX};

/// Why a campaign cannot be validated yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    NoName,
    NameTooLong,
    NoLists,
    /// Gone, disabled, failed, or its import is not done.
    ListNotReady {
        list: ListId,
        name: Option<String>,
    },
    NoRecipients,
    NoText,
    Text(TemplateProblem),
    /// The text fits, but not together with the STOP mention.
    StopDoesNotFit {
        /// Characters that it must be shorter by.
        excess: usize,
    },
    Sender(SenderProblem),
    /// Marketing without the STOP mention.
    NoStop,
    /// A variable without a fallback that no chosen list has a column for and that no link is called.
    UnknownVariable {
        name: String,
    },
    /// Some messages are longer than can be sent.
    TooLong {
        messages: u32,
    },
    /// The account wants a proof of every message, and none of this one was finished.
    NoProof,
    Time(LocalTimeProblem),
    TimePast,
    Pace,
    NotEnoughCredits {
        needed: u64,
        balance: u64,
    },
}

/// A fault of a draft's settings; an index counts from 0, in the order of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftProblem {
    /// The campaign whose settings were to be copied.
    NoSuchCampaign,
    NoSuchTemplate,
    NoSuchList(usize),
    DisabledList(usize),
    NoSuchImage(usize),
    ImageNotUploaded(usize),
    /// The name cannot stand between braces in a text.
    LinkName(LinkKind, usize),
    RepeatedName(LinkKind, usize),
    BadUrl(UrlField, usize),
    /// A link that never expires needs no fallback.
    FallbackWithoutExpiry(usize),
    Time(LocalTimeProblem),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    Short,
    Image,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlField {
    Url,
    FallbackUrl,
}

/// Why an upload is not read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    /// Its numbers would not be excluded meanwhile.
    #[error("exclusions are imported anew instead")]
    Exclusions,
    #[error("the list is being imported")]
    Importing,
    #[error("the uploaded file is no longer kept")]
    UploadGone,
}

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateError {
    /// Its length.
    Name,
    Sender(SenderProblem),
    NoText,
    Text(TemplateProblem),
}

/// Why a command on a webhook was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("a description is one line of at most {DESCRIPTION_CHARACTERS_MAX} characters")]
    Description,
    #[error("a webhook is called for at least one kind of event")]
    NoEvents,
    #[error("an account has {WEBHOOKS_MAX} webhooks at most")]
    TooMany,
    #[error("too many secrets of the last day still sign")]
    RotatedTooOften,
    #[error("the webhook is disabled")]
    Disabled,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address of the endpoint cannot be used: {}", self.code())]
pub enum UrlError {
    NotAUrl,
    TooLong,
    NotHttps,
    /// A user or a password stands in it.
    Credentials,
    /// It leads into a network that is not public.
    Private,
}

impl UrlError {
    pub const ALL: [Self; 5] = [Self::NotAUrl, Self::TooLong, Self::NotHttps, Self::Credentials, Self::Private];

    /// The word of the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAUrl => "not_a_url",
            Self::TooLong => "too_long",
            Self::NotHttps => "not_https",
            Self::Credentials => "credentials",
            Self::Private => "private_address",
        }
    }
}
