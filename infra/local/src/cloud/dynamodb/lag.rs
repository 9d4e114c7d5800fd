//! Simulates indexes that lag behind their tables, as on AWS now and then: a second in-memory copy of the tables gets
//! each write some time later, and answers queries of indexes.

use std::collections::VecDeque;
use std::time::Duration;

use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::{Database, Item, Result};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::Tables;
use super::bill::Keys;

/// The tables as of some time ago.
pub struct Lag {
    behind: Duration,
    stale: Database,
    waiting: VecDeque<(Timestamp, Change)>,
}

/// The state of an item after a write.
struct Change {
    table: String,
    key: Item,
    item: Option<Item>,
}

impl Lag {
    /// Starts with a copy of the present tables.
    pub fn begin(tables: &Tables, behind: Duration) -> Result<Self> {
        let stale = Database::memory()?;
        for (table, (create, _)) in &tables.schemas {
            stale.create_table(
                serde_json::from_value(create.clone()).map_err(|error| super::validation_error(&error.to_string()))?,
            )?;
            let mut start = None;
            loop {
                let request = ScanRequest {
                    table_name: table.clone(),
                    exclusive_start_key: start.take(),
                    ..serde_json::from_value(serde_json::json!({ "TableName": table }))
                        .map_err(|error| super::validation_error(&error.to_string()))?
                };
                let page = tables.database.scan(request)?;
                for item in page.items.into_iter().flatten() {
                    stale.put_item(PutItemRequest { table_name: table.clone(), item, ..Default::default() })?;
                }
                start = page.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(Self { behind, stale, waiting: VecDeque::new() })
    }

    /// The copy, as of `behind` before `now`.
    pub fn as_of(&mut self, now: Timestamp) -> Result<&Database> {
        while let Some((_, change)) = self.waiting.pop_front_if(|(due_at, _)| *due_at <= now) {
            let Change { table: table_name, key, item } = change;
            match item {
                Some(item) => drop(self.stale.put_item(PutItemRequest { table_name, item, ..Default::default() })?),
                None => drop(self.stale.delete_item(DeleteItemRequest { table_name, key, ..Default::default() })?),
            }
        }
        Ok(&self.stale)
    }

    /// Records the items after a write.
    pub fn note(&mut self, tables: &Tables, operation: &str, body: &[u8], now: Timestamp) {
        let Ok(request) = serde_json::from_slice::<Json>(body) else { return };
        let behind = jiff::SignedDuration::try_from(self.behind).unwrap_or_default();
        let due_at = now.saturating_add(behind).unwrap_or(now);
        for (table, key) in touched(tables, operation, &request) {
            let item = tables.look(&table, key.clone());
            self.waiting.push_back((due_at, Change { table, key, item }));
        }
    }
}

/// The items that a request writes, by table and key.
fn touched(tables: &Tables, operation: &str, request: &Json) -> Vec<(String, Item)> {
    let one = |table: &str, of: &Json| {
        let whole: Option<Item> = serde_json::from_value(of.clone()).ok();
        let Keys { hash, range, .. } = tables.keys(table);
        let key = whole?.into_iter().filter(|(name, _)| name == hash || Some(name) == range.as_ref());
        Some((table.to_owned(), key.collect()))
    };
    let named = |of: &Json| one(of["TableName"].as_str()?, if of["Item"].is_null() { &of["Key"] } else { &of["Item"] });
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => named(request).into_iter().collect(),
        "BatchWriteItem" => {
            let of_table = |(table, writes): (&String, &Json)| {
                let writes = writes.as_array().into_iter().flatten();
                let parts = writes.flat_map(|write| [&write["PutRequest"]["Item"], &write["DeleteRequest"]["Key"]]);
                parts.filter_map(|of| one(table, of)).collect::<Vec<_>>()
            };
            request["RequestItems"].as_object().into_iter().flatten().flat_map(of_table).collect()
        }
        "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let parts = items.flat_map(|item| ["Put", "Update", "Delete"].map(|part| &item[part]));
            parts.filter_map(named).collect()
        }
        _ => Vec::new(),
    }
}
