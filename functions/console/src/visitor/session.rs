//! The session cookie: an account id and a secret of 32 random bytes. The table holds only the secret's hash.

use aws::store::Session;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Account, User};
use domain::ids::AccountId;
use hex::FromHex;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use support::random;

use super::{PageError, cookies};
use crate::App;

const COOKIE: &str = "envol_session";
/// A session ends after this time without a request.
const IDLE: SignedDuration = SignedDuration::from_hours(4);
/// A session ends after this time in any case: a working day.
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(14);
/// Header of requests that a page makes automatically, every few seconds.
const QUIET: &str = "x-envol-quiet";
/// Shortest time between two updates of `seen_at`.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// A signed-in user.
pub struct SignedIn {
    pub account: Account,
    pub user: User,
    pub secret_hash: String,
    pub csrf: String,
}

pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A session that has just begun.
pub struct Begun {
    /// The `Set-Cookie` header with the session.
    pub cookie: String,
    pub csrf: String,
}

/// Begins a session.
pub async fn begin(app: &App, account: &AccountId, user: &User, headers: &HeaderMap) -> Result<Begun, PageError> {
    let secret = URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    let now = app.services.clock.now();
    let session = Session {
        secret_hash: hash(&secret),
        user: user.id.clone(),
        created_at: now,
        seen_at: now,
        expires_at: now + ABSOLUTE,
    };
    app.services.store.account(account).put_session(&session).await?;
    let cookie = cookies::write(headers, COOKIE, &format!("{account}.{secret}"), ABSOLUTE.as_secs());
    Ok(Begun { cookie, csrf: csrf_of(&secret) })
}

/// The CSRF token of a session, derived from its secret: it cannot be computed without the cookie.
fn csrf_of(secret: &str) -> String {
    hash(&format!("form {secret}"))
}

/// The token as pages contain it, masked differently each time: pages are compressed, and an attacker could measure
/// their length.
pub fn masked(token: &str, mask: [u8; 32]) -> String {
    let token = <[u8; 32]>::from_hex(token).unwrap_or_default();
    hex::encode(mask) + &hex::encode(xor(mask, token))
}

/// The token from a masked one.
pub fn unmasked(shown: &str) -> String {
    let halves = shown.split_at_checked(64);
    let bytes = halves.and_then(|(mask, mixed)| Some((FromHex::from_hex(mask).ok()?, FromHex::from_hex(mixed).ok()?)));
    bytes.map(|(mask, mixed)| hex::encode(xor(mask, mixed))).unwrap_or_default()
}

fn xor(one: [u8; 32], other: [u8; 32]) -> [u8; 32] {
    std::array::from_fn(|index| one[index] ^ other[index])
}

/// The cookie that removes the session.
pub fn forget(headers: &HeaderMap) -> String {
    cookies::write(headers, COOKIE, "", 0)
}

/// The user of a request's session; `None` if it is missing, expired or invalid.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, PageError> {
    let Some((account, secret)) = cookies::read(headers, COOKIE).and_then(|value| value.split_once('.')) else {
        return Ok(None);
    };
    let Ok(account) = account.parse::<AccountId>() else { return Ok(None) };
    let store = app.services.store.account(&account);
    let secret_hash = hash(secret);
    let now = app.services.clock.now();
    let Some(session) = store.session(&secret_hash).await?.filter(|session| is_alive(session, now)) else {
        return Ok(None);
    };
    let (user, account) = tokio::try_join!(store.user(&session.user), store.account())?;
    let (Some(user), Some(account)) = (user, account) else { return Ok(None) };
    // Automatic requests of a page do not keep a session alive.
    let is_by_user = !headers.contains_key(QUIET);
    if is_by_user && now.duration_since(session.seen_at) >= TOUCH_EVERY {
        store.touch_session(&secret_hash, now).await?;
    }
    let csrf = csrf_of(secret);
    Ok(Some(SignedIn { account, user, secret_hash, csrf }))
}

fn is_alive(session: &Session, now: Timestamp) -> bool {
    now < session.expires_at && now.duration_since(session.seen_at) < IDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
        let at = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let session = |seen| Session {
            secret_hash: String::new(),
            user: "usr_00000000000000000000".parse().unwrap(),
            created_at: at(0),
            seen_at: at(seen),
            expires_at: at(14),
        };
        assert!(is_alive(&session(0), at(3)));
        assert!(!is_alive(&session(0), at(4)));
        assert!(is_alive(&session(12), at(13)));
        assert!(!is_alive(&session(13), at(14)));
    }

    #[test]
    fn a_token_is_shown_differently_each_time() {
        let token = csrf_of("secret");
        let (one, other) = (masked(&token, [7; 32]), masked(&token, [200; 32]));
        assert_ne!(one, other);
        assert_eq!((unmasked(&one), unmasked(&other)), (token.clone(), token));
        for wrong in ["", "0", &"0".repeat(127), &"0".repeat(129), &"g".repeat(128)] {
            assert_eq!(unmasked(wrong), "", "{wrong}");
        }
    }
}
