//! Users of the console. An account that has an owner keeps one; a new password ends the user's sessions.

use aws::store;
use domain::account::{Role, User};
use domain::email;
use domain::ids::UserId;
use support::random;

use crate::context::{Context, Expected, Permit};
use crate::error::{AccessDenied, Error};

pub use crate::error::USERS_MAX;
use crate::password;
use crate::use_case::UseCase;

/// A new user.
pub struct NewUser<'a> {
    pub email: &'a str,
    pub role: Role,
    pub password: &'a str,
}

impl NewUser<'_> {
    /// All problems of it alone.
    pub fn problems(&self) -> Vec<AccessDenied> {
        let email = email::parse(self.email).is_none().then_some(AccessDenied::NotAnEmail);
        email.into_iter().chain(password_problem(self.password)).collect()
    }
}

/// Changes of a user; `None` leaves a field unchanged.
#[derive(Debug, Default, Clone, Copy)]
pub struct UserChanges<'a> {
    pub role: Option<Role>,
    pub password: Option<&'a str>,
}

/// Creates a user.
pub async fn create(context: &Context, wanted: NewUser<'_>) -> Result<User, Error> {
    let permit = context.permit(UseCase::CreateUser)?;
    may_give(context, wanted.role)?;
    let email = email::parse(wanted.email).ok_or(AccessDenied::NotAnEmail)?;
    if context.store.users().await?.len() >= USERS_MAX {
        return Err(AccessDenied::TooManyUsers.into());
    }
    let (password_hash, now) = (hash(wanted.password).await?, context.now());
    let id = UserId::new(now, random::bytes());
    let user = User { id, email, password_hash, role: wanted.role, created_at: now, version: 0 };
    match permit.noting(&user.id, user.role.code()).put_new_user(&user).await {
        Ok(()) => Ok(User { version: 1, ..user }),
        Err(store::Error::Conflict { .. }) => Err(AccessDenied::EmailTaken.into()),
        Err(error) => Err(error.into()),
    }
}

/// Changes a user. An actor who sets a password can sign in with it, so they must be allowed to give both the old role
/// and the new one.
pub async fn change(
    context: &Context,
    id: &UserId,
    expected: &Expected,
    changes: UserChanges<'_>,
) -> Result<User, Error> {
    let permit = context.permit(UseCase::ChangeUser)?;
    let user = find(context, id, expected).await?;
    may_give(context, user.role)?;
    may_give(context, changes.role.unwrap_or(user.role))?;
    apply(permit, user, changes).await
}

/// Changes the actor's own password, given the present one; their sessions end.
pub async fn change_own_password(context: &Context, user: &User, present: &str, new: &str) -> Result<User, Error> {
    let permit = context.permit(UseCase::ChangeOwnPassword)?;
    if !context.actor.is_user(&user.id) {
        return Err(Error::Forbidden(UseCase::ChangeOwnPassword));
    }
    if !password::matches_aside(present, &user.password_hash).await {
        return Err(AccessDenied::WrongPassword.into());
    }
    apply(permit, user.clone(), UserChanges { password: Some(new), role: None }).await
}

/// A new password, set by an operator; the user's sessions end.
pub async fn reset_password(context: &Context, id: &UserId, new: &str) -> Result<User, Error> {
    let permit = context.permit(UseCase::ResetPassword)?;
    let user = find(context, id, &Expected::Any).await?;
    apply(permit, user, UserChanges { password: Some(new), role: None }).await
}

/// Removes a user and ends their sessions. An owner can be removed only while another one stays.
pub async fn remove(context: &Context, id: &UserId, expected: &Expected) -> Result<User, Error> {
    let permit = context.permit(UseCase::DeleteUser)?;
    let user = find(context, id, expected).await?;
    let other = other_owner(context, &user).await?;
    permit.noting(id, "").delete_user(&user, other.as_ref()).await?;
    context.store.end_sessions_of(id).await?;
    Ok(user)
}

/// Ends every session of the acting user.
pub async fn end_own_sessions(context: &Context, user: &UserId) -> Result<(), Error> {
    let permit = context.permit(UseCase::EndOwnSessions)?;
    if !context.actor.is_user(user) {
        return Err(Error::Forbidden(UseCase::EndOwnSessions));
    }
    context.store.end_sessions_of(user).await?;
    permit.note(user, "").await;
    Ok(())
}

async fn find(context: &Context, id: &UserId, expected: &Expected) -> Result<User, Error> {
    let user = context.store.user(id).await?.ok_or(Error::NotFound { what: "user" })?;
    expected.holds(user.version, "user")?;
    Ok(user)
}

fn may_give(context: &Context, role: Role) -> Result<(), Error> {
    context.actor.lacks(role.scopes()).map_or(Ok(()), |scope| Err(Error::CannotGive(scope)))
}

/// Writes a changed user. An owner can be changed only while another one stays; a new password ends the user's
/// sessions.
async fn apply(permit: Permit<'_>, user: User, changes: UserChanges<'_>) -> Result<User, Error> {
    let context = permit.context;
    let password_hash = match changes.password {
        Some(text) => hash(text).await?,
        None => user.password_hash.clone(),
    };
    let changed = User { role: changes.role.unwrap_or(user.role), password_hash, ..user.clone() };
    if changed == user {
        return Ok(user);
    }
    let details = [changes.role.map(Role::code), changes.password.map(|_| "password")];
    let details: Vec<_> = details.into_iter().flatten().collect();
    let store = permit.noting(&user.id, details.join(", "));
    let other = match changed.role {
        Role::Owner => None,
        Role::Editor | Role::Viewer => other_owner(context, &user).await?,
    };
    match other {
        Some(other) => store.put_user_beside(&changed, &other).await?,
        None => store.put_user(&changed).await?,
    }
    if changes.password.is_some() {
        context.store.end_sessions_of(&user.id).await?;
    }
    Ok(User { version: user.version + 1, ..changed })
}

/// The owner who must stay when this owner is removed; none if the user is no owner.
async fn other_owner(context: &Context, user: &User) -> Result<Option<User>, Error> {
    let is_other = |other: &User| other.role == Role::Owner && other.id != user.id;
    match user.role {
        Role::Owner => {
            let other = context.store.users().await?.into_iter().find(is_other);
            Ok(Some(other.ok_or(AccessDenied::LastOwner)?))
        }
        Role::Editor | Role::Viewer => Ok(None),
    }
}

/// What is wrong with a password by itself.
pub fn password_problem(text: &str) -> Option<AccessDenied> {
    (!password::CHARACTERS.contains(&text.chars().count())).then_some(AccessDenied::PasswordLength)
}

async fn hash(text: &str) -> Result<String, Error> {
    match password_problem(text) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(password::hash_aside(text).await?),
    }
}
