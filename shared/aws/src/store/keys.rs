//! API keys: the key under its account, and a look-up from its id to the account.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use domain::account::ApiKey;
use domain::ids::KeyId;
use hex::FromHex;
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, ms, number, s, text};
use super::reading::{self, Slice};
use super::writes::versioned;
use super::{AccountStore, Error, Result, unbuilt};

const WHAT: &str = "API key";
pub(super) const PREFIX: &str = "key#";
/// Sort key of the look-up item.
pub(super) const LOOKUP: &str = "key";
/// Keys of one account at most.
pub const KEYS_MAX: usize = 100;

#[derive(Serialize, Deserialize)]
struct KeyItem {
    name: String,
    /// Hexadecimal.
    secret_sha256: String,
    scopes: Vec<String>,
    created_at: i64,
}

fn sk(id: &KeyId) -> String {
    format!("{PREFIX}{id}")
}

impl AccountStore {
    /// Stores a new key and its look-up, both or neither.
    pub async fn put_key(&self, key: &ApiKey) -> Result<()> {
        let lookup = item(&sk(&key.id), LOOKUP, &self.account);
        let shape = KeyItem {
            name: key.name.clone(),
            secret_sha256: hex::encode(key.secret_sha256),
            scopes: key.scopes.iter().map(|scope| scope.code().to_owned()).collect(),
            created_at: ms(key.created_at),
        };
        let own = item(self.account.as_str(), &sk(&key.id), &shape);
        let writes = [own, lookup].map(|item| versioned(&self.tables.accounts, item, 0, WHAT));
        self.transact(writes.into_iter().collect::<Result<_>>()?, WHAT).await
    }

    pub async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk(id), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    pub async fn keys(&self) -> Result<Vec<ApiKey>> {
        let slice = Slice { pk: self.account.as_str(), prefix: PREFIX, after: None, newest_first: true };
        let page = reading::page(&self.db, &self.tables.accounts, slice, KEYS_MAX, WHAT).await?;
        page.items.iter().map(read).collect()
    }

    /// Revokes a key with its look-up, both or neither; false if there was none.
    pub async fn delete_key(&self, id: &KeyId) -> Result<bool> {
        let delete = |pk: &str, sk: &str, condition: Option<&str>| {
            let delete = Delete::builder().table_name(&self.tables.accounts).key("pk", s(pk)).key("sk", s(sk));
            let delete = delete.set_condition_expression(condition.map(str::to_owned)).build();
            Ok(TransactWriteItem::builder().delete(delete.map_err(unbuilt(WHAT))?).build())
        };
        let own = delete(self.account.as_str(), &sk(id), Some("attribute_exists(pk)"))?;
        let deleted = self.transact(vec![own, delete(&sk(id), LOOKUP, None)?], WHAT).await;
        Ok(reading::unless_conflict(deleted)?.is_some())
    }

    /// Records when a key was last used. A key revoked meanwhile stays revoked.
    pub async fn touch_key(&self, id: &KeyId, now: jiff::Timestamp) -> Result<()> {
        let pk = self.account.as_str();
        reading::note_instant(&self.db, &self.tables.accounts, pk, &sk(id), "last_used_at", now, WHAT).await
    }
}

fn read(item: &Item) -> Result<ApiKey> {
    let shape: KeyItem = doc(item, WHAT)?;
    let id = text(item, "sk", WHAT)?.trim_start_matches(PREFIX);
    let used: i64 = number(item, "last_used_at", WHAT)?;
    let scopes: HashSet<_> = shape.scopes.iter().map(|scope| code(scope, WHAT)).collect::<Result<_>>()?;
    let mut scopes: Vec<_> = scopes.into_iter().collect();
    scopes.sort_unstable();
    Ok(ApiKey {
        id: code(id, WHAT)?,
        name: shape.name,
        secret_sha256: <[u8; 32]>::from_hex(&shape.secret_sha256)
            .map_err(|_| Error::Corrupt { what: WHAT, cause: "no hash".into() })?,
        scopes,
        created_at: instant(shape.created_at, WHAT)?,
        last_used_at: (used > 0).then(|| instant(used, WHAT)).transpose()?,
    })
}
