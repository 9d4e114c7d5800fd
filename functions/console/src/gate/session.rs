//! The session cookie: an account's id and a secret of 32 random octets. The table knows the secret's hash only.

use aws::store::Session;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Account, User};
use domain::ids::AccountId;
use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use support::random;

use super::Failure;
use crate::App;

const COOKIE: &str = "envol_session";
/// Without a request for so long, a session ends.
const IDLE: SignedDuration = SignedDuration::from_hours(4);
/// And it ends after this, whatever happens: a working day.
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(14);
/// Header of requests that a page makes by itself, every few seconds.
const QUIET: &str = "x-envol-quiet";
/// `seen_at` is written at most this often.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// Somebody who is signed in.
pub struct Found {
    pub account: Account,
    pub user: User,
    pub secret_hash: String,
    pub csrf: String,
}

fn hex(octets: impl IntoIterator<Item = u8>) -> String {
    octets.into_iter().map(|octet| format!("{octet:02x}")).collect()
}

pub fn hash(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))
}

/// A cookie's value out of a request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Whether the browser came over HTTPS; only a machine of one's own is reached without.
pub fn is_secure(headers: &HeaderMap) -> bool {
    let proto = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost");
    proto == Some("https") || !is_loopback
}

fn set_cookie(headers: &HeaderMap, value: &str, seconds: i64) -> String {
    let secure = if is_secure(headers) { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// Begins a session and answers the cookie that holds it.
pub async fn begin(app: &App, account: &AccountId, user: &User, headers: &HeaderMap) -> Result<String, Failure> {
    let secret = URL_SAFE_NO_PAD.encode(random::octets::<32>());
    let now = app.services.clock.now();
    let session = Session {
        secret_hash: hash(&secret),
        user: user.id.clone(),
        created_at: now,
        seen_at: now,
        expires_at: now + ABSOLUTE,
    };
    app.services.store.account(account).put_session(&session).await?;
    Ok(set_cookie(headers, &format!("{account}.{secret}"), ABSOLUTE.as_secs()))
}

/// What every form of a session carries; whoever has not the cookie cannot make it.
pub fn csrf_of(secret: &str) -> String {
    hash(&format!("form {secret}"))
}

/// The token as a page shows it: another one each time, because pages are compressed and their length could be
/// measured while somebody guesses.
pub fn masked(token: &str, mask: [u8; 32]) -> String {
    let mask = hex(mask);
    let mixed = mix(&mask, token);
    mask + &mixed
}

/// The token that a page showed.
pub fn unmasked(shown: &str) -> String {
    shown.split_at_checked(64).map(|(mask, mixed)| mix(mask, mixed)).unwrap_or_default()
}

/// Mixes digit by digit; done twice it is undone.
fn mix(one: &str, other: &str) -> String {
    let digit = |letter: char| letter.to_digit(16).unwrap_or(0);
    let mixed = one.chars().zip(other.chars()).map(|(one, other)| digit(one) ^ digit(other));
    mixed.filter_map(|digit| char::from_digit(digit, 16)).collect()
}

/// The cookie that removes the session's.
pub fn forget(headers: &HeaderMap) -> String {
    set_cookie(headers, "", 0)
}

/// Who holds the session of a request; nobody when it is missing, over, or made up.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Found>, Failure> {
    let Some((account, secret)) = cookie(headers, COOKIE).and_then(|value| value.split_once('.')) else {
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
    // A page that looks by itself is nobody who is there.
    let is_somebody = !headers.contains_key(QUIET);
    if is_somebody && now.duration_since(session.seen_at) >= TOUCH_EVERY {
        store.touch_session(&secret_hash, now).await?;
    }
    let csrf = csrf_of(secret);
    Ok(Some(Found { account, user, secret_hash, csrf }))
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
        assert_eq!(unmasked("0"), "");
    }

    #[test]
    fn cookies_are_secure_everywhere_but_on_this_machine() {
        let headers = |host: &str| HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        assert!(is_secure(&headers("console.example")));
        assert!(!is_secure(&headers("127.0.0.1:8080")) && !is_secure(&headers("localhost:1")));
        assert!(set_cookie(&headers("console.example"), "x", 1).ends_with("; HttpOnly; SameSite=Lax; Secure"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = HeaderMap::from_iter([(header::COOKIE, "a=1; envol_session=x.y; b=2".parse().unwrap())]);
        assert_eq!(cookie(&headers, COOKIE), Some("x.y"));
        assert_eq!(cookie(&headers, "session"), None);
    }
}
