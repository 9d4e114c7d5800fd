//! Who calls: the key of the request, its account and its scopes. Keys are remembered for a few seconds, so that a
//! burst of requests reads the table once and a revoked key still dies at once for people.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use shared::domain::account::{ApiKey, Scope};
use shared::domain::ids::{AccountId, KeyId};
use shared::http::bearer::Bearer;
use shared::http::{Kind, Language};

use crate::App;
use crate::failure::Failure;

/// How long a key is believed without asking the table, in milliseconds.
const BELIEVED_MS: i64 = 3_000;
/// How often at most the last use of a key is written, in milliseconds.
const TOUCHED_EVERY_MS: i64 = 60_000;
const KEYS_MAX: usize = 10_000;

/// Who makes a request, and what they may do.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: AccountId,
    scopes: Vec<Scope>,
    /// The key's name: the author of what it makes.
    pub author: String,
    /// The key's id and name, for the audit.
    pub by: String,
    /// The client's address without its last part.
    pub from: String,
    pub language: Language,
}

impl Caller {
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        // The gate puts it there; a route that has none is not open to anybody.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Kind::Unauthenticated.into())
    }
}

#[derive(Debug, Clone)]
struct Known {
    account: AccountId,
    key: ApiKey,
    read_ms: i64,
    touched_ms: i64,
}

/// Keys seen by this instance.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<KeyId, Known>>);

impl KeyCache {
    fn get(&self, id: &KeyId) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn put(&self, known: Known, now_ms: i64) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.retain(|_, known| now_ms - known.read_ms < BELIEVED_MS);
        }
        keys.insert(known.key.id.clone(), known);
    }

    /// Forgets a key: it was revoked.
    pub fn forget(&self, id: &KeyId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// The caller of a request.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    let bearer = Bearer::of(headers).ok_or(Kind::Unauthenticated)?;
    let now_ms = app.clock.now().as_millisecond();
    let known = match app.keys.get(&bearer.id) {
        Some(known) if (0..BELIEVED_MS).contains(&(now_ms - known.read_ms)) => Some(known),
        earlier => read(app, &bearer.id, earlier.map_or(0, |known| known.touched_ms)).await?,
    };
    let Some(mut known) = known.filter(|known| bearer.opens(&known.key)) else {
        return Err(Kind::Unauthenticated.into());
    };
    if now_ms - known.touched_ms >= TOUCHED_EVERY_MS {
        known.touched_ms = now_ms;
        app.store.account(&known.account).touch_key(&bearer.id, app.clock.now()).await?;
    }
    let caller = Caller {
        account: known.account.clone(),
        scopes: known.key.scopes.clone(),
        author: known.key.name.clone(),
        by: format!("{} ({})", known.key.id, known.key.name),
        from: address(headers),
        language: Language::of(headers),
    };
    app.keys.put(known, now_ms);
    Ok(caller)
}

async fn read(app: &App, id: &KeyId, touched_ms: i64) -> Result<Option<Known>, Failure> {
    let Some(account) = app.store.account_of_key(id).await? else { return Ok(None) };
    let Some(key) = app.store.account(&account).key(id).await? else { return Ok(None) };
    let used_ms = key.last_used_at.map_or(0, |at| at.as_millisecond());
    Ok(Some(Known { account, key, read_ms: app.clock.now().as_millisecond(), touched_ms: touched_ms.max(used_ms) }))
}

/// The client's network: enough to tell an office from the other end of the world, not enough to tell a person.
/// The last address of the header is the one that our own front noted; those before it anybody can write.
fn address(headers: &HeaderMap) -> String {
    let header = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match header.rsplit(',').next().unwrap_or_default().trim().parse() {
        Ok(std::net::IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0")
        }
        Ok(std::net::IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::")
        }
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_tells_a_person() {
        for (header, from) in [
            ("203.0.113.77", "203.0.113.0"),
            ("8.8.8.8, 203.0.113.77", "203.0.113.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
            ("nonsense", ""),
        ] {
            let headers = [("x-forwarded-for".parse().unwrap(), header.parse().unwrap())];
            assert_eq!(address(&HeaderMap::from_iter(headers)), from);
        }
    }
}
