//! Sessions of the console, by the hash of their secret, and counts of sign-in attempts. Both expire.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::ids::UserId;
use serde::{Deserialize, Serialize};

use super::item::{Item, doc, instant, item, ms, n, number, text};
use super::reading;
use super::{AccountStore, Result, Store, failed};

const WHAT: &str = "session";
const PREFIX: &str = "session#";
const TRIES: &str = "sign-in#";

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the secret in the cookie, hexadecimal: a reader of the table cannot sign in with it.
    pub secret_hash: String,
    pub user: UserId,
    pub created_at: jiff::Timestamp,
    pub seen_at: jiff::Timestamp,
    /// It ends then in any case.
    pub expires_at: jiff::Timestamp,
}

#[derive(Serialize, Deserialize)]
struct SessionItem {
    user: UserId,
    created_at: i64,
    expires_at: i64,
}

fn sk(secret_hash: &str) -> String {
    format!("{PREFIX}{secret_hash}")
}

fn read(found: &Item) -> Result<Session> {
    let shape: SessionItem = doc(found, WHAT)?;
    Ok(Session {
        secret_hash: text(found, "sk", WHAT)?.trim_start_matches(PREFIX).to_owned(),
        user: shape.user,
        created_at: instant(shape.created_at, WHAT)?,
        seen_at: instant(number(found, "seen_at", WHAT)?, WHAT)?,
        expires_at: instant(shape.expires_at, WHAT)?,
    })
}

impl AccountStore {
    pub async fn put_session(&self, session: &Session) -> Result<()> {
        let shape = SessionItem {
            user: session.user.clone(),
            created_at: ms(session.created_at),
            expires_at: ms(session.expires_at),
        };
        let mut item = item(self.account.as_str(), &sk(&session.secret_hash), &shape);
        item.insert("seen_at".into(), n(ms(session.seen_at)));
        item.insert("expires_at".into(), n(session.expires_at.as_second()));
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// A session, valid or not: the caller checks whether it has ended.
    pub async fn session(&self, secret_hash: &str) -> Result<Option<Session>> {
        let pk = self.account.as_str();
        let got = reading::get(&self.db, &self.tables.accounts, pk, &sk(secret_hash), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Records that the session is in use. A session ended meanwhile stays ended.
    pub async fn touch_session(&self, secret_hash: &str, now: jiff::Timestamp) -> Result<()> {
        let (pk, sk) = (self.account.as_str(), sk(secret_hash));
        reading::note_instant(&self.db, &self.tables.accounts, pk, &sk, "seen_at", now, WHAT).await
    }

    pub async fn end_session(&self, secret_hash: &str) -> Result<()> {
        reading::forget(&self.db, &self.tables.accounts, self.account.as_str(), &sk(secret_hash), WHAT).await
    }

    /// Ends every session of a user.
    pub async fn end_sessions_of(&self, user: &UserId) -> Result<()> {
        let items = reading::all(&self.db, &self.tables.accounts, self.account.as_str(), PREFIX, WHAT).await?;
        for session in items.iter().map(read).collect::<Result<Vec<_>>>()? {
            if session.user == *user {
                self.end_session(&session.secret_hash).await?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Counts one more attempt of `who`, an address or its hash, in the span of `seconds` that contains `now`; returns
    /// the count.
    pub async fn count_try(&self, who: &str, seconds: i64, now: jiff::Timestamp) -> Result<u32> {
        let tries = self.add_tries(1, who, seconds, now).await?;
        Ok(u32::try_from(tries).unwrap_or_default())
    }

    /// Takes back an attempt that succeeded.
    pub async fn forgive_try(&self, who: &str, seconds: i64, now: jiff::Timestamp) -> Result<()> {
        self.add_tries(-1, who, seconds, now).await.map(|_| ())
    }

    async fn add_tries(&self, tries: i64, who: &str, seconds: i64, now: jiff::Timestamp) -> Result<i64> {
        let span = now.as_second().div_euclid(seconds.max(1));
        let (pk, sk) = (format!("{TRIES}{who}"), span.to_string());
        let values = [(":tries", n(tries)), (":end", n((span + 2) * seconds))];
        let count = "ADD tries :tries SET expires_at = :end";
        let update = reading::update(&self.db, &self.tables.accounts, pk, sk, count, values)
            .return_values(ReturnValue::UpdatedNew);
        let answer = update.send().await.map_err(failed("count", WHAT))?;
        number(&answer.attributes.unwrap_or_default(), "tries", WHAT)
    }
}
