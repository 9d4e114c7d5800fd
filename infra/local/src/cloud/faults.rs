//! Faults on purpose: what AWS does now and then and this cloud never by itself. For stories; all are off at first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::{LocalCloud, Service};

/// Which requests meet a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Chance {
    #[default]
    Never,
    /// So many from now on.
    Next(u32),
    /// This share of them (0.0 to 1.0), drawn from a seed: the same seed draws the same.
    Share { share: f64, seed: u64 },
}

impl Chance {
    /// Whether the next one meets the fault.
    fn draw(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Next(left) => {
                let is_hit = *left > 0;
                *left = left.saturating_sub(1);
                is_hit
            }
            Self::Share { share, seed } => {
                // SplitMix64 (Steele, Lea, Flood 2014).
                *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut bits = *seed;
                bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                bits ^= bits >> 31;
                ((bits >> 11) as f64) < *share * (1_u64 << 53) as f64
            }
        }
    }
}

/// What is to go wrong.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Nothing is; then nobody waits for the rest.
    are_any: AtomicBool,
    set: Mutex<Set>,
}

#[derive(Debug, Default)]
struct Set {
    collisions: Chance,
    throttles: Chance,
    /// The one operation that is throttled, or `None` for every write.
    throttled: Option<&'static str>,
    lost: [Chance; 3],
    delay: Duration,
}

/// What becomes of a request of tables before it is done.
#[derive(Debug, PartialEq)]
pub(super) enum Meets {
    Nothing,
    Collision,
    Throttle,
    /// Of a BatchWriteItem: what is done, and what is left unprocessed.
    Partly {
        done: Vec<u8>,
        left: Json,
    },
}

impl Faults {
    fn change(&self, change: impl FnOnce(&mut Set)) {
        change(&mut self.set());
        self.are_any.store(true, Ordering::Relaxed);
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn delay(&self) -> Option<Duration> {
        if !self.are_any.load(Ordering::Relaxed) {
            return None;
        }
        Some(self.set().delay).filter(|delay| !delay.is_zero())
    }

    /// A request of tables.
    pub fn meets(&self, operation: &str, body: &[u8]) -> Meets {
        if !self.are_any.load(Ordering::Relaxed) || !is_write(Service::DynamoDb, operation) {
            return Meets::Nothing;
        }
        let mut set = self.set();
        if operation == "TransactWriteItems" && set.collisions.draw() {
            return Meets::Collision;
        }
        if set.throttled.is_some_and(|throttled| throttled != operation) {
            return Meets::Nothing;
        }
        match (operation, set.throttles) {
            ("BatchWriteItem", Chance::Share { .. }) => partly(body, || set.throttles.draw()),
            _ if set.throttles.draw() => Meets::Throttle,
            _ => Meets::Nothing,
        }
    }

    /// Whether the answer to a request that was done is lost.
    pub fn loses(&self, service: Service, operation: &str) -> bool {
        self.are_any.load(Ordering::Relaxed) && is_write(service, operation) && self.set().lost[service as usize].draw()
    }
}

fn is_write(service: Service, operation: &str) -> bool {
    match service {
        Service::DynamoDb => {
            matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
        }
        Service::Sqs => operation.starts_with("SendMessage") || operation.starts_with("DeleteMessage"),
        Service::S3 => !matches!(operation, "GetObject" | "HeadObject" | "HeadBucket" | "ListObjectsV2" | "ListParts"),
    }
}

/// A BatchWriteItem of which each item meets its own luck: if all are throttled, the request is (as AWS has it).
fn partly(body: &[u8], mut is_throttled: impl FnMut() -> bool) -> Meets {
    let Ok(mut request) = serde_json::from_slice::<Json>(body) else { return Meets::Nothing };
    let (mut left, mut done) = (Map::new(), 0);
    for (table, writes) in request["RequestItems"].as_object_mut().into_iter().flatten() {
        let Some(all) = writes.as_array_mut() else { continue };
        let refused: Vec<Json> = all.extract_if(.., |_| is_throttled()).collect();
        done += all.len();
        if !refused.is_empty() {
            left.insert(table.clone(), Json::Array(refused));
        }
    }
    if left.is_empty() {
        return Meets::Nothing;
    }
    if done == 0 {
        return Meets::Throttle;
    }
    if let Some(tables) = request["RequestItems"].as_object_mut() {
        tables.retain(|_, writes| writes.as_array().is_some_and(|writes| !writes.is_empty()));
    }
    Meets::Partly { done: request.to_string().into_bytes(), left: json!(left) }
}

impl LocalCloud {
    /// Has the next transactions of tables meet another one, as happens on AWS and never here by itself.
    pub fn collide(&self, transactions: u32) {
        self.0.faults.change(|set| set.collisions = Chance::Next(transactions));
    }

    /// Has writes to tables throttled: nothing is written, and the caller gets a
    /// `ProvisionedThroughputExceededException`. With `Chance::Share`, each item of a BatchWriteItem meets its own luck
    /// and stays unprocessed. `operation` is `BatchWriteItem` and its like, or `None` for every write.
    pub fn throttle(&self, operation: Option<&'static str>, chance: Chance) {
        self.0.faults.change(|set| (set.throttled, set.throttles) = (operation, chance));
    }

    /// Has writes of one service done without an answer: the caller sees its connection end.
    pub fn lose_answers(&self, service: Service, chance: Chance) {
        self.0.faults.change(|set| set.lost[service as usize] = chance);
    }

    /// Has each request wait so long before it is done, as over a network. Pollers do not wait.
    pub fn delay(&self, delay: Duration) {
        self.0.faults.change(|set| set.delay = delay);
    }

    /// Has queries of indexes answer as of so long ago by the clock; `Duration::ZERO` ends it. It holds a second copy
    /// of the tables in memory.
    pub fn lag_indexes(&self, behind: Duration) -> Result<(), super::CloudError> {
        self.0.tables.lag_indexes(behind)
    }
}

#[cfg(test)]
mod tests;
