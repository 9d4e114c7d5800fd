//! Delivers receipts and replies that are due, in few requests, repeated until acknowledged.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::Sandbox;
use super::book::Book;
use super::callback::{Body, CallFailed, CallbackAuth, Receipt, ReplyBody};
use super::row::{RowNumber, Written};

/// Most receipts or replies per request.
const RECORDS_PER_CALL: usize = 1_000;
/// Concurrent requests.
const CALLS_AT_ONCE: usize = 4;
/// Receipts taken from the schedule at once.
const RECEIPTS_PER_PASS: usize = 20 * RECORDS_PER_CALL;
/// How often the schedule is checked while deliveries are due: those due in between share a request.
const TICK: Duration = Duration::from_millis(250);
/// The longest sleep while deliveries are due.
const NAP: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// The result of one delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    pub receipts: usize,
    pub replies: usize,
    pub calls: usize,
    pub failed_calls: usize,
}

impl Sandbox {
    /// Delivers every receipt and reply that is due at `now`, including second receipts; failed ones stay due.
    pub async fn deliver_due(&self, now: jiff::Timestamp) -> Delivered {
        let mut done = Delivered::default();
        let Some(caller) = self.caller() else { return done };
        self.deliver_replies(caller, now, &mut done).await;
        while done.failed_calls == 0 {
            let due = self.book().memory_mut().take_due(ms(now), RECEIPTS_PER_PASS);
            if due.is_empty() {
                break;
            }
            let groups: Vec<Vec<RowNumber>> = due.chunks(RECORDS_PER_CALL).map(<[_]>::to_vec).collect();
            let calls = groups.into_iter().map(|numbers| self.deliver_receipts(caller, numbers, now));
            let mut calls = futures_util::stream::iter(calls).buffer_unordered(CALLS_AT_ONCE);
            while let Some(outcome) = calls.next().await {
                done.calls += 1;
                match outcome {
                    Some(receipts) => done.receipts += receipts,
                    None => done.failed_calls += 1,
                }
            }
        }
        done
    }

    /// One request with receipts. `None` if it failed: they are due again.
    pub(super) async fn deliver_receipts(
        &self,
        caller: &CallbackAuth,
        numbers: Vec<RowNumber>,
        now: jiff::Timestamp,
    ) -> Option<usize> {
        let (numbers, receipts): (Vec<RowNumber>, Vec<Receipt>) = {
            let book = self.book();
            numbers.into_iter().filter_map(|number| Some((number, receipt(&book, number, now)?))).unzip()
        };
        let count = receipts.len();
        let called = match count {
            0 => Ok(()),
            _ => caller.call(&Body { receipts, replies: Vec::new() }, now).await,
        };
        let mut book = self.book();
        match called {
            Ok(()) => {
                if let Err(error) = book.acknowledge(&numbers, ms(now)) {
                    tracing::error!(error = %error, "the sandbox cannot record acknowledged receipts");
                }
                Some(count)
            }
            Err(error) => {
                note(&error, count);
                book.memory_mut().schedule_again(&numbers, ms(now));
                None
            }
        }
    }

    pub(super) async fn deliver_replies(&self, caller: &CallbackAuth, now: jiff::Timestamp, done: &mut Delivered) {
        // One at a time, or two would deliver the same reply.
        let _turn = self.0.replies_turn.lock().await;
        loop {
            let owed: Vec<(usize, ReplyBody)> = {
                let book = self.book();
                let owed = book.memory().owed_replies().take(RECORDS_PER_CALL);
                owed.map(|(number, reply)| {
                    let at = instant(reply.at);
                    let (from, to, text) = (reply.from.clone(), reply.to.clone(), reply.text.clone());
                    (number, ReplyBody { from, to, text, at })
                })
                .collect()
            };
            if owed.is_empty() {
                return;
            }
            let (numbers, replies): (Vec<_>, Vec<_>) = owed.into_iter().unzip();
            done.calls += 1;
            let called = caller.call(&Body { receipts: Vec::new(), replies }, now).await;
            if let Err(error) = called {
                note(&error, numbers.len());
                done.failed_calls += 1;
                return;
            }
            done.replies += numbers.len();
            if let Err(error) = self.book().acknowledge_replies(&numbers) {
                tracing::error!(error = %error, "the sandbox cannot record acknowledged replies");
                return;
            }
        }
    }

    /// Delivers as long as the process runs, by the clock.
    pub async fn run(self) {
        let mut failures = 0;
        loop {
            let now = self.clock().now();
            let done = self.deliver_due(now).await;
            failures = if done.failed_calls == 0 { 0 } else { failures + 1 };
            if failures > 0 {
                tokio::time::sleep(backoff(failures)).await;
                continue;
            }
            let next = self.book().memory().next_due_ms();
            match next {
                Some(due_ms) => {
                    let wait = Duration::from_millis(due_ms.saturating_sub(ms(now)));
                    tokio::time::sleep(wait.clamp(TICK, NAP)).await;
                }
                None => self.something_new().await,
            }
        }
    }
}

fn receipt(book: &Book, number: RowNumber, now: jiff::Timestamp) -> Option<Receipt> {
    let row = book.memory().rows().get(number as usize).filter(|row| row.owes() > 0)?;
    let line = book.line(row).ok()?;
    let written: Written<'_> = serde_json::from_slice(&line).ok()?;
    let (status, reason) = row.fate().receipt();
    Some(Receipt { id: written.id.into_owned(), status: status.code(), reason, at: now })
}

fn note(error: &CallFailed, records: usize) {
    tracing::warn!(error = %error, callback.records = records, "a callback of the sandbox failed and will be retried");
}

/// One second, then doubled each time, up to a minute.
fn backoff(failures: u32) -> Duration {
    BACKOFF_MAX.min(Duration::from_secs(1 << (failures - 1).min(6)))
}

/// Milliseconds since 1970.
pub fn ms(at: jiff::Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

/// The instant of a number of milliseconds since 1970.
pub fn instant(ms: u64) -> jiff::Timestamp {
    i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_minute() {
        let seconds: Vec<_> = [1, 2, 3, 6, 7, 8, 1_000].map(|failures| backoff(failures).as_secs()).into();
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60, 60]);
    }
}
