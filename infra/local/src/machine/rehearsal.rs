//! A machine and its carrier under one clock that a test moves: whole campaigns, from the upload to the last receipt.
//!
//! ```text
//! let stage = Rehearsal::open(at).await?;
//! let answer = stage.machine.request(request).await;
//! stage.settle().await?;                       // queues and due receipts, until nothing moves at this time
//! stage.play_until(at + 2.hours()).await?;     // minute by minute, each settled
//! ```
//!
//! The machine answers on sockets, because the carrier is behind real HTTP both ways; nothing else happens by itself.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{BadSecret, Drained, Listeners, Machine, MachineError, PortTaken, Setup};
use crate::cloud::CloudError;
use crate::sandbox::{CannotOpen, Sandbox, Settings};
use crate::sockets::{Server, Stopper};

/// EventBridge's smallest period, and the template's.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// Within a minute, receipts come and delayed messages are due: the clock moves by this.
const STEP: SignedDuration = SignedDuration::from_secs(5);

/// A machine in memory, the sandbox, and their sockets. Dropping it ends all.
pub struct Rehearsal {
    pub machine: Machine,
    pub sandbox: Sandbox,
    _journal: tempfile::TempDir,
    _stopper: Stopper,
    answering: tokio::task::JoinHandle<()>,
}

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum CannotRehearse {
    #[error(transparent)]
    Port(#[from] PortTaken),
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Sandbox(#[from] CannotOpen),
    #[error(transparent)]
    Secret(#[from] BadSecret),
    #[error("no folder for the sandbox")]
    Folder(#[source] std::io::Error),
}

impl Rehearsal {
    /// A stage on which it is `at`.
    pub async fn open(at: Timestamp) -> Result<Self, CannotRehearse> {
        Self::open_with(at, |_, _| {}).await
    }

    /// A stage with a machine (on a folder, perhaps) or a sandbox (slower, perhaps) of the test's own.
    pub async fn open_with(
        at: Timestamp,
        change: impl FnOnce(&mut Setup, &mut Settings),
    ) -> Result<Self, CannotRehearse> {
        let listeners = Listeners::bind(0).await?;
        let mut setup = Setup { ports: listeners.ports(), ..Setup::in_memory(at) };
        let journal = tempfile::tempdir().map_err(CannotRehearse::Folder)?;
        let mut settings = setup.sandbox(journal.path())?;
        change(&mut setup, &mut settings);
        let sandbox = Sandbox::open(settings)?;
        let machine = Machine::open(setup).await?;
        let (stopper, stop) = Stopper::new();
        let (carrier, machine_too) = (sandbox.router(), machine.clone());
        let answering = tokio::spawn(async move {
            let carrier = Server::new(carrier).run(listeners.sandbox, stop.clone());
            tokio::join!(carrier, machine_too.answer(listeners.doors, stop));
        });
        Ok(Self { machine, sandbox, _journal: journal, _stopper: stopper, answering })
    }

    /// Brings messages to their functions, and receipts and replies that are due to the API, until nothing moves at
    /// this time.
    pub async fn settle(&self) -> Result<Drained, CloudError> {
        let mut all = Drained::default();
        loop {
            let drained = self.machine.drain().await?;
            let delivered = self.sandbox.deliver_due(self.machine.clock().now()).await;
            all.calls += drained.calls;
            all.messages += drained.messages;
            all.failed += drained.failed;
            if drained.calls == 0 && delivered.calls == delivered.failed_calls {
                return Ok(all);
            }
        }
    }

    /// Moves the clock forward in small steps, each settled; at every full minute that passes, the schedules tick.
    pub async fn play_until(&self, end: Timestamp) -> Result<Drained, CloudError> {
        let mut all = self.settle().await?;
        while self.machine.clock().now() < end {
            let before = self.machine.clock().now();
            let now = before.saturating_add(STEP).map_or(end, |next| next.min(end));
            if minute(now) == minute(before) {
                self.machine.clock().advance(now.duration_since(before).try_into().unwrap_or(Duration::ZERO));
            } else {
                self.machine.tick(now).await?;
            }
            let Drained { calls, messages, failed } = self.settle().await?;
            all = Drained { calls: all.calls + calls, messages: all.messages + messages, failed: all.failed + failed };
        }
        Ok(all)
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(MINUTE.as_secs())
}
