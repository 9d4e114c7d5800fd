//! Fault injection: errors that AWS has now and then and this cloud never has by itself. For stories; off by default.

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
    /// The next requests, this many.
    Next(u32),
    /// This share of them (0.0 to 1.0), from a seeded generator: equal seeds give equal results.
    Share { share: f64, seed: u64 },
}

impl Chance {
    /// Whether the next request meets the fault.
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

/// The faults to inject.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Whether there are any; if not, no lock is needed.
    are_any: AtomicBool,
    set: Mutex<Set>,
}

#[derive(Debug, Default)]
struct Set {
    collisions: Chance,
    throttles: Chance,
    /// The only operation to throttle, or `None` for every write.
    throttled: Option<&'static str>,
    lost: [Chance; 3],
    delay: Duration,
}

/// How a request to tables is treated.
#[derive(Debug, PartialEq)]
pub(super) enum Meets {
    Nothing,
    Collision,
    Throttle,
    /// For a BatchWriteItem: the part to run, and the part left unprocessed.
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

    /// Decides about a request to tables.
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

    /// Whether the response to a completed request is lost.
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

/// A BatchWriteItem whose items are throttled one by one: if all are, the request is, as on AWS.
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
    /// Makes the next transactions conflict with another one, as happens on AWS and never here by itself.
    pub fn collide(&self, transactions: u32) {
        self.0.faults.change(|set| set.collisions = Chance::Next(transactions));
    }

    /// Throttles writes to tables: nothing is written, and the caller gets a `ProvisionedThroughputExceededException`.
    /// With `Chance::Share`, each item of a BatchWriteItem is drawn separately and stays unprocessed. `operation` is
    /// for example `BatchWriteItem`, or `None` for every write.
    pub fn throttle(&self, operation: Option<&'static str>, chance: Chance) {
        self.0.faults.change(|set| (set.throttled, set.throttles) = (operation, chance));
    }

    /// Makes writes to one service succeed without a response: the caller's connection ends.
    pub fn lose_answers(&self, service: Service, chance: Chance) {
        self.0.faults.change(|set| set.lost[service as usize] = chance);
    }

    /// Delays each request, as over a network. Pollers are not delayed.
    pub fn delay(&self, delay: Duration) {
        self.0.faults.change(|set| set.delay = delay);
    }

    /// Makes queries of indexes lag by this time; `Duration::ZERO` ends it. Needs a second copy of the tables in
    /// memory.
    pub fn lag_indexes(&self, behind: Duration) -> Result<(), super::CloudError> {
        self.0.tables.lag_indexes(behind)
    }
}

#[cfg(test)]
mod tests;
