//! API keys. The secret exists only in the response of its creation.

use aws::store;
pub use aws::store::KEYS_MAX;
use domain::account::{ApiKey, Scope};
use domain::api_key;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::KeyId;
use support::random;

use crate::context::{Context, Expected};
use crate::error::{AccessDenied, Error};
use crate::use_case::UseCase;

/// A key never changes, except for the time of its last use, which causes no conflict.
pub const VERSION: u64 = 1;

/// A new key.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    pub name: &'a str,
    pub scopes: &'a [Scope],
    /// The id of a form, so that a form sent twice creates one key.
    pub id: Option<KeyId>,
}

impl NewKey<'_> {
    /// Everything that is wrong with it by itself.
    pub fn problems(&self) -> Vec<AccessDenied> {
        let is_name = (1..=NAME_CHARACTERS_MAX).contains(&self.name.trim().chars().count());
        let faults = [(is_name, AccessDenied::KeyName), (!self.scopes.is_empty(), AccessDenied::NoScope)];
        faults.into_iter().filter(|(is_right, _)| !is_right).map(|(_, refusal)| refusal).collect()
    }
}

/// Creates a key; returns it with its text, which is not stored.
pub async fn create(context: &Context, wanted: NewKey<'_>) -> Result<(ApiKey, String), Error> {
    let permit = context.permit(UseCase::CreateKey)?;
    if let Some(scope) = context.actor.lacks(wanted.scopes) {
        return Err(Error::CannotGive(scope));
    }
    if let Some(refusal) = wanted.problems().first() {
        return Err((*refusal).into());
    }
    let keys = context.store.keys().await?;
    let again = wanted.id.as_ref().filter(|id| keys.iter().any(|key| key.id == **id));
    if keys.len() >= KEYS_MAX && again.is_none() {
        return Err(AccessDenied::TooManyKeys.into());
    }
    let now = context.now();
    let fresh = || KeyId::new(now, random::bytes());
    let (key, text) = made(&wanted, wanted.id.clone().unwrap_or_else(fresh), now);
    let details = scopes_in_words(&key.scopes);
    match (permit.noting(&key.id, &details).put_key(&key).await, &wanted.id) {
        (Ok(()), _) => Ok((key, text)),
        // Sent twice: the first secret was never shown, so the second one replaces it.
        (Err(store::Error::Conflict { .. }), Some(id)) => {
            context.store.delete_key(id).await?;
            let (key, text) = made(&wanted, fresh(), now);
            permit.noting(&key.id, &details).put_key(&key).await?;
            Ok((key, text))
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// Stores a key whose secret is already known, when an installation is created.
pub async fn install(context: &Context, key: &ApiKey) -> Result<(), Error> {
    let permit = context.permit(UseCase::CreateKey)?;
    Ok(permit.noting(&key.id, scopes_in_words(&key.scopes)).put_key(key).await?)
}

fn scopes_in_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(", ")
}

fn made(wanted: &NewKey<'_>, id: KeyId, now: jiff::Timestamp) -> (ApiKey, String) {
    let mut scopes = wanted.scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    let (text, secret_sha256) = api_key::issue(&id, random::bytes());
    let name = wanted.name.trim().to_owned();
    (ApiKey { id, name, secret_sha256, scopes, created_at: now, last_used_at: None }, text)
}

/// Revokes a key: it is refused from its next look-up on.
pub async fn revoke(context: &Context, id: &KeyId, expected: &Expected) -> Result<(), Error> {
    let permit = context.permit(UseCase::RevokeKey)?;
    let not_found = Error::NotFound { what: "API key" };
    if context.store.key(id).await?.is_none() {
        return Err(not_found);
    }
    expected.holds(VERSION, "API key")?;
    if permit.noting(id, "").delete_key(id).await? { Ok(()) } else { Err(not_found) }
}
