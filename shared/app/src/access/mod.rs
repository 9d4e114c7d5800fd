//! Who may come in to an account: users with their passwords, API keys with their scopes.
//!
//! Joins `store` and `runtime` like `planning` does, so that a door has no rule of its own. Nothing here speaks HTTP or a
//! language, and the audit log is the doors' too: they know who asks, and from where.

mod keys;
mod users;

pub use keys::{NewKey, create_key, revoke_key};
pub use users::{NewUser, UserChanges, change_user, create_user, problem_of, remove_user};

use aws::store;

/// Users of one account at most.
pub const USERS_MAX: usize = 200;

/// Why somebody, or a key, is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not an e-mail address")]
    NotAnEmail,
    /// By a user of whatever account.
    #[error("this e-mail address is taken")]
    EmailTaken,
    #[error(
        "a password has {} to {} characters",
        crate::password::CHARACTERS.start(),
        crate::password::CHARACTERS.end()
    )]
    PasswordLength,
    #[error("an account has at most {USERS_MAX} users")]
    TooManyUsers,
    #[error("an account keeps at least one owner")]
    LastOwner,
    #[error("a key has a name of 1 to {} characters", domain::campaign::NAME_CHARACTERS_MAX)]
    KeyName,
    #[error("a key has at least one scope")]
    NoScope,
    #[error("an account has at most {} keys", store::KEYS_MAX)]
    TooManyKeys,
    #[error("there is no such key")]
    NoKey,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the password cannot be hashed")]
    Hash(#[from] crate::password::HashError),
    #[error(transparent)]
    Store(#[from] store::Error),
}
