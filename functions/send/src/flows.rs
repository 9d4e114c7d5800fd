//! The carrier's flow in this process: read before each call, updated after it.

use std::sync::{Arc, Mutex};

use aws::store::{self, IsConflict, ReadFlow, Store, retry_on_conflict};
use domain::flow::{Call, Contract, Flow, Grant};
use domain::ids::AccountId;
use jiff::{SignedDuration, Timestamp};
use support::Clock;
use support::telemetry::chain;
use tracing::warn;

/// Age up to which a flow counts as current, if nothing limits the carrier.
const FRESH: SignedDuration = SignedDuration::from_secs(1);
/// Attempts to change the flow, which all senders write.
const TRIES: u32 = 8;
/// How long to wait when every attempt met a conflict.
const CROWDED: SignedDuration = SignedDuration::from_millis(500);

#[derive(Clone)]
pub struct Flows {
    store: Store,
    carrier: &'static str,
    contract: Contract,
    clock: Clock,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Clone)]
struct Seen {
    read: ReadFlow,
    at: Timestamp,
}

impl Flows {
    pub fn new(store: Store, carrier: &'static str, contract: Contract, clock: Clock) -> Self {
        Self { store, carrier, contract, clock, seen: Arc::default() }
    }

    /// The flow, at most `FRESH` old.
    pub async fn now(&self) -> Result<Flow, store::Error> {
        let now = self.clock.now();
        let seen = self.seen.lock().ok().and_then(|seen| seen.clone());
        match seen.filter(|seen| now.duration_since(seen.at) < FRESH) {
            Some(seen) => Ok(seen.read.flow),
            None => Ok(self.read().await?.flow),
        }
    }

    /// What a call would be granted now; nothing is recorded.
    pub async fn outlook(&self, wanted: u32, account: &AccountId) -> Result<Grant, store::Error> {
        Ok(self.now().await?.grant(wanted, account.into(), &self.contract, self.clock.now()))
    }

    /// Records that an account waits for the carrier, so that it gets its turn.
    pub async fn wait(&self, account: &AccountId) -> Result<(), store::Error> {
        self.change(|flow, _, now| flow.wait(account.into(), now)).await.map(drop)
    }

    /// Whether another account misses its turn, perhaps because it has no session.
    pub async fn is_needed_elsewhere(&self, account: &AccountId) -> Result<bool, store::Error> {
        Ok(self.now().await?.has_missed_turn(account.into(), self.clock.now()))
    }

    /// Grants up to `wanted` messages to an account.
    pub async fn grant(&self, wanted: u32, account: &AccountId) -> Result<Grant, store::Error> {
        if self.now().await?.is_free(&self.contract) {
            return Ok(Grant::Now(wanted.min(self.contract.window)));
        }
        let granted = self.change(|flow, contract, now| flow.grant(wanted, account.into(), contract, now)).await?;
        Ok(granted.unwrap_or(Grant::At(self.clock.now() + CROWDED)))
    }

    /// Records the result of a call that began at `began_at`. Errors are only logged: the messages are more important.
    pub async fn learn(&self, call: Call, began_at: Timestamp) {
        let is_clean = matches!(call, Call::Answered { throttled: 0, .. });
        match self.now().await {
            Ok(flow) if is_clean && flow.is_free(&self.contract) => return,
            Ok(_) | Err(_) => {}
        }
        match self.change(|flow, _, now| flow.learn(call, began_at, now)).await {
            Ok(Some(())) => {}
            Ok(None) => warn!("the result of a call was not recorded: too many conflicts"),
            Err(error) => warn!(error.chain = chain(&error), "the result of a call was not recorded"),
        }
    }

    /// Reads the flow, changes it and writes it; repeats on conflicts. `None` if every attempt met one.
    async fn change<T>(
        &self,
        change: impl Fn(&mut Flow, &Contract, Timestamp) -> T,
    ) -> Result<Option<T>, store::Error> {
        let changed = retry_on_conflict(TRIES, || async {
            let (read, now) = (self.read().await?, self.clock.now());
            let mut flow = read.flow.clone();
            let answer = change(&mut flow, &self.contract, now);
            if flow != read.flow {
                self.remember(self.store.put_flow(self.carrier, &read, flow).await?, now);
            }
            Ok::<_, store::Error>(Some(answer))
        });
        match changed.await {
            Err(error) if error.is_conflict() => Ok(None),
            changed => changed,
        }
    }

    async fn read(&self) -> Result<ReadFlow, store::Error> {
        // The age counts from the request, however long the response takes.
        let asked_at = self.clock.now();
        let read = self.store.flow(self.carrier).await?;
        self.remember(read.clone(), asked_at);
        Ok(read)
    }

    fn remember(&self, read: ReadFlow, at: Timestamp) {
        if let Ok(mut seen) = self.seen.lock() {
            *seen = Some(Seen { read, at });
        }
    }
}
