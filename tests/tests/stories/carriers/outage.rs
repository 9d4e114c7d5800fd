//! The carrier fails for a while, in the middle of a campaign or from its start.

use std::time::Duration;

use serde_json::json;
use stories::World;
use stories::peer::{Conduct, Reaction};

use super::{WINDOWS, adds_up, at_most_once, until, validated};

const RECIPIENTS: u32 = 20_000;
const OUTAGE: Duration = Duration::from_secs(600);
/// Until a campaign whose carrier fails says so.
const NOTICED: Duration = Duration::from_secs(300);
/// From the end of the outage until everybody has his message.
const CAUGHT_UP: Duration = Duration::from_secs(1_800);

/// A carrier that fails from now on for the time of the outage; the campaign is paused meanwhile.
async fn outage(world: &World, campaign: &str, reaction: Reaction) {
    world.peer().usually(reaction);
    let begun = world.now();
    until(world, campaign, "paused", NOTICED).await;
    let paused = world.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!(paused.text("pause_reason"), "carrier_errors");
    let left = begun + OUTAGE - world.now();
    world.pass(left.try_into().unwrap()).await;
    assert_eq!(world.status(campaign).await, "paused", "it went on without a carrier");
    world.peer().usually(Reaction::Answers);
}

/// After the outage the campaign goes on by itself: few are in doubt, and everybody else has his message.
async fn recovered(world: World, campaign: &str) {
    until(&world, campaign, "finished", CAUGHT_UP).await;
    let counts = at_most_once(&world, campaign, RECIPIENTS);
    let skipped = counts.values().filter(|count| **count == 0).count();
    let stats = adds_up(&world, campaign, RECIPIENTS).await;
    let unknown = stats["unknown"].as_u64().unwrap() as usize;
    assert!(skipped <= unknown && unknown <= WINDOWS, "{skipped} skipped: {stats}");
    assert_eq!((&stats["expired"], &stats["failed"]), (&json!(0), &json!(0)), "{stats}");
    world.end().await;
}

#[tokio::test]
async fn a_campaign_that_starts_in_an_outage_waits_for_its_end() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (world, campaign) = validated(World::with_peer(conduct).await, RECIPIENTS, json!({})).await;
    outage(&world, &campaign, Reaction::Fails { status: 503 }).await;
    assert_eq!(world.peer().count(), 0);
    recovered(world, &campaign).await;
}

#[tokio::test]
async fn an_outage_in_the_middle_costs_at_most_one_window_a_session() {
    // 2,000 a minute: it is in the middle of the campaign for ten minutes.
    let schedule = json!({"pace_per_hour": 120_000});
    let (world, campaign) = validated(World::with_peer(Conduct::default()).await, RECIPIENTS, schedule).await;
    world.pass(Duration::from_secs(120)).await;
    let before = world.peer().count();
    assert!(before > 0 && before < RECIPIENTS as usize, "{before}");
    outage(&world, &campaign, Reaction::Fails { status: 503 }).await;
    recovered(world, &campaign).await;
}

#[tokio::test]
async fn a_carrier_that_takes_and_loses_every_answer_is_left_alone_as_well() {
    let (world, campaign) = validated(World::with_peer(Conduct::default()).await, RECIPIENTS, json!({})).await;
    outage(&world, &campaign, Reaction::TakesAndBreaks).await;
    assert!(world.peer().count() <= WINDOWS, "{} were taken without an answer", world.peer().count());
    recovered(world, &campaign).await;
}

#[tokio::test]
async fn a_user_who_pauses_during_an_outage_is_not_overruled_by_its_end() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (world, campaign) = validated(World::with_peer(conduct).await, 2_000, json!({})).await;
    world.pass(Duration::from_secs(5)).await;
    if world.status(&campaign).await == "sending" {
        world.command(&campaign, "pause").await.expect(200);
        world.peer().usually(Reaction::Answers);
        world.pass(CAUGHT_UP).await;
        assert_eq!(world.status(&campaign).await, "paused");
        assert_eq!(world.peer().count(), 0);
    }
    world.command(&campaign, "resume").await.expect(200);
    until(&world, &campaign, "finished", CAUGHT_UP).await;
    at_most_once(&world, &campaign, 2_000);
    adds_up(&world, &campaign, 2_000).await;
    world.end().await;
}

#[tokio::test]
async fn a_campaign_of_another_account_waits_with_it_and_loses_nobody() {
    let conduct = Conduct { usual: Reaction::Fails { status: 503 }, ..Conduct::default() };
    let (world, first) = validated(World::with_peer(conduct).await, 5_000, json!({})).await;
    world.pass(Duration::from_secs(60)).await;
    // The carrier is known to fail by now: the second campaign costs no window of its own.
    let (world, second) = validated(world, 5_000, json!({})).await;
    world.pass(Duration::from_secs(540)).await;
    world.peer().usually(Reaction::Answers);
    until(&world, &second, "finished", CAUGHT_UP).await;
    let counts = at_most_once(&world, &second, 5_000);
    let skipped = counts.values().filter(|count| **count == 0).count();
    assert!(skipped <= 500, "{skipped} of the second account are skipped");
    assert!(at_most_once(&world, &first, 5_000).values().filter(|count| **count == 0).count() <= WINDOWS);
    world.end().await;
}
