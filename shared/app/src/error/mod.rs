//! Why a use case was not carried out. The API and the console have the words.

mod refusals;

use aws::store::{IsConflict, KEYS_MAX};
use aws::{files, store};
use domain::account::Scope;
use domain::campaign::{InvalidTransition, Settings};
use domain::ids::CampaignId;
use domain::phone::PhoneNumber;
use domain::settings::SettingsProblem;

use crate::use_case::UseCase;
use crate::{audience, password};

pub use refusals::{Blocker, DraftProblem, LinkKind, NotAgain, TemplateError, UrlError, UrlField, WebhookError};

/// Users of one account at most.
pub const USERS_MAX: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The actor may not do this.
    #[error("{0:?} is not allowed")]
    Forbidden(UseCase),
    /// The actor would give a scope that they lack.
    #[error("the scope {} cannot be given by who lacks it", .0.code())]
    CannotGive(Scope),
    #[error("{what} not found")]
    NotFound { what: &'static str },
    /// It is at another version than the actor expected.
    #[error("{what} is at another version")]
    Stale { what: &'static str },
    /// A command that the campaign's status does not allow.
    #[error(transparent)]
    Refused(#[from] InvalidTransition),
    /// Only a draft can be changed.
    #[error("the campaign is not a draft")]
    NotADraft,
    #[error("campaign {campaign} has {} blockers", blockers.len())]
    Blocked { campaign: CampaignId, settings: Box<Settings>, blockers: Vec<Blocker> },
    #[error("the settings of the draft have {} faults", .0.len())]
    Draft(Vec<DraftProblem>),
    /// A test of marketing to numbers that must not get any.
    #[error("{} numbers are excluded", phones.len())]
    Excluded { phones: Vec<PhoneNumber> },
    #[error("the campaign is still being sent")]
    StillSending,
    /// Nothing is left that a pace could govern.
    #[error("everything is handed over already")]
    HandedOver,
    /// No failure of the campaign was temporary.
    #[error("nothing to retry")]
    NothingToRetry,
    /// A campaign that is not finished uses the list.
    #[error("the campaign “{campaign}” uses the list")]
    ListInUse { campaign: String },
    #[error("only a list that is ready can be disabled")]
    ListNotReady,
    #[error(transparent)]
    NotAgain(#[from] NotAgain),
    #[error("the settings of the account have {} faults", .0.len())]
    Settings(Vec<SettingsProblem>),
    #[error("the template has {} faults", .0.len())]
    Template(Vec<TemplateError>),
    #[error(transparent)]
    Access(#[from] AccessDenied),
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    #[error("the password cannot be hashed")]
    Hash(#[from] password::HashError),
    #[error(transparent)]
    Audience(#[from] audience::Error),
    #[error(transparent)]
    Files(#[from] files::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl IsConflict for Error {
    /// Functions write to the same items, so a lost race is no reason to give up: what stands then decides whether the
    /// change is still allowed.
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

/// Why a user or an API key is not made, changed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    #[error("not an e-mail address")]
    NotAnEmail,
    /// By a user of whatever account.
    #[error("this e-mail address is taken")]
    EmailTaken,
    #[error("a password has {} to {} characters", password::CHARACTERS.start(), password::CHARACTERS.end())]
    PasswordLength,
    #[error("the password is not the present one")]
    WrongPassword,
    #[error("an account has at most {USERS_MAX} users")]
    TooManyUsers,
    #[error("an account keeps at least one owner")]
    LastOwner,
    #[error("a key has a name of 1 to {} characters", domain::campaign::NAME_CHARACTERS_MAX)]
    KeyName,
    #[error("a key has at least one scope")]
    NoScope,
    #[error("an account has at most {KEYS_MAX} keys")]
    TooManyKeys,
}
