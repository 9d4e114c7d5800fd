//! API keys. The secret exists once, in the answer of its creation.

use super::{Error, Refusal};
use crate::domain::account::{ApiKey, Scope};
use crate::domain::campaign::NAME_CHARACTERS_MAX;
use crate::domain::ids::KeyId;
use crate::http::bearer;
use crate::runtime::random;
use crate::store::{AccountStore, KEYS_MAX};

/// Makes a key; answers it with its text, which is kept nowhere.
pub async fn create_key(
    store: &AccountStore,
    name: &str,
    scopes: &[Scope],
    now: jiff::Timestamp,
) -> Result<(ApiKey, String), Error> {
    let name = name.trim().to_owned();
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        return Err(Refusal::KeyName.into());
    }
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Refusal::NoScope.into());
    }
    if store.keys().await?.len() >= KEYS_MAX {
        return Err(Refusal::TooManyKeys.into());
    }
    let id = KeyId::new(now, random::octets());
    let (text, secret_sha256) = bearer::issue(&id, random::octets());
    let key = ApiKey { id, name, secret_sha256, scopes, created_at: now, last_used_at: None };
    store.put_key(&key).await?;
    Ok((key, text))
}

/// Revokes a key: it opens nothing from the next read of it on.
pub async fn revoke_key(store: &AccountStore, id: &KeyId) -> Result<(), Error> {
    if store.delete_key(id).await? { Ok(()) } else { Err(Refusal::NoKey.into()) }
}
