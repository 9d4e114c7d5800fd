//! Users of the console. An account that has an owner keeps one; who gets a new password is signed out everywhere.

use aws::store::{self, AccountStore};
use domain::account::{Role, User};
use domain::email;
use domain::ids::UserId;
use support::random;

use super::{Error, Refusal, USERS_MAX};
use crate::password;

/// Somebody to let in.
pub struct NewUser<'a> {
    pub email: &'a str,
    pub role: Role,
    pub password: &'a str,
}

impl NewUser<'_> {
    /// Everything that is wrong with it by itself.
    pub fn problems(&self) -> Vec<Refusal> {
        let email = email::parse(self.email).is_none().then_some(Refusal::NotAnEmail);
        email.into_iter().chain(problem_of(self.password)).collect()
    }
}

/// What becomes of a user; what is `None` stays.
#[derive(Default)]
pub struct UserChanges<'a> {
    pub role: Option<Role>,
    pub password: Option<&'a str>,
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
        Ok(()) => Ok(User { version: 1, ..user }),
        Err(store::Error::Conflict { .. }) => Err(Refusal::EmailTaken.into()),
        Err(error) => Err(error.into()),
    }
}

/// Changes a user that is still as it was read. An owner becomes something else only as long as another one stays;
/// another password ends the user's sessions.
pub async fn change_user(store: &AccountStore, user: User, changes: UserChanges<'_>) -> Result<User, Error> {
    let (id, is_new_password) = (user.id.clone(), changes.password.is_some());
    let password_hash = match changes.password {
        Some(text) => hash(text).await?,
        None => user.password_hash.clone(),
    };
    let changed = User { role: changes.role.unwrap_or(user.role), password_hash, ..user.clone() };
    match changed.role {
        Role::Owner => store.put_user(&changed).await?,
        Role::Editor | Role::Viewer => match other_owner(store, &user).await? {
            Some(other) => store.put_user_beside(&changed, &other).await?,
            None => store.put_user(&changed).await?,
        },
    }
    if is_new_password {
        store.end_sessions_of(&id).await?;
    }
    Ok(User { version: user.version + 1, ..changed })
}

/// Removes a user that is still as it was read, and ends their sessions. An owner goes only as long as another one
/// stays.
pub async fn remove_user(store: &AccountStore, user: &User) -> Result<(), Error> {
    let other = other_owner(store, user).await?;
    store.delete_user(user, other.as_ref()).await?;
    Ok(store.end_sessions_of(&user.id).await?)
}

/// The owner who must stay one when this owner goes; none beside somebody who is no owner.
async fn other_owner(store: &AccountStore, user: &User) -> Result<Option<User>, Error> {
    let is_other = |other: &User| other.role == Role::Owner && other.id != user.id;
    match user.role {
        Role::Owner => Ok(Some(store.users().await?.into_iter().find(is_other).ok_or(Refusal::LastOwner)?)),
        Role::Editor | Role::Viewer => Ok(None),
    }
}

/// What is wrong with a password by itself.
pub fn problem_of(text: &str) -> Option<Refusal> {
    (!password::CHARACTERS.contains(&text.chars().count())).then_some(Refusal::PasswordLength)
}

async fn hash(text: &str) -> Result<String, Error> {
    match problem_of(text) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(password::hash_aside(text).await?),
    }
}
