//! A test carrier that speaks the `Http` protocol, stores everything that it accepted, and misbehaves on command. In a
//! harness it replaces the sandbox; a test of the real process serves it on its own port.
//!
//! - `conduct` – its behaviour; `level` – how much of its limit is used;
//! - `book` – what it accepted and owes; `calls` – its callbacks; `random` – seeded randomness.

mod book;
mod calls;
mod conduct;
mod level;
mod random;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::post;
use book::{Book, Met};
use calls::CallBack;
use http::{HeaderMap, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use support::Clock;
use tokio::sync::Notify;

pub use book::{Call, Message, Taken, fate};
pub use conduct::{Conduct, Excess, Limit, Reaction, Receipts};
pub use random::Random;

/// The carrier. Clones share it.
#[derive(Clone)]
pub struct Peer(Arc<Inner>);

struct Inner {
    book: Mutex<Book>,
    clock: Clock,
    client: reqwest::Client,
    call_back: Mutex<Option<CallBack>>,
    death: Notify,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submission {
    messages: Vec<Message>,
}

impl Peer {
    /// A carrier with this clock; its randomness follows from the seed.
    pub fn new(conduct: Conduct, clock: Clock, seed: u64) -> Self {
        let (book, client) = (Mutex::new(Book::new(conduct, seed)), calls::client());
        Self(Arc::new(Inner { book, clock, client, call_back: Mutex::default(), death: Notify::new() }))
    }

    /// Its HTTP routes: `POST /messages`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().route("/messages", post(submit)).with_state(self.clone())
    }

    /// Changes its behaviour from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Conduct)) {
        change(&mut self.book().conduct);
    }

    /// Reactions to the next calls, one each.
    pub fn next(&self, reactions: impl IntoIterator<Item = Reaction>) {
        self.book().conduct.next.extend(reactions);
    }

    /// The reaction to every call from now on.
    pub fn usually(&self, reaction: Reaction) {
        self.book().conduct.usual = reaction;
    }

    /// Each SMS sent for a campaign, in order; a message that was accepted twice is there twice.
    pub fn taken(&self, campaign: &str) -> Vec<Taken> {
        let tail = campaign.trim_start_matches("cmp_");
        let is_of_campaign = |taken: &&Taken| taken.message.id.split('.').nth(1) == Some(tail);
        self.book().taken.iter().filter(is_of_campaign).cloned().collect()
    }

    /// Number of SMS sent.
    pub fn count(&self) -> usize {
        self.book().taken.len()
    }

    /// Every call, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.book().calls.clone()
    }

    /// Returns when a call met [`Reaction::TakesAndKills`]: its caller is to be killed now.
    pub async fn killed(&self) {
        self.0.death.notified().await;
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_early(&self) -> bool {
        self.book().conduct.receipts.before_the_answer
    }
}

async fn submit(State(peer): State<Peer>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    let Submission { messages } = serde_json::from_slice(&body).unwrap();
    let now = peer.0.clock.now();
    let met = peer.book().meet(messages, now);
    if peer.is_early() {
        peer.deliver_due(jiff::Timestamp::MAX).await;
    }
    match met {
        Met::Answers(words) => {
            let results = words.iter().map(|(id, word)| json!({"id": id, "status": word.code()}));
            let body = json!({"results": results.collect::<Vec<_>>()}).to_string();
            Response::new(Body::from(body))
        }
        Met::Status { status, retry_after_seconds } => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Some(seconds) = retry_after_seconds {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            answer
        }
        Met::Silence => std::future::pending().await,
        Met::BrokenConnection => {
            // A failing body breaks the connection.
            let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("broken")) });
            Response::new(Body::from_stream(broken))
        }
        Met::Death => {
            peer.0.death.notify_waiters();
            std::future::pending().await
        }
    }
}
