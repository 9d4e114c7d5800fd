//! Users of the console. An account that has an owner keeps one; who gets a new password is signed out everywhere.

use super::{Error, Refusal, USERS_MAX};
use crate::domain::account::{Role, User};
use crate::domain::email;
use crate::domain::ids::UserId;
use crate::runtime::{password, random};
use crate::store::{self, AccountStore};

/// Somebody to let in.
pub struct NewUser<'a> {
    pub email: &'a str,
    pub role: Role,
    pub password: &'a str,
}

/// Makes a user.
pub async fn create_user(store: &AccountStore, wanted: NewUser<'_>, now: jiff::Timestamp) -> Result<User, Error> {
    let email = email::parse(wanted.email).ok_or(Refusal::NotAnEmail)?;
    if store.users().await?.len() >= USERS_MAX {
        return Err(Refusal::TooManyUsers.into());
    }
    let password_hash = hash(wanted.password).await?;
    let id = UserId::new(now, random::octets());
    let user = User { id, email, password_hash, role: wanted.role, created_at: now, version: 0 };
    match store.put_new_user(&user).await {
        Ok(()) => Ok(user),
        Err(store::Error::Conflict { .. }) => Err(Refusal::EmailTaken.into()),
        Err(error) => Err(error.into()),
    }
}

/// Gives a user another password, and ends their sessions.
pub async fn set_password(store: &AccountStore, id: &UserId, password: &str) -> Result<User, Error> {
    let user = store.user(id).await?.ok_or(Refusal::NoUser)?;
    let user = User { password_hash: hash(password).await?, ..user };
    store.put_user(&user).await?;
    store.end_sessions_of(id).await?;
    Ok(user)
}

/// Removes a user and ends their sessions. An owner goes only as long as another one stays.
pub async fn remove_user(store: &AccountStore, id: &UserId) -> Result<User, Error> {
    let user = store.user(id).await?.ok_or(Refusal::NoUser)?;
    let is_other_owner = |other: &User| other.role == Role::Owner && other.id != *id;
    let other = match user.role {
        Role::Owner => Some(store.users().await?.into_iter().find(is_other_owner).ok_or(Refusal::LastOwner)?),
        Role::Editor | Role::Viewer => None,
    };
    store.delete_user(&user, other.as_ref()).await?;
    store.end_sessions_of(id).await?;
    Ok(user)
}

async fn hash(text: &str) -> Result<String, Error> {
    if !password::CHARACTERS.contains(&text.chars().count()) {
        return Err(Refusal::PasswordLength.into());
    }
    Ok(password::hash_aside(text).await?)
}
