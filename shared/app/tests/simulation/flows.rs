//! The carrier's flow in one sending process, as in `functions/send/src/flows.rs`, over the same domain.

use domain::flow::{Call, Contract, Flow, Grant, Party};
use jiff::{SignedDuration, Timestamp};

use crate::engine::{Sim, after_ms};
use crate::table::{Result, TableError};

pub const FRESH: SignedDuration = SignedDuration::from_secs(1);
const TRIES: u32 = 8;
const CROWDED_MS: i64 = 500;

/// A sending process: one batch at a time.
#[derive(Default)]
pub struct Session {
    pub is_busy: bool,
    seen: Option<(Flow, Timestamp)>,
}

impl Session {
    /// A killed process is replaced by one without memory.
    pub fn restart(&mut self) {
        *self = Self::default();
    }
}

/// The flows of one session.
pub struct Flows<'a> {
    pub sim: &'a Sim,
    pub session: usize,
    /// Whose messages these are.
    pub party: Party,
}

impl Flows<'_> {
    fn contract(&self) -> Contract {
        self.sim.model().contract()
    }

    pub async fn now(&self) -> Result<Flow> {
        let now = self.sim.now();
        let seen = self.sim.model().sessions[self.session].seen.clone();
        match seen.filter(|(_, at)| now.duration_since(*at) < FRESH) {
            Some((flow, _)) => Ok(flow),
            None => Ok(self.read().await?.0),
        }
    }

    pub async fn outlook(&self, wanted: u32) -> Result<Grant> {
        Ok(self.now().await?.grant(wanted, self.party, &self.contract(), self.sim.now()))
    }

    pub async fn wait(&self) -> Result<()> {
        self.change(|flow, now| flow.wait(self.party, now)).await.map(drop)
    }

    pub async fn grant(&self, wanted: u32) -> Result<Grant> {
        let contract = self.contract();
        if self.now().await?.is_free(&contract) {
            return Ok(Grant::Now(wanted.min(contract.window)));
        }
        let granted = self.change(|flow, now| flow.grant(wanted, self.party, &contract, now)).await?;
        Ok(granted.unwrap_or(Grant::At(after_ms(self.sim.now(), CROWDED_MS))))
    }

    pub async fn learn(&self, call: Call, began_at: Timestamp) {
        let is_clean = matches!(call, Call::Answered { throttled: 0, .. });
        match self.now().await {
            Ok(flow) if is_clean && flow.is_free(&self.contract()) => return,
            Ok(_) | Err(_) => {}
        }
        let _ = self.change(|flow, now| flow.learn(call, began_at, now)).await;
    }

    async fn change<T>(&self, change: impl Fn(&mut Flow, Timestamp) -> T) -> Result<Option<T>> {
        for _ in 0..TRIES {
            let ((read, version), now) = (self.read().await?, self.sim.now());
            let mut flow = read.clone();
            let answer = change(&mut flow, now);
            if flow == read {
                return Ok(Some(answer));
            }
            match self.sim.put_flow(version, &flow).await {
                Ok((written, _)) => {
                    self.remember(written, now);
                    return Ok(Some(answer));
                }
                Err(TableError::Conflict) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(None)
    }

    async fn read(&self) -> Result<(Flow, u64)> {
        let asked_at = self.sim.now();
        let (flow, version) = self.sim.flow().await?;
        self.remember(flow.clone(), asked_at);
        Ok((flow, version))
    }

    fn remember(&self, flow: Flow, at: Timestamp) {
        self.sim.model().sessions[self.session].seen = Some((flow, at));
    }
}
