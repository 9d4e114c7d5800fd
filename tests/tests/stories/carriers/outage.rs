//! The carrier fails for a while, in the middle of a campaign or from its start.

use std::time::Duration;

use serde_json::json;
use stories::Harness;
use stories::peer::{Conduct, Reaction};

use super::{WINDOWS, adds_up, at_most_once, until, validated};

const RECIPIENTS: u32 = 20_000;
const OUTAGE: Duration = Duration::from_secs(600);
/// Longest time until a campaign shows that its carrier fails.
const NOTICED: Duration = Duration::from_secs(300);
/// Longest time from the end of the outage until every recipient has the message.
const CAUGHT_UP: Duration = Duration::from_secs(1_800);

/// A carrier that fails for the time of the outage; the campaign is paused meanwhile.
async fn outage(harness: &Harness, campaign: &str, reaction: Reaction) {
    harness.peer().usually(reaction);
    let begun = harness.now();
    until(harness, campaign, "paused", NOTICED).await;
    let paused = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!(paused.text("pause_reason"), "carrier_errors");
    let left = begun + OUTAGE - harness.now();
    harness.pass(left.try_into().unwrap()).await;
    assert_eq!(harness.status(campaign).await, "paused", "it went on without a carrier");
    harness.peer().usually(Reaction::Answers);
}

/// After the outage the campaign resumes automatically: few messages are in doubt, all other recipients have theirs.
async fn recovered(harness: Harness, campaign: &str) {
    until(&harness, campaign, "finished", CAUGHT_UP).await;
    let counts = at_most_once(&harness, campaign, RECIPIENTS);
    let skipped = counts.values().filter(|count| **count == 0).count();
    let stats = adds_up(&harness, campaign, RECIPIENTS).await;
    let unknown = stats["unknown"].as_u64().unwrap() as usize;
    assert!(skipped <= unknown && unknown <= WINDOWS, "{skipped} skipped: {stats}");
    assert_eq!((&stats["expired"], &stats["failed"]), (&json!(0), &json!(0)), "{stats}");
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_that_starts_in_an_outage_waits_for_its_end() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    outage(&harness, &campaign, Reaction::Fails { status: 503 }).await;
    assert_eq!(harness.peer().count(), 0);
    recovered(harness, &campaign).await;
}

#[tokio::test]
async fn an_outage_in_the_middle_costs_at_most_one_window_per_session() {
    // With 2,000 a minute it is in the middle of the campaign for ten minutes.
    let schedule = json!({"pace_per_hour": 120_000});
    let (harness, campaign) = validated(Harness::with_peer(Conduct::default()).await, RECIPIENTS, schedule).await;
    harness.pass(Duration::from_secs(120)).await;
    let before = harness.peer().count();
    assert!(before > 0 && before < RECIPIENTS as usize, "{before}");
    outage(&harness, &campaign, Reaction::Fails { status: 503 }).await;
    recovered(harness, &campaign).await;
}

#[tokio::test]
async fn a_carrier_that_accepts_and_loses_every_answer_pauses_the_campaign_too() {
    let (harness, campaign) = validated(Harness::with_peer(Conduct::default()).await, RECIPIENTS, json!({})).await;
    outage(&harness, &campaign, Reaction::TakesAndBreaks).await;
    assert!(harness.peer().count() <= WINDOWS, "{} were taken without an answer", harness.peer().count());
    recovered(harness, &campaign).await;
}

#[tokio::test]
async fn a_pause_by_a_user_during_an_outage_outlives_it() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, 2_000, json!({})).await;
    harness.pass(Duration::from_secs(5)).await;
    if harness.status(&campaign).await == "sending" {
        harness.command(&campaign, "pause").await.expect(200);
        harness.peer().usually(Reaction::Answers);
        harness.pass(CAUGHT_UP).await;
        assert_eq!(harness.status(&campaign).await, "paused");
        assert_eq!(harness.peer().count(), 0);
    }
    harness.command(&campaign, "resume").await.expect(200);
    until(&harness, &campaign, "finished", CAUGHT_UP).await;
    at_most_once(&harness, &campaign, 2_000);
    adds_up(&harness, &campaign, 2_000).await;
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_of_another_account_waits_too_and_loses_no_recipient() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (harness, first) = validated(Harness::with_peer(conduct).await, 5_000, json!({})).await;
    harness.pass(Duration::from_secs(60)).await;
    // The carrier is known to fail by now, so the second campaign loses no window of its own.
    let (harness, second) = validated(harness, 5_000, json!({})).await;
    harness.pass(Duration::from_secs(540)).await;
    harness.peer().usually(Reaction::Answers);
    until(&harness, &second, "finished", CAUGHT_UP).await;
    let counts = at_most_once(&harness, &second, 5_000);
    let skipped = counts.values().filter(|count| **count == 0).count();
    assert!(skipped <= 500, "{skipped} of the second account are skipped");
    assert!(at_most_once(&harness, &first, 5_000).values().filter(|count| **count == 0).count() <= WINDOWS);
    harness.end().await;
}
