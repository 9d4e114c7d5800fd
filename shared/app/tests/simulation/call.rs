//! Simulates a call to a table or queue: time passes, it takes effect or not, its response arrives or not.

use crate::engine::Sim;
use crate::model::Model;
use crate::table::{Result, TableError};

enum Fate {
    Done,
    /// Refused without effect, more often than the caller retries.
    Refused,
    /// Has its effect, but the caller gets an error.
    Unanswered,
    /// Has its effect, and is repeated because no response arrived.
    CalledAgain,
}

impl Model {
    fn fate(&mut self) -> Fate {
        let faults = self.faults();
        match self.random.below(1_000) {
            chance if chance < faults.refused => Fate::Refused,
            chance if chance < faults.refused + faults.unanswered => match self.random.chance(500) {
                true => Fate::Unanswered,
                false => Fate::CalledAgain,
            },
            _ => Fate::Done,
        }
    }
}

impl Sim {
    /// Latency of a call in one direction.
    pub async fn pass(&self) {
        let ms = self.model().latency_ms();
        self.sleep(ms).await;
    }

    /// One call.
    pub async fn call<T>(&self, effect: impl Fn(&mut Model) -> Result<T>) -> Result<T> {
        self.called(effect, false).await
    }

    /// A call with a token: repeated, it has its effect once and returns the same response.
    pub async fn call_once<T>(&self, effect: impl Fn(&mut Model) -> Result<T>) -> Result<T> {
        self.called(effect, true).await
    }

    async fn called<T>(&self, effect: impl Fn(&mut Model) -> Result<T>, has_token: bool) -> Result<T> {
        self.pass().await;
        let fate = self.model().fate();
        match fate {
            Fate::Refused => Err(TableError::Unavailable),
            Fate::Done => {
                let done = effect(&mut self.model());
                // Mostly the response is immediate, which halves the number of awaits with the same histories.
                if self.model().random.chance(250) {
                    self.pass().await;
                }
                done
            }
            Fate::Unanswered => {
                let _ = effect(&mut self.model());
                self.sleep(5_000).await;
                Err(TableError::Unavailable)
            }
            Fate::CalledAgain => {
                let first = effect(&mut self.model());
                self.sleep(2_000).await;
                if has_token { first } else { effect(&mut self.model()) }
            }
        }
    }
}
