//! The real process, killed with `kill -9` at random points of a campaign: import, validation, start, sending, pause
//! and resume, receipts, consolidation. Afterwards every recipient has one message, and the figures agree.
//!
//! `KILL_SEED=N` repeats a run, `KILL_ROUNDS=N` lengthens it: a round is one campaign with each carrier. The real clock
//! decides where the process is at a kill, so a seed repeats the plan exactly and the circumstances approximately.

mod round;
mod truth;

use round::{Round, With};

/// Rounds of an ordinary run.
const ROUNDS: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_sandbox_each_recipient_gets_exactly_one_message() {
    rounds(With::Sandbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_deduplication_no_recipient_gets_two_and_each_doubt_is_counted() {
    rounds(With::Peer).await;
}

#[expect(clippy::disallowed_methods, reason = "how long, and which plan, is for who runs the test to say")]
async fn rounds(with: With) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seed = number("KILL_SEED").unwrap_or_else(|| u64::from(u32::from_be_bytes(support::random::bytes())));
    for round in 0..number("KILL_ROUNDS").unwrap_or(ROUNDS) {
        Round::begin(with, seed + round).await.run().await;
    }
}
