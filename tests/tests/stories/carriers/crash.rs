//! `send` is killed while the carrier answers: accepted messages are never shown as waiting, and are paid for.

use std::time::Duration;

use serde_json::json;
use stories::Harness;
use stories::peer::{Conduct, Reaction, Receipts};

use super::{BALANCE, WINDOWS, adds_up, at_most_once, until, validated};

const RECIPIENTS: u32 = 2_500;
const A_WHILE: Duration = Duration::from_secs(900);

/// Receipts of a carrier that sends none during a story.
fn never() -> Receipts {
    Receipts { after: Duration::from_secs(400 * 3_600), ..Receipts::default() }
}

/// A campaign whose every call was accepted, and whose `send` was killed before each answer; then paused.
async fn taken_and_paused(receipts: Receipts) -> (Harness, String) {
    let conduct = Conduct { usual: Reaction::TakesAndKills, receipts, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    harness.settle().await;
    let taken = harness.peer().count();
    assert!(taken > 0, "nothing was taken");
    harness.command(&campaign, "pause").await.expect(200);
    harness.peer().usually(Reaction::Answers);
    (harness, campaign)
}

#[tokio::test]
async fn messages_accepted_before_a_crash_are_unknown_and_paid_after_a_cancel() {
    let (harness, campaign) = taken_and_paused(never()).await;
    harness.command(&campaign, "cancel").await.expect(200);
    until(&harness, &campaign, "finished", A_WHILE).await;
    let taken = harness.peer().count();
    at_most_once(&harness, &campaign, RECIPIENTS);
    let stats = adds_up(&harness, &campaign, RECIPIENTS).await;
    assert_eq!(stats["unknown"], json!(taken), "{stats}");
    harness.end().await;
}

#[tokio::test]
async fn messages_accepted_before_a_crash_are_delivered_if_receipts_follow_a_cancel() {
    let receipts = Receipts { after: Duration::from_secs(10), ..Receipts::default() };
    let (harness, campaign) = taken_and_paused(receipts).await;
    harness.command(&campaign, "cancel").await.expect(200);
    until(&harness, &campaign, "finished", A_WHILE).await;
    let taken = harness.peer().count();
    let stats = adds_up(&harness, &campaign, RECIPIENTS).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(taken), &json!(0)), "{stats}");
    harness.end().await;
}

#[tokio::test]
async fn messages_accepted_before_a_crash_are_paid_after_a_delete() {
    let (harness, campaign) = taken_and_paused(never()).await;
    let taken = harness.peer().count() as u64;
    // The carrier may still be answering: deleting waits for it, or settles the messages that it may have.
    harness.pass(Duration::from_secs(120)).await;
    harness.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    harness.pass(A_WHILE).await;
    let account = harness.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (BALANCE - taken, 0));
    harness.end().await;
}

#[tokio::test]
async fn messages_accepted_before_a_crash_are_paid_after_an_immediate_delete() {
    let (harness, campaign) = taken_and_paused(never()).await;
    let taken = harness.peer().count() as u64;
    harness.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    harness.pass(A_WHILE).await;
    let account = harness.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (BALANCE - taken, 0));
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_continues_after_a_crash_and_no_recipient_gets_two_messages() {
    let conduct = Conduct { receipts: never(), ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    harness.peer().next([Reaction::TakesAndKills, Reaction::Answers, Reaction::TakesAndKills]);
    until(&harness, &campaign, "consolidating", A_WHILE).await;
    let counts = at_most_once(&harness, &campaign, RECIPIENTS);
    assert_eq!(counts.values().filter(|count| **count == 0).count(), 0, "some got nothing");
    let stats = harness.stats(&campaign).await;
    let unknown = stats["unknown"].as_u64().unwrap() as usize;
    assert!(unknown > 0 && unknown <= WINDOWS, "{stats}");
    assert_eq!(stats["handed_over"].as_u64().unwrap() as usize + unknown, RECIPIENTS as usize, "{stats}");
    for _ in 0..80 {
        harness.skip(Duration::from_secs(3_600)).await;
    }
    adds_up(&harness, &campaign, RECIPIENTS).await;
    harness.end().await;
}

#[tokio::test]
async fn a_deduplicating_carrier_gets_messages_again_after_a_crash_without_doubts() {
    let conduct = Conduct { deduplicates: true, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    harness.peer().next([Reaction::TakesAndKills, Reaction::TakesAndBreaks, Reaction::TakesHalfAndFails]);
    until(&harness, &campaign, "finished", A_WHILE).await;
    let counts = at_most_once(&harness, &campaign, RECIPIENTS);
    assert_eq!(counts.values().filter(|count| **count == 0).count(), 0, "some got nothing");
    let stats = adds_up(&harness, &campaign, RECIPIENTS).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(RECIPIENTS), &json!(0)), "{stats}");
    harness.end().await;
}
