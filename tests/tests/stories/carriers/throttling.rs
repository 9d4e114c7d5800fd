//! The carrier takes less than we could send: it gets what it takes, and no recipient is lost.

use std::time::Duration;

use serde_json::json;
use stories::Harness;
use stories::peer::{Conduct, Excess, Limit, Reaction};

use super::{adds_up, at_most_once, until, validated};

const A_WHILE: Duration = Duration::from_secs(1_800);

/// Every recipient has the message once, nothing is in doubt, and the figures agree.
async fn no_recipient_is_lost(harness: &Harness, campaign: &str, recipients: u32) {
    until(harness, campaign, "finished", A_WHILE).await;
    let counts = at_most_once(harness, campaign, recipients);
    assert_eq!(counts.values().filter(|count| **count == 0).count(), 0, "some got nothing");
    let stats = adds_up(harness, campaign, recipients).await;
    assert_eq!(stats["delivered"], json!(recipients), "{stats}");
}

/// The share of a carrier's rate that was used, from its first message to its last.
fn share_used(harness: &Harness, campaign: &str, per_second: u32) -> f64 {
    let taken = harness.peer().taken(campaign);
    let (first, last) = (taken.first().unwrap().at, taken.last().unwrap().at);
    // The bucket was full at the first message.
    let most = (last.duration_since(first).as_secs_f64() + 1.0) * f64::from(per_second);
    taken.len() as f64 / most
}

/// A carrier that takes this many per second, with a burst of one second, and answers `throttled` to the rest.
fn of_rate(per_second: u32) -> Conduct {
    Conduct { limit: Some(Limit::Bucket { per_second, burst: per_second }), ..Conduct::default() }
}

#[tokio::test]
async fn no_recipient_is_lost_when_every_call_is_429_for_minutes() {
    let throttles = Reaction::Throttles { retry_after_seconds: None };
    let conduct = Conduct { usual: throttles, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, 2_000, json!({})).await;
    harness.pass(Duration::from_secs(195)).await;
    assert_eq!(harness.status(&campaign).await, "sending", "being throttled is no failure");
    harness.peer().usually(Reaction::Answers);
    no_recipient_is_lost(&harness, &campaign, 2_000).await;
    harness.end().await;
}

#[tokio::test]
async fn a_retry_after_is_respected() {
    let conduct = Conduct::default();
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, 2_000, json!({})).await;
    harness.peer().next([Reaction::Throttles { retry_after_seconds: Some(60) }]);
    let begun = harness.now();
    no_recipient_is_lost(&harness, &campaign, 2_000).await;
    let calls = harness.peer().calls();
    // Sessions that were calling at that moment may still arrive.
    let too_early = calls.iter().skip(5).filter(|call| call.at.duration_since(begun).as_secs() < 60).count();
    assert_eq!(too_early, 0, "{calls:?}");
    harness.end().await;
}

#[tokio::test]
async fn a_configured_rate_of_40_per_second_is_used_and_rarely_exceeded() {
    let (recipients, rate) = (6_000, 40);
    let (harness, campaign) =
        validated(Harness::with_peer_of_rate(of_rate(rate), Some(rate)).await, recipients, json!({})).await;
    no_recipient_is_lost(&harness, &campaign, recipients).await;
    let (share, throttled) = (share_used(&harness, &campaign, rate), throttled(&harness));
    assert!(share >= 0.95, "{:.1} % used", share * 100.0);
    assert!(throttled <= recipients as usize / 20, "{throttled} were throttled");
    harness.end().await;
}

#[tokio::test]
async fn a_learnt_rate_of_40_per_second_is_used() {
    let (recipients, rate) = (12_000, 40);
    let (harness, campaign) = validated(Harness::with_peer(of_rate(rate)).await, recipients, json!({})).await;
    no_recipient_is_lost(&harness, &campaign, recipients).await;
    let (share, throttled) = (share_used(&harness, &campaign, rate), throttled(&harness));
    assert!(share >= 0.95, "{:.1} % used, {throttled} throttled", share * 100.0);
    harness.end().await;
}

#[tokio::test]
async fn no_recipient_is_lost_when_a_carrier_takes_500_in_20_seconds() {
    for excess in [Excess::ThrottlesTheRest, Excess::RefusesTheCall { retry_after_seconds: None }] {
        let limit = Some(Limit::Window { messages: 500, seconds: 20 });
        let conduct = Conduct { limit, excess, ..Conduct::default() };
        let (harness, campaign) = validated(Harness::with_peer(conduct).await, 4_000, json!({})).await;
        no_recipient_is_lost(&harness, &campaign, 4_000).await;
        harness.end().await;
    }
}

#[tokio::test]
async fn a_carrier_that_refuses_calls_of_more_than_50_gets_smaller_ones() {
    let conduct = Conduct { messages_of_a_call_max: 50, ..Conduct::default() };
    let (harness, campaign) = validated(Harness::with_peer(conduct).await, 2_000, json!({})).await;
    no_recipient_is_lost(&harness, &campaign, 2_000).await;
    harness.end().await;
}

#[tokio::test]
async fn a_small_account_beside_one_that_fills_the_carrier_starts_within_seconds() {
    let rate = 40;
    let (harness, noisy) =
        validated(Harness::with_peer_of_rate(of_rate(rate), Some(rate)).await, 20_000, json!({})).await;
    harness.pass(Duration::from_secs(90)).await;
    assert!(harness.peer().taken(&noisy).len() > 1_000);
    let first = (harness.account.clone(), harness.key().to_owned());
    let (mut harness, small) = validated(harness, 200, json!({})).await;
    harness.pass(Duration::from_secs(15)).await;
    assert!(!harness.peer().taken(&small).is_empty(), "it waits behind the noisy one");
    until(&harness, &small, "finished", Duration::from_secs(120)).await;
    let left = 20_000 - harness.peer().taken(&noisy).len();
    assert!(left > 10_000, "the noisy one was over");
    harness.speaks_as(first);
    harness.peer().behave(|conduct| conduct.limit = None);
    until(&harness, &noisy, "finished", A_WHILE).await;
    at_most_once(&harness, &noisy, 20_000);
    harness.end().await;
}

fn throttled(harness: &Harness) -> usize {
    harness.peer().calls().iter().map(|call| call.throttled).sum()
}
