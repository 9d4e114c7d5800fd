//! The built-in carrier: a phone network on this machine, behind the same protocol as any `Http` carrier.
//!
//! It has its own loopback port and journal, accepts an id only once (also after a restart), delivers receipts after a
//! while in real signed requests, fails by number, and shows phones that can be read and answered from. It is
//! independent of the rest of the local cloud; only `domain::signature` is shared.
//!
//! What grows: about 150 bytes of memory and 350 bytes of journal per message, because it must recognise repeats
//! forever. A submission, a receipt and a count cost the same however many messages there are; a list by campaign walks
//! through all rows.
//!
//! - `fate` – the simulated outcome of a number, by its last two digits. Pure.
//! - `row`, `memory`, `journal`, `book` – its data, in memory and on disk.
//! - `callback`, `deliver` – its requests to us.
//! - `server`, `page` – its HTTP server: the protocol, the lists, the phones.

mod book;
mod callback;
mod deliver;
mod fate;
mod journal;
mod listing;
mod memory;
mod page;
mod row;
mod server;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use book::Book;
use callback::CallbackAuth;
use support::Clock;
use tokio::sync::Notify;

pub use callback::CallbackSettings;
pub use deliver::Delivered;
pub use memory::{Delays, Stats};

/// Settings of the sandbox.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of its journal; created if it does not exist.
    pub dir: PathBuf,
    pub delays: Delays,
    /// Where receipts and replies are sent. Without it they stay due.
    pub callback: Option<CallbackSettings>,
    /// The `Authorization` that submissions need. Without it any is accepted.
    pub authorization: Option<String>,
    /// The number that a phone replies to if its message names none.
    pub stop_code: String,
    pub clock: Clock,
}

impl Settings {
    /// Receipts after one to three seconds, no callbacks, no authorization.
    pub fn new(dir: impl Into<PathBuf>, clock: Clock) -> Self {
        let delays = Delays { first: Duration::from_secs(1), spread: Duration::from_secs(2) };
        Self { dir: dir.into(), delays, callback: None, authorization: None, stop_code: "36105".into(), clock }
    }
}

/// Why the sandbox does not open.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    #[error("cannot open the sandbox's journal in {dir}")]
    Journal {
        dir: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot make the sandbox's HTTP client")]
    Client(#[source] reqwest::Error),
}

/// The built-in carrier. Clones share it.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    settings: Settings,
    book: Mutex<Book>,
    caller: Option<CallbackAuth>,
    /// Notified when a new receipt or reply is due.
    bell: Notify,
    /// Held while replies are delivered.
    replies_turn: tokio::sync::Mutex<()>,
}

impl Sandbox {
    /// Opens it and replays its journal.
    pub fn open(settings: Settings) -> Result<Self, CannotOpen> {
        let dir = &settings.dir;
        let book = std::fs::create_dir_all(dir)
            .and_then(|()| Book::open(dir, settings.delays))
            .map_err(|source| CannotOpen::Journal { dir: dir.clone(), source })?;
        let caller = settings.callback.clone().map(CallbackAuth::new).transpose().map_err(CannotOpen::Client)?;
        let (book, bell, replies_turn) = (Mutex::new(book), Notify::new(), tokio::sync::Mutex::new(()));
        Ok(Self(Arc::new(Inner { settings, book, caller, bell, replies_turn })))
    }

    /// Its HTTP routes.
    pub fn router(&self) -> axum::Router {
        server::router(self.clone())
    }

    /// Counts since the journal began.
    pub fn stats(&self) -> Stats {
        self.book().memory().stats()
    }

    /// When the next receipt is due.
    pub fn next_due(&self) -> Option<jiff::Timestamp> {
        self.book().memory().next_due_ms().map(deliver::instant)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic while it was locked cannot have separated journal and memory for longer than the process lives.
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn caller(&self) -> Option<&CallbackAuth> {
        self.0.caller.as_ref()
    }

    fn clock(&self) -> &Clock {
        &self.0.settings.clock
    }

    async fn something_new(&self) {
        self.0.bell.notified().await;
    }
}
