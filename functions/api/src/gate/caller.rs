//! Authentication: the key of the request, its account and its scopes. Keys are cached for a few seconds, so that a
//! burst of requests reads the table once and a revoked key stops working within seconds.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::{Actor, Context};
use axum::extract::FromRequestParts;
use domain::account::ApiKey;
use domain::ids::{AccountId, KeyId};
use http::HeaderMap;
use http::request::Parts;
use web::{Kind, Language, Problem, address, bearer};

use crate::App;
use crate::contract::operation::Extract;
use crate::error::ApiError;

/// How long a key is cached, in milliseconds.
const CACHED_MS: i64 = 3_000;
/// Shortest time between two updates of a key's last use, in milliseconds.
const TOUCHED_EVERY_MS: i64 = 60_000;
const KEYS_MAX: usize = 10_000;

/// Who makes a request, and the language that they read.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: AccountId,
    pub actor: Actor,
    pub language: Language,
}

impl Extract for Caller {}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        // The gate puts it there; a route without it is not public.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Kind::Unauthenticated.into())
    }
}

impl FromRequestParts<App> for Context {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Ok(app.services.context(&caller.account, caller.actor))
    }
}

#[derive(Debug, Clone)]
struct CachedKey {
    account: AccountId,
    key: ApiKey,
    read_ms: i64,
    touched_ms: i64,
}

/// Keys cached by this instance.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<KeyId, CachedKey>>);

impl KeyCache {
    fn get(&self, id: &KeyId) -> Option<CachedKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn put(&self, known: CachedKey, now_ms: i64) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.retain(|_, known| now_ms - known.read_ms < CACHED_MS);
        }
        keys.insert(known.key.id.clone(), known);
    }

    /// Removes a revoked key from the cache.
    pub fn forget(&self, id: &KeyId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// The caller of a request. An address with too many failed authentications has to wait: its uncached keys are not even
/// looked up; a cached key keeps working from there.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let now = app.services.clock.now();
    let Some(known) = known(app, headers, now).await? else {
        return Err(match app.auth_failures.take(&address::holder(headers), now).retry_after_seconds {
            Some(seconds) => Problem::from(Kind::TooMany).retry_after(seconds).into(),
            None => Kind::Unauthenticated.into(),
        });
    };
    let actor = Actor::key(&known.key, address::network(headers));
    let caller = Caller { account: known.account.clone(), actor, language: Language::from_headers(headers) };
    app.keys.put(known, now.as_millisecond());
    Ok(caller)
}

/// The key of a request, if it is valid.
async fn known(app: &App, headers: &HeaderMap, now: jiff::Timestamp) -> Result<Option<CachedKey>, ApiError> {
    let Some(bearer) = bearer(headers) else { return Ok(None) };
    let now_ms = now.as_millisecond();
    let known = match app.keys.get(&bearer.id) {
        Some(known) if (0..CACHED_MS).contains(&(now_ms - known.read_ms)) => Some(known),
        Some(earlier) => read(app, &bearer.id, earlier.touched_ms).await?,
        None => match app.auth_failures.wait_seconds(&address::holder(headers), now) {
            Some(_) => None,
            None => read(app, &bearer.id, 0).await?,
        },
    };
    let Some(mut known) = known.filter(|known| bearer.opens(&known.key)) else { return Ok(None) };
    if now_ms - known.touched_ms >= TOUCHED_EVERY_MS {
        known.touched_ms = now_ms;
        app.services.store.account(&known.account).touch_key(&bearer.id, now).await?;
    }
    Ok(Some(known))
}

async fn read(app: &App, id: &KeyId, touched_ms: i64) -> Result<Option<CachedKey>, ApiError> {
    let Some(account) = app.services.store.account_of_key(id).await? else { return Ok(None) };
    let Some(key) = app.services.store.account(&account).key(id).await? else { return Ok(None) };
    let used_ms = key.last_used_at.map_or(0, |at| at.as_millisecond());
    Ok(Some(CachedKey {
        account,
        key,
        read_ms: app.services.clock.now().as_millisecond(),
        touched_ms: touched_ms.max(used_ms),
    }))
}
