//! Users of an account: the user under its account, and a look-up from the e-mail address, which is unique.

use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, ms, s, text};
use super::reading;
use super::{AccountStore, Result, failed};
use crate::domain::account::User;
use crate::domain::ids::UserId;

const WHAT: &str = "user";
const PREFIX: &str = "user#";
/// Partition of the look-up of an address.
pub(super) const EMAIL: &str = "email#";
/// Sort key of the look-up item.
pub(super) const LOOKUP: &str = "user";

#[derive(Serialize, Deserialize)]
struct UserItem {
    email: String,
    password_hash: String,
    role: String,
    created_at: i64,
}

/// An address as it is looked up: without case.
pub(super) fn email_key(email: &str) -> String {
    format!("{EMAIL}{}", email.trim().to_lowercase())
}

impl AccountStore {
    /// Stores a new user; a conflict when the address is taken, by whatever account.
    pub async fn put_new_user(&self, user: &User) -> Result<()> {
        let lookup = item(&email_key(&user.email), LOOKUP, &(&self.account, &user.id));
        reading::put(&self.db, &self.tables.accounts, lookup, 0, WHAT).await?;
        let shape = UserItem {
            email: user.email.clone(),
            password_hash: user.password_hash.clone(),
            role: user.role.code().into(),
            created_at: ms(user.created_at),
        };
        let item = item(self.account.as_str(), &format!("{PREFIX}{}", user.id), &shape);
        reading::put(&self.db, &self.tables.accounts, item, 0, WHAT).await
    }

    /// Writes a user that is there: another role, another password. The address stays.
    pub async fn put_user(&self, user: &User) -> Result<()> {
        let shape = UserItem {
            email: user.email.clone(),
            password_hash: user.password_hash.clone(),
            role: user.role.code().into(),
            created_at: ms(user.created_at),
        };
        let item = item(self.account.as_str(), &format!("{PREFIX}{}", user.id), &shape);
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        put.condition_expression("attribute_exists(pk)").send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Removes a user; the look-up first, so that nobody signs in to half a user.
    pub async fn delete_user(&self, user: &User) -> Result<()> {
        let delete = |pk: &str, sk: &str| {
            self.db.delete_item().table_name(&self.tables.accounts).key("pk", s(pk)).key("sk", s(sk)).send()
        };
        delete(&email_key(&user.email), LOOKUP).await.map_err(failed("delete", WHAT))?;
        delete(self.account.as_str(), &format!("{PREFIX}{}", user.id)).await.map_err(failed("delete", WHAT))?;
        Ok(())
    }

    pub async fn user(&self, id: &UserId) -> Result<Option<User>> {
        let sk = format!("{PREFIX}{id}");
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk, WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    pub async fn users(&self) -> Result<Vec<User>> {
        let items = reading::all(&self.db, &self.tables.accounts, self.account.as_str(), PREFIX, WHAT).await?;
        items.iter().map(read).collect()
    }
}

fn read(item: &Item) -> Result<User> {
    let shape: UserItem = doc(item, WHAT)?;
    Ok(User {
        id: code(text(item, "sk", WHAT)?.trim_start_matches(PREFIX), WHAT)?,
        email: shape.email,
        password_hash: shape.password_hash,
        role: code(&shape.role, WHAT)?,
        created_at: instant(shape.created_at, WHAT)?,
    })
}
