//! `send` dies while the carrier answers: what the carrier took is never shown as waiting, and is paid for.

use std::time::Duration;

use serde_json::json;
use stories::World;
use stories::peer::{Conduct, Reaction, Receipts};

use super::{BALANCE, WINDOWS, adds_up, at_most_once, until, validated};

const RECIPIENTS: u32 = 2_500;
const A_WHILE: Duration = Duration::from_secs(900);

/// Receipts of a carrier that sends none while a story lasts.
fn never() -> Receipts {
    Receipts { after: Duration::from_secs(400 * 3_600), ..Receipts::default() }
}

/// A campaign whose every call was taken, and whose `send` died before each answer; then paused.
async fn taken_and_paused(receipts: Receipts) -> (World, String) {
    let conduct = Conduct { usual: Reaction::TakesAndKills, receipts, ..Conduct::default() };
    let (world, campaign) = validated(World::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    world.settle().await;
    let taken = world.peer().count();
    assert!(taken > 0, "nothing was taken");
    world.command(&campaign, "pause").await.expect(200);
    world.peer().usually(Reaction::Answers);
    (world, campaign)
}

#[tokio::test]
async fn what_was_taken_before_a_crash_is_unknown_and_paid_for_when_the_campaign_is_cancelled() {
    let (world, campaign) = taken_and_paused(never()).await;
    world.command(&campaign, "cancel").await.expect(200);
    until(&world, &campaign, "finished", A_WHILE).await;
    let taken = world.peer().count();
    at_most_once(&world, &campaign, RECIPIENTS);
    let stats = adds_up(&world, &campaign, RECIPIENTS).await;
    assert_eq!(stats["unknown"], json!(taken), "{stats}");
    world.end().await;
}

#[tokio::test]
async fn what_was_taken_before_a_crash_is_delivered_when_its_receipts_come_after_the_cancel() {
    let receipts = Receipts { after: Duration::from_secs(10), ..Receipts::default() };
    let (world, campaign) = taken_and_paused(receipts).await;
    world.command(&campaign, "cancel").await.expect(200);
    until(&world, &campaign, "finished", A_WHILE).await;
    let taken = world.peer().count();
    let stats = adds_up(&world, &campaign, RECIPIENTS).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(taken), &json!(0)), "{stats}");
    world.end().await;
}

#[tokio::test]
async fn what_was_taken_before_a_crash_is_paid_for_when_the_campaign_is_deleted() {
    let (world, campaign) = taken_and_paused(never()).await;
    let taken = world.peer().count() as u64;
    // The carrier may still be answering: deleting waits for it, or settles what it may have.
    world.pass(Duration::from_secs(120)).await;
    world.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    world.pass(A_WHILE).await;
    let account = world.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (BALANCE - taken, 0));
    world.end().await;
}

#[tokio::test]
async fn what_was_taken_before_a_crash_is_paid_for_when_the_campaign_is_deleted_at_once() {
    let (world, campaign) = taken_and_paused(never()).await;
    let taken = world.peer().count() as u64;
    world.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    world.pass(A_WHILE).await;
    let account = world.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (BALANCE - taken, 0));
    world.end().await;
}

#[tokio::test]
async fn a_campaign_goes_on_after_a_crash_and_nobody_gets_two_messages() {
    let conduct = Conduct { receipts: never(), ..Conduct::default() };
    let (world, campaign) = validated(World::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    world.peer().next([Reaction::TakesAndKills, Reaction::Answers, Reaction::TakesAndKills]);
    until(&world, &campaign, "consolidating", A_WHILE).await;
    let counts = at_most_once(&world, &campaign, RECIPIENTS);
    assert_eq!(counts.values().filter(|count| **count == 0).count(), 0, "some got nothing");
    let stats = world.stats(&campaign).await;
    let unknown = stats["unknown"].as_u64().unwrap() as usize;
    assert!(unknown > 0 && unknown <= WINDOWS, "{stats}");
    assert_eq!(stats["handed_over"].as_u64().unwrap() as usize + unknown, RECIPIENTS as usize, "{stats}");
    for _ in 0..80 {
        world.skip(Duration::from_secs(3_600)).await;
    }
    adds_up(&world, &campaign, RECIPIENTS).await;
    world.end().await;
}

#[tokio::test]
async fn a_carrier_that_deduplicates_is_asked_again_after_a_crash_and_nothing_is_in_doubt() {
    let conduct = Conduct { deduplicates: true, ..Conduct::default() };
    let (world, campaign) = validated(World::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    world.peer().next([Reaction::TakesAndKills, Reaction::TakesAndBreaks, Reaction::TakesHalfAndFails]);
    until(&world, &campaign, "finished", A_WHILE).await;
    let counts = at_most_once(&world, &campaign, RECIPIENTS);
    assert_eq!(counts.values().filter(|count| **count == 0).count(), 0, "some got nothing");
    let stats = adds_up(&world, &campaign, RECIPIENTS).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(RECIPIENTS), &json!(0)), "{stats}");
    world.end().await;
}
