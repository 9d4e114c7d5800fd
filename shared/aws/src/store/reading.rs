//! The reads and writes that all items share.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, KeysAndAttributes, WriteRequest};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

use super::item::{Item, Page, ms, n, s, text};
use super::{Error, Result, failed, unbuilt};

/// Strongly consistent read of one item.
pub(super) async fn get(db: &Client, table: &str, pk: &str, sk: &str, what: &'static str) -> Result<Option<Item>> {
    let got = db.get_item().table_name(table).key("pk", s(pk)).key("sk", s(sk)).consistent_read(true).send().await;
    Ok(got.map_err(failed("read", what))?.item)
}

/// Writes an item that has the version `read`; zero means that it must not exist yet. The item is written with the next
/// version.
pub(super) async fn put(db: &Client, table: &str, mut item: Item, read: u64, what: &'static str) -> Result<()> {
    item.insert("version".into(), n(read + 1));
    let put = db.put_item().table_name(table).set_item(Some(item));
    let put = match read {
        0 => put.condition_expression("attribute_not_exists(pk)"),
        _ => put.condition_expression("version = :read").expression_attribute_values(":read", n(read)),
    };
    put.send().await.map_err(failed("write", what))?;
    Ok(())
}

/// An update of one item, with the values of its expression and of the condition that the caller adds.
pub(super) fn update<const N: usize>(
    db: &Client,
    table: &str,
    pk: impl Into<String>,
    sk: impl Into<String>,
    expression: &str,
    values: [(&str, AttributeValue); N],
) -> UpdateItemFluentBuilder {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let update = db.update_item().table_name(table).key("pk", s(pk)).key("sk", s(sk));
    update.update_expression(expression).set_expression_attribute_values(Some(values))
}

/// Notes an instant on an item of which nothing else changes; one that is gone stays gone.
pub(super) async fn note_instant(
    db: &Client,
    table: &str,
    pk: &str,
    sk: &str,
    attribute: &str,
    at: Timestamp,
    what: &'static str,
) -> Result<()> {
    let update = update(db, table, pk, sk, &format!("SET {attribute} = :at"), [(":at", n(ms(at)))]);
    let update = update.condition_expression("attribute_exists(pk)");
    unless_conflict(update.send().await.map_err(failed("write", what))).map(drop)
}

/// What was written, if the condition held.
pub(super) fn unless_conflict<T>(written: Result<T>) -> Result<Option<T>> {
    match written {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes an item that is unchanged since it was read.
pub(super) async fn delete(db: &Client, table: &str, pk: &str, sk: &str, read: u64, what: &'static str) -> Result<()> {
    let delete = db.delete_item().table_name(table).key("pk", s(pk)).key("sk", s(sk));
    let delete = delete.condition_expression("version = :read").expression_attribute_values(":read", n(read));
    delete.send().await.map_err(failed("delete", what))?;
    Ok(())
}

/// Removes an item in any version, if it exists.
pub(super) async fn forget(db: &Client, table: &str, pk: &str, sk: &str, what: &'static str) -> Result<()> {
    let delete = db.delete_item().table_name(table).key("pk", s(pk)).key("sk", s(sk));
    delete.send().await.map_err(failed("delete", what))?;
    Ok(())
}

/// DynamoDB takes 100 keys a request.
const READS_PER_REQUEST: usize = 100;

/// Strongly consistent reads of some items of a partition, by their sort keys; missing ones are left out.
pub(super) async fn get_all(
    db: &Client,
    table: &str,
    pk: &str,
    sks: &[&str],
    what: &'static str,
) -> Result<HashMap<String, Item>> {
    let mut found = HashMap::with_capacity(sks.len());
    for chunk in sks.chunks(READS_PER_REQUEST) {
        let keys = chunk.iter().map(|sk| start_key(pk, sk)).collect();
        let of = |keys| KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let mut wanted = of(keys).map_err(unbuilt(what))?;
        let mut patience = Patience::new("read", what);
        loop {
            let got = db.batch_get_item().request_items(table, wanted.clone()).send().await;
            let left = match got {
                Ok(answer) => {
                    for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                        found.insert(text(&item, "sk", what)?.to_owned(), item);
                    }
                    answer.unprocessed_keys.and_then(|mut left| left.remove(table))
                }
                Err(error) if passes(&error) => Some(wanted),
                Err(error) => return Err(failed("read", what)(error)),
            };
            match left {
                Some(left) => wanted = left,
                None => break,
            }
            patience.wait().await?;
        }
    }
    Ok(found)
}

/// Which items of a partition, in which order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice<'a> {
    pub pk: &'a str,
    /// Sort keys begin with this.
    pub prefix: &'a str,
    /// Where the page before ended: its last sort key. One without the prefix is ignored: it belongs to no such page.
    pub after: Option<&'a str>,
    pub newest_first: bool,
}

