//! DynamoDB: its JSON protocol in front of an embedded database, in memory or in one SQLite file.
//!
//! The file uses SQLite's `synchronous = NORMAL` with a write-ahead log: answered requests survive the end of this
//! process, including `kill -9`; the last moments before a power failure may be lost. `FULL` would halve the writes per
//! second (2,000-2,700 instead of 3,500-5,600), which this machine does not need.
//!
//! - `operations`: reads and writes of items; `tokens`: repeated transactions; `bill`: their cost; `lag`: indexes that
//!   lag behind.

mod bill;
mod lag;
mod operations;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};
use support::Clock;

use super::CloudError;
use super::meter::Charge;
use crate::template::Table;
use bill::{Bill, Keys};
use lag::Lag;
use tokens::Tokens;

/// The tables.
#[derive(Clone)]
pub struct Tables {
    database: Database,
    /// A database in a file follows the system clock, and would expire a test's items.
    follows_clock: bool,
    /// For each table of the template: its `CreateTable` request and its keys.
    schemas: HashMap<String, (Json, Keys)>,
    /// For tables that are not in the template.
    no_keys: Keys,
    clock: Clock,
    tokens: Arc<Tokens>,
    lag: Arc<Mutex<Option<Lag>>>,
    /// Whether indexes lag; if not, no lock is needed.
    lags: Arc<AtomicBool>,
}

/// The response to a request.
pub struct Answer {
    pub status: u16,
    /// JSON.
    pub body: String,
    pub charges: Vec<Charge>,
}

impl Answer {
    /// Nothing was written: the partition has used its units of this second.
    pub fn throttled() -> Self {
        let refused = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded.",
        });
        Self::refused(400, refused.to_string())
    }

    /// The response with unprocessed items added.
    pub fn leaving(self, unprocessed: Json) -> Self {
        let Ok(mut answer) = serde_json::from_str::<Json>(&self.body) else { return self };
        answer["UnprocessedItems"] = unprocessed;
        Self { body: answer.to_string(), ..self }
    }

    fn refused(status: u16, body: String) -> Self {
        Self { status, body, charges: Vec::new() }
    }
}

/// DynamoDB's response to a transaction that conflicts with another one: nothing was written.
pub fn collision() -> Answer {
    let reasons = json!([{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }]);
    let refused = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    });
    Answer::refused(400, refused.to_string())
}

