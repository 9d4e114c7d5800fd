//! Users of an account: the user under its account, and a look-up from the e-mail address, which is unique.

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, TransactWriteItem};
use domain::account::User;
use domain::ids::UserId;
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, ms, n, number, s, text};
use super::reading;
use super::writes::versioned;
use super::{AccountStore, Result, unbuilt};

const WHAT: &str = "user";
const PREFIX: &str = "user#";
/// Partition of the look-up of an address.
pub(super) const EMAIL: &str = "email#";
/// Sort key of the look-up item.
pub(super) const LOOKUP: &str = "user";

/// The item is at the version that was read.
const UNCHANGED: &str = "version = :read";

#[derive(Serialize, Deserialize)]
struct UserItem {
    email: String,
    password_hash: String,
    role: String,
    created_at: i64,
}

/// An e-mail address as it is looked up: without case.
pub(super) fn email_key(email: &str) -> String {
    format!("{EMAIL}{}", email.trim().to_lowercase())
}

impl AccountStore {
    /// Stores a new user; a conflict if the address is taken in any account.
    pub async fn put_new_user(&self, user: &User) -> Result<()> {
        let lookup = item(&email_key(&user.email), LOOKUP, &(&self.account, &user.id));
        // Both or neither: an address without its user could never be used again.
        let writes = [lookup, self.user_item(user)].map(|item| versioned(&self.tables.accounts, item, 0, WHAT));
        self.transact(writes.into_iter().collect::<Result<_>>()?, WHAT).await
    }

    /// Writes a user that is unchanged since it was read: another role, another password. The address stays.
    pub async fn put_user(&self, user: &User) -> Result<()> {
        self.put(&self.tables.accounts, self.user_item(user), user.version, WHAT).await
    }

    /// The same while another user is unchanged: an owner is removed only while another one stays.
    pub async fn put_user_beside(&self, user: &User, other: &User) -> Result<()> {
        let put = versioned(&self.tables.accounts, self.user_item(user), user.version, WHAT)?;
        self.transact(vec![put, self.unchanged(other)?], WHAT).await
    }

    /// Removes a user that is unchanged since it was read, and the look-up, both or neither; `other` as above.
    pub async fn delete_user(&self, user: &User, other: Option<&User>) -> Result<()> {
        let delete = Delete::builder().table_name(&self.tables.accounts);
        let lookup = delete.clone().key("pk", s(email_key(&user.email))).key("sk", s(LOOKUP));
        let own = delete.key("pk", s(self.account.as_str())).key("sk", s(format!("{PREFIX}{}", user.id)));
        let own = own.condition_expression(UNCHANGED).expression_attribute_values(":read", n(user.version));
        let mut writes = Vec::new();
        for delete in [lookup, own] {
            writes.push(TransactWriteItem::builder().delete(delete.build().map_err(unbuilt(WHAT))?).build());
        }
        if let Some(other) = other {
            writes.push(self.unchanged(other)?);
        }
        self.transact(writes, WHAT).await
    }

    fn unchanged(&self, user: &User) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.accounts)
            .key("pk", s(self.account.as_str()))
            .key("sk", s(format!("{PREFIX}{}", user.id)))
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":read", n(user.version));
        Ok(TransactWriteItem::builder().condition_check(check.build().map_err(unbuilt(WHAT))?).build())
    }

    fn user_item(&self, user: &User) -> Item {
        let shape = UserItem {
            email: user.email.clone(),
            password_hash: user.password_hash.clone(),
            role: user.role.code().into(),
            created_at: ms(user.created_at),
        };
        item(self.account.as_str(), &format!("{PREFIX}{}", user.id), &shape)
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
        version: number(item, "version", WHAT)?,
    })
}