/// One page of a partition, at most `limit` items; `next` is the sort key of the last one.
pub(super) async fn page(
    db: &Client,
    table: &str,
    slice: Slice<'_>,
    limit: usize,
    what: &'static str,
) -> Result<Page<Item>> {
    let mut start = slice.after.filter(|sk| sk.starts_with(slice.prefix)).map(|sk| start_key(slice.pk, sk));
    let mut items: Vec<Item> = Vec::new();
    loop {
        let wanted = i32::try_from(limit - items.len()).unwrap_or(i32::MAX);
        let query = db
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(slice.pk))
            .expression_attribute_values(":prefix", s(slice.prefix))
            .scan_index_forward(!slice.newest_first)
            .consistent_read(true)
            .limit(wanted)
            .set_exclusive_start_key(start.take());
        let answer = query.send().await.map_err(failed("list", what))?;
        items.extend(answer.items.unwrap_or_default());
        start = answer.last_evaluated_key;
        if start.is_none() {
            return Ok(Page { items, next: None });
        }
        if items.len() >= limit {
            let next = items.last().map(|item| text(item, "sk", what).map(str::to_owned)).transpose()?;
            return Ok(Page { items, next });
        }
    }
}

fn start_key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

/// Every item of a partition under a prefix, in order.
pub(super) async fn all(db: &Client, table: &str, pk: &str, prefix: &str, what: &'static str) -> Result<Vec<Item>> {
    let slice = Slice { pk, prefix, after: None, newest_first: false };
    Ok(page(db, table, slice, usize::MAX, what).await?.items)
}

/// Every item of a query, in order. Boxed, because a query is large and its callers are deep.
pub(super) fn every(query: QueryFluentBuilder, what: &'static str) -> BoxFuture<'static, Result<Vec<Item>>> {
    Box::pin(async move {
        let (mut start, mut items) = (None, Vec::new());
        loop {
            let answer = query.clone().set_exclusive_start_key(start).send().await.map_err(failed("list", what))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    })
}

/// Removes items of a partition, by their sort keys, whatever they are by now.
pub(super) async fn forget_all(db: &Client, table: &str, pk: &str, sks: Vec<String>, what: &'static str) -> Result<()> {
    remove_all(db, table, sks.iter().map(|sk| start_key(pk, sk)).collect(), what).await
}

/// Removes items by their keys, whatever they are by now.
pub(super) async fn remove_all(db: &Client, table: &str, keys: Vec<Item>, what: &'static str) -> Result<()> {
    let request = |key| DeleteRequest::builder().set_key(Some(key)).build();
    let removals = keys.into_iter().map(|key| Ok(WriteRequest::builder().delete_request(request(key)?).build()));
    write_all(db, table, removals.collect::<std::result::Result<_, _>>().map_err(unbuilt(what))?, what).await
}

/// Writes or removes items without conditions, 25 per request, eight requests at once, until all are processed.
pub(super) async fn write_all(db: &Client, table: &str, writes: Vec<WriteRequest>, what: &'static str) -> Result<()> {
    use futures_util::{StreamExt, TryStreamExt};
    let chunks: Vec<_> = writes.chunks(WRITES_PER_REQUEST).map(<[_]>::to_vec).collect();
    futures_util::stream::iter(chunks.into_iter().map(|chunk| write_chunk(db, table, chunk, what)))
        .buffer_unordered(8)
        .try_collect()
        .await
}

/// DynamoDB takes 25 writes a request.
const WRITES_PER_REQUEST: usize = 25;

async fn write_chunk(db: &Client, table: &str, mut writes: Vec<WriteRequest>, what: &'static str) -> Result<()> {
    let mut patience = Patience::new("write", what);
    loop {
        let sent = db.batch_write_item().request_items(table, writes.clone()).send().await;
        let left = match sent {
            Ok(answer) => answer.unprocessed_items.and_then(|mut left| left.remove(table)),
            Err(error) if passes(&error) => Some(writes),
            Err(error) => return Err(failed("write", what)(error)),
        };
        match left {
            Some(left) if !left.is_empty() => writes = left,
            _ => return Ok(()),
        }
        patience.wait().await?;
    }
}

/// Whether the table throttles, or its response was lost: operations without conditions may be repeated.
fn passes<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    match error {
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        error => matches!(
            error.as_service_error().and_then(ProvideErrorMetadata::code),
            Some("ProvisionedThroughputExceededException" | "RequestLimitExceeded" | "ThrottlingException")
        ),
    }
}

/// How long one batch of reads or writes is retried while the table throttles it: a new partition is split within a
/// minute, and a function has at least two.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest first pause; each is twice the previous one, up to `PAUSE_MAX`.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(3);

/// Waits between the attempts of one request.
struct Patience {
    verb: &'static str,
    what: &'static str,
    until: Instant,
    pause: Duration,
}

impl Patience {
    fn new(verb: &'static str, what: &'static str) -> Self {
        Self { verb, what, until: Instant::now() + PATIENCE, pause: PAUSE }
    }

    /// Waits between half of the pause and all of it, so that requests throttled together do not return together. An
    /// error once the time limit is reached.
    async fn wait(&mut self) -> Result<()> {
        // The standard library's seeds are random enough for that.
        let share = RandomState::new().build_hasher().finish() % 256;
        let pause = self.pause.mul_f64(0.5 + share as f64 / 512.0);
        if Instant::now() + pause > self.until {
            let (verb, what) = (self.verb, self.what);
            return Err(Error::Unavailable { verb, what, cause: "throttled for too long".into() });
        }
        tokio::time::sleep(pause).await;
        self.pause = PAUSE_MAX.min(2 * self.pause);
        Ok(())
    }
}
