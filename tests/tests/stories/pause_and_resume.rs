//! A campaign is paused while it is sending, and continues where it stopped.

use std::time::Duration;

use serde_json::json;
use stories::{Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

#[tokio::test]
async fn pausing_stops_sending_and_resuming_sends_the_rest() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..1_000))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    // 6,000 an hour are 100 a minute.
    let settings = json!({"name": "Lente", "lists": [list], "message": message, "schedule": {"pace_per_hour": 6_000}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(170)).await;
    harness.command(&campaign, "pause").await.expect(200);
    harness.settle().await;
    let sent = harness.messages(&campaign).await.len();
    assert!((270..=340).contains(&sent), "{sent} after 170 s at 100 a minute");

    harness.pass(Duration::from_secs(600)).await;
    assert_eq!(harness.messages(&campaign).await.len(), sent, "a paused campaign went on");
    let paused = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!((paused.text("status"), paused.text("pause_reason")), ("paused".into(), "user".into()));
    harness.command(&campaign, "pause").await.expect(409);

    harness.command(&campaign, "resume").await.expect(200);
    harness.pass(Duration::from_secs(65)).await;
    let after = harness.messages(&campaign).await.len();
    assert!(after <= sent + 300, "the pause was made up for: {sent} then {after}");
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({"pace_per_hour": 360_000})).await.expect(200);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..1_000).map(|number| e164(&number)));
    harness.end().await;
}

#[tokio::test]
async fn cancelling_a_paused_campaign_gives_back_what_was_never_sent() {
    let mut harness = Harness::new().await;
    harness.becomes(stories::NewAccount { credits: Some(5_000), ..Default::default() }).await;
    let list = harness.list("Clients", contacts(numbers(0..1_000))).await;
    let settings = json!({"name": "Lente", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 6_000}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(100)).await;
    harness.command(&campaign, "cancel").await.expect(409);
    harness.command(&campaign, "pause").await.expect(200);
    harness.command(&campaign, "cancel").await.expect(200);
    harness.settle().await;
    let sent = harness.messages(&campaign).await.len() as u64;
    assert!(sent > 0 && sent < 1_000);
    // At once: credits and final outcomes do not wait for the last receipt.
    let cancelled = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!(cancelled.number("credits.given_back"), 1_000 - sent, "{}", cancelled.body);
    let stats = harness.stats(&campaign).await;
    assert_eq!((&stats["cancelled"], &stats["to_send"]), (&json!(1_000 - sent), &json!(0)), "{stats}");
    harness.until(&campaign, "finished").await;
    let never =
        harness.get(&format!("/v1/campaigns/{campaign}/recipients?outcome=cancelled&limit=5")).await.expect(200);
    assert_eq!(never.text("items.4.outcome"), "cancelled");
    let ended = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!((ended.number("credits.used"), ended.number("credits.given_back")), (sent, 1_000 - sent));
    let account = harness.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (5_000 - sent, 0));
    harness.end().await;
}