impl Tables {
    /// Opens the file, or an empty in-memory database whose expiry follows `clock`.
    pub fn open(file: Option<&Path>, clock: &Clock) -> Result<Self, CloudError> {
        let database = match file {
            Some(path) => {
                let text = path.to_str().ok_or_else(|| CloudError::Path { path: path.to_owned() })?;
                let database = Database::new(text).map_err(CloudError::tables)?;
                // The crate's only way to choose `synchronous = NORMAL`; it opens with SQLite's default, FULL.
                database.disable_bulk_loading().map_err(CloudError::tables)?;
                database
            }
            None => Database::memory_with_clock(Arc::new(TableClock(clock.clone()))).map_err(CloudError::tables)?,
        };
        let follows_clock = file.is_none() || matches!(clock, Clock::System);
        let (schemas, no_keys) = (HashMap::new(), Keys::default());
        let (tokens, lag, lags) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { database, follows_clock, schemas, no_keys, clock: clock.clone(), tokens, lag, lags })
    }

    /// Creates a table of the template, or adds what a newer template has to an existing one: indexes, expiry.
    pub fn create(&mut self, table: &Table) -> Result<(), CloudError> {
        self.schemas.insert(table.name.clone(), (table.create.clone(), Keys::from_create_table(&table.create)));
        let name = json!({ "TableName": table.name });
        match self.ask("DescribeTable", &name) {
            Ok(found) => self.add_missing_indexes(table, &found)?,
            Err(_) => self.ask("CreateTable", &table.create).map(drop)?,
        }
        if let Some(attribute) = &table.expires_by {
            let known = self.ask("DescribeTimeToLive", &name)?;
            if known["TimeToLiveDescription"]["AttributeName"] != **attribute {
                let on = json!({ "AttributeName": attribute, "Enabled": true });
                self.ask("UpdateTimeToLive", &json!({ "TableName": table.name, "TimeToLiveSpecification": on }))?;
            }
        }
        Ok(())
    }

    fn add_missing_indexes(&self, table: &Table, found: &Json) -> Result<(), CloudError> {
        let names = |indexes: &Json| -> Vec<Json> {
            indexes.as_array().into_iter().flatten().map(|index| index["IndexName"].clone()).collect()
        };
        let present = names(&found["Table"]["GlobalSecondaryIndexes"]);
        for index in table.create["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
            if !present.contains(&index["IndexName"]) {
                self.ask(
                    "UpdateTable",
                    &json!({
                        "TableName": table.name,
                        "AttributeDefinitions": table.create["AttributeDefinitions"],
                        "GlobalSecondaryIndexUpdates": [{ "Create": index }],
                    }),
                )?;
            }
        }
        Ok(())
    }

    /// Deletes expired items, as DynamoDB does within a few days. With a folder and a test clock nothing expires.
    pub fn expire(&self) -> Result<usize, CloudError> {
        if !self.follows_clock {
            return Ok(0);
        }
        self.database.sweep_ttl().map_err(CloudError::tables)
    }

    /// Makes queries of indexes lag by this time; `Duration::ZERO` ends it.
    pub fn lag_indexes(&self, behind: Duration) -> Result<(), CloudError> {
        let lag = if behind.is_zero() { None } else { Some(Lag::begin(self, behind).map_err(CloudError::tables)?) };
        self.lags.store(lag.is_some(), Ordering::Relaxed);
        *self.lag.lock().unwrap_or_else(PoisonError::into_inner) = lag;
        Ok(())
    }

    fn note_for_indexes(&self, operation: &str, body: &[u8]) {
        if let Some(lag) = &mut *self.lag.lock().unwrap_or_else(PoisonError::into_inner) {
            lag.note(self, operation, body, self.clock.now());
        }
    }

    /// The database that answers a query of this index.
    fn database_of<T>(
        &self,
        index: Option<&String>,
        ask: impl FnOnce(&Database) -> dynoxide::Result<T>,
    ) -> dynoxide::Result<T> {
        if index.is_some()
            && self.lags.load(Ordering::Relaxed)
            && let Some(lag) = &mut *self.lag.lock().unwrap_or_else(PoisonError::into_inner)
        {
            return ask(lag.as_of(self.clock.now())?);
        }
        ask(&self.database)
    }

    fn ask(&self, operation: &str, request: &Json) -> Result<Json, CloudError> {
        let Answer { status, body, .. } = self.call(operation, request.to_string().as_bytes());
        let failed = || CloudError::Setup { operation: operation.to_owned(), answer: body.clone() };
        if status != 200 {
            return Err(failed());
        }
        serde_json::from_str(&body).map_err(|_| failed())
    }

    /// One request of the protocol: operation and body in, status and body out.
    pub fn call(&self, operation: &str, body: &[u8]) -> Answer {
        let (database, mut bill) = (&self.database, Bill::default());
        macro_rules! operations {
            (items: $($item:literal => $billed:ident),*; tables: $($name:literal => $method:ident),* $(,)?) => {
                match operation {
                    $($item => answer(body, |request| self.$billed(request, &mut bill)),)*
                    $($name => answer(body, |request| database.$method(request)),)*
                    _ => return unknown(),
                }
            };
        }
        let answered = operations! {
            items:
            "GetItem" => get_item, "PutItem" => put_item, "UpdateItem" => update_item, "DeleteItem" => delete_item,
            "Query" => query, "Scan" => scan,
            "BatchGetItem" => batch_get_item, "BatchWriteItem" => batch_write_item,
            "TransactGetItems" => transact_get_items, "TransactWriteItems" => transact_write_items;
            tables:
            "CreateTable" => create_table, "UpdateTable" => update_table, "DeleteTable" => delete_table,
            "DescribeTable" => describe_table, "ListTables" => list_tables,
            "UpdateTimeToLive" => update_time_to_live, "DescribeTimeToLive" => describe_time_to_live,
        };
        if self.lags.load(Ordering::Relaxed) && answered.is_ok() {
            self.note_for_indexes(operation, body);
        }
        let charges = bill.into_charges();
        match answered {
            Ok(body) => Answer { status: 200, body, charges },
            Err(error) => Answer { status: error.status_code(), body: error.to_json(), charges },
        }
    }
}

fn unknown() -> Answer {
    Answer::refused(400, json!({ "__type": "com.amazon.coral.service#UnknownOperationException" }).to_string())
}

fn answer<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> dynoxide::Result<O>,
) -> dynoxide::Result<String> {
    let request = serde_json::from_slice(body).map_err(|error| validation_error(&error.to_string()))?;
    serde_json::to_string(&operation(request)?).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// An error that the database maps to the right type by its prefix.
fn validation_error(message: &str) -> DynoxideError {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(rest) = message.strip_prefix("SERIALIZATION:") {
        return DynoxideError::SerializationException(rest.to_owned());
    }
    let prefixes = ["VALIDATION_REQUEST:", "VALIDATION:"];
    let rest = prefixes.iter().find_map(|prefix| message.strip_prefix(prefix)).unwrap_or(message);
    DynoxideError::ValidationException(rest.to_owned())
}

/// Our clock, for the database.
struct TableClock(Clock);

impl dynoxide::storage_backend::Clock for TableClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_duration().as_secs_f64()
    }
}
