//! Exports and removes everything that the tables hold of one account. For operators.
//!
//! Most of it is in the account's own partition of each table. In addition there are the batches and journals of its
//! campaigns, the ranges of its links, and the look-ups that lead to it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use domain::campaign::Status;
use domain::ids::CampaignId;
use serde_json::{Map, Value as Json};

use super::accounts::ACCOUNT;
use super::batches;
use super::item::{Item, s, text};
use super::{AccountStore, Result, across, failed, journal, links, reading};

const WHAT: &str = "account";
/// Credentials, which are not exported even as hashes.
const SECRETS: [&str; 2] = ["password_hash", "secret_sha256"];

/// An item as stored, without its secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct RawItem {
    /// `accounts`, `lists`, `campaigns` or `links`.
    pub table: &'static str,
    pub content: Json,
}

/// A partition that belongs to the account.
struct Partition {
    table: &'static str,
    name: String,
    pk: String,
}

impl AccountStore {
    /// Passes every item to `each`, until that returns false.
    pub async fn each_item(&self, each: &mut (dyn FnMut(RawItem) -> bool + Send)) -> Result<()> {
        for partition in self.partitions().await? {
            let mut start = None;
            loop {
                let (items, next) = self.slice(&partition, start.take()).await?;
                for item in items {
                    if !each(RawItem { table: partition.table, content: as_json(item) }) {
                        return Ok(());
                    }
                }
                start = next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Campaigns with work in progress: while there are any, the account cannot be removed.
    pub async fn open_campaigns(&self) -> Result<Vec<CampaignId>> {
        let campaigns = self.campaigns(None, usize::MAX).await?.items;
        let is_open = |status| !matches!(status, Status::Draft | Status::Finished | Status::Deleted);
        Ok(campaigns.into_iter().filter(|campaign| is_open(campaign.status)).map(|campaign| campaign.id).collect())
    }

    /// Removes everything; returns the number of items. Keys and users first, so that nothing new is created meanwhile;
    /// the account's own item last, so that after a crash the rest can be found and removed.
    pub async fn remove_everything(&self) -> Result<u64> {
        let mut removed = 0;
        for key in self.keys().await? {
            removed += 2 * u64::from(self.delete_key(&key.id).await?);
        }
        for user in self.users().await? {
            self.delete_user(&user, None).await?;
            removed += 2;
        }
        removed += self.remove_link_ranges().await?;
        removed += self.remove_reply_routes().await?;
        for partition in self.partitions().await?.iter().rev() {
            loop {
                let (items, next) = self.slice(partition, None).await?;
                let is_last = |item: &Item| text(item, "sk", WHAT).is_ok_and(|sk| sk == ACCOUNT);
                let keys: Vec<_> = items.iter().filter(|item| !is_last(item)).map(key_of).collect::<Result<_>>()?;
                removed += keys.len() as u64;
                let is_done = keys.is_empty() || next.is_none();
                reading::remove_all(&self.db, &partition.name, keys, WHAT).await?;
                if is_done {
                    break;
                }
            }
        }
        let account = HashMap::from([("pk".into(), s(self.account.as_str())), ("sk".into(), s(ACCOUNT))]);
        reading::remove_all(&self.db, &self.tables.accounts, vec![account], WHAT).await?;
        Ok(removed + 1)
    }

    /// The account's own partitions, then those of its campaigns' batches and journals.
    async fn partitions(&self) -> Result<Vec<Partition>> {
        let own = self.account.as_str();
        let tables = [
            ("accounts", &self.tables.accounts),
            ("lists", &self.tables.lists),
            ("campaigns", &self.tables.campaigns),
            ("links", &self.tables.links),
        ];
        let of = |(table, name): (&'static str, &String)| Partition { table, name: name.clone(), pk: own.to_owned() };
        let mut partitions: Vec<_> = tables.into_iter().map(of).collect();
        let table = &self.tables.campaigns;
        for item in reading::all(&self.db, table, own, CampaignId::PREFIX, WHAT).await? {
            let campaign: CampaignId = super::item::code(text(&item, "sk", WHAT)?, WHAT)?;
            let pk = batches::pk(own, &campaign);
            for pk in [pk, journal::pk(&self.account, &campaign)] {
                partitions.push(Partition { table: "campaigns", name: table.clone(), pk });
            }
        }
        Ok(partitions)
    }

    /// One page of a partition, and where the next begins.
    async fn slice(&self, partition: &Partition, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>)> {
        let query = self
            .db
            .query()
            .table_name(&partition.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(&partition.pk))
            .consistent_read(true)
            .set_exclusive_start_key(start);
        let answer = query.send().await.map_err(failed("list", WHAT))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    async fn remove_link_ranges(&self) -> Result<u64> {
        let campaigns = self.campaigns(None, usize::MAX).await?.items;
        let ranges = campaigns.iter().flat_map(|campaign| &campaign.audience).flat_map(|found| &found.link_ranges);
        let keys: Vec<_> = ranges.map(|first| links::range_key(*first)).collect();
        let count = keys.len() as u64;
        reading::remove_all(&self.db, &self.tables.links, keys, WHAT).await?;
        Ok(count)
    }

    /// All short codes that it ever had: no item lists them, so the whole table is read.
    async fn remove_reply_routes(&self) -> Result<u64> {
        let (mut keys, mut start) = (Vec::new(), None);
        loop {
            let scan = self
                .db
                .scan()
                .table_name(&self.tables.accounts)
                .filter_expression("sk = :account AND begins_with(pk, :route)")
                .expression_attribute_values(":account", s(self.account.as_str()))
                .expression_attribute_values(":route", s(across::ROUTE))
                .set_exclusive_start_key(start.take());
            let answer = scan.send().await.map_err(failed("list", WHAT))?;
            for item in answer.items.unwrap_or_default() {
                keys.push(key_of(&item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let count = keys.len() as u64;
        reading::remove_all(&self.db, &self.tables.accounts, keys, WHAT).await?;
        Ok(count)
    }
}

fn key_of(item: &Item) -> Result<Item> {
    let part = |name: &str| Ok((name.to_owned(), s(text(item, name, WHAT)?)));
    [part("pk"), part("sk")].into_iter().collect()
}

/// An item as JSON: its document unfolded, bytes in base 64.
fn as_json(item: Item) -> Json {
    let value = |name: &str, value: AttributeValue| match value {
        AttributeValue::S(text) if name == "doc" => without_secrets(serde_json::from_str(&text).unwrap_or(Json::Null)),
        AttributeValue::S(text) => Json::String(text),
        AttributeValue::N(number) => serde_json::from_str(&number).unwrap_or(Json::String(number)),
        AttributeValue::B(blob) => base64::engine::general_purpose::STANDARD.encode(blob.as_ref()).into(),
        AttributeValue::Bool(value) => value.into(),
        // The store writes none of these.
        _ => Json::Null,
    };
    Json::Object(item.into_iter().map(|(name, found)| (name.clone(), value(&name, found))).collect::<Map<_, _>>())
}

fn without_secrets(mut document: Json) -> Json {
    if let Json::Object(fields) = &mut document {
        SECRETS.iter().for_each(|secret| drop(fields.remove(*secret)));
    }
    document
}
