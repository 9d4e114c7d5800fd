//! What becomes of a call to a table or a queue: time passes, it is done or not, its answer comes or not.

use crate::engine::Sim;
use crate::model::Model;
use crate::table::{Result, TableError};

enum Fate {
    Done,
    /// Refused before anything was done, more often than whoever calls tries.
    Refused,
    /// Done, and whoever calls learns of a failure only.
    Unanswered,
    /// Done, and as no answer came it was called again.
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
    /// Time that a call takes one way.
    pub async fn pass(&self) {
        let ms = self.model().latency_ms();
        self.sleep(ms).await;
    }

    /// One call.
    pub async fn call<T>(&self, effect: impl Fn(&mut Model) -> Result<T>) -> Result<T> {
        self.called(effect, false).await
    }

    /// One call that is known by a token: called again it is done once, and answers the same.
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
                // Mostly the answer is there at once: half of the awaits, the same histories.
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
