//! API keys. The secret exists once, in the answer of its creation.

use aws::store::{self, AccountStore, KEYS_MAX};
use domain::account::{ApiKey, Scope};
use domain::api_key;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::KeyId;
use support::random;

use super::{Error, Refusal};

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    pub name: &'a str,
    pub scopes: &'a [Scope],
    /// The id that a form carries, so that a form sent twice makes one key.
    pub id: Option<KeyId>,
}

impl NewKey<'_> {
    /// Everything that is wrong with it by itself.
    pub fn problems(&self) -> Vec<Refusal> {
        let is_name = (1..=NAME_CHARACTERS_MAX).contains(&self.name.trim().chars().count());
        let faults = [(is_name, Refusal::KeyName), (!self.scopes.is_empty(), Refusal::NoScope)];
        faults.into_iter().filter(|(is_right, _)| !is_right).map(|(_, refusal)| refusal).collect()
    }
}

/// Makes a key; answers it with its text, which is kept nowhere.
pub async fn create_key(
    store: &AccountStore,
    wanted: NewKey<'_>,
    now: jiff::Timestamp,
) -> Result<(ApiKey, String), Error> {
    if let Some(refusal) = wanted.problems().first() {
        return Err((*refusal).into());
    }
    let keys = store.keys().await?;
    let is_again = |id: &KeyId| keys.iter().any(|key| key.id == *id);
    let again = wanted.id.as_ref().filter(|id| is_again(id));
    if keys.len() >= KEYS_MAX && again.is_none() {
        return Err(Refusal::TooManyKeys.into());
    }
    let fresh = || KeyId::new(now, random::octets());
    let (key, text) = made(&wanted, wanted.id.clone().unwrap_or_else(fresh), now);
    match (store.put_key(&key).await, &wanted.id) {
        (Ok(()), _) => Ok((key, text)),
        // Sent twice: nobody saw the first one's secret, so the second one takes its place.
        (Err(store::Error::Conflict { .. }), Some(id)) => {
            store.delete_key(id).await?;
            let (key, text) = made(&wanted, fresh(), now);
            store.put_key(&key).await?;
            Ok((key, text))
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn made(wanted: &NewKey<'_>, id: KeyId, now: jiff::Timestamp) -> (ApiKey, String) {
    let mut scopes = wanted.scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    let (text, secret_sha256) = api_key::issue(&id, random::octets());
    let name = wanted.name.trim().to_owned();
    (ApiKey { id, name, secret_sha256, scopes, created_at: now, last_used_at: None }, text)
}

/// Revokes a key: it opens nothing from the next read of it on.
pub async fn revoke_key(store: &AccountStore, id: &KeyId) -> Result<(), Error> {
    if store.delete_key(id).await? { Ok(()) } else { Err(Refusal::NoKey.into()) }
}
