//! A campaign is paused while it is sending, and carries on where it was.

use std::time::Duration;

use serde_json::json;
use stories::{World, contacts};

use crate::{e164, each_exactly_once, numbers};

#[tokio::test]
async fn pausing_stops_sending_and_resuming_sends_the_rest() {
    let world = World::new().await;
    let list = world.list("Clients", contacts(numbers(0..1_000))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    // 6,000 an hour are 100 a minute.
    let settings = json!({"name": "Lente", "lists": [list], "message": message, "schedule": {"pace_per_hour": 6_000}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    world.pass(Duration::from_secs(170)).await;
    world.command(&campaign, "pause").await.expect(200);
    world.settle().await;
    let sent = world.messages(&campaign).await.len();
    assert!((270..=340).contains(&sent), "{sent} after 170 s at 100 a minute");

    world.pass(Duration::from_secs(600)).await;
    assert_eq!(world.messages(&campaign).await.len(), sent, "a paused campaign went on");
    let paused = world.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!((paused.text("status"), paused.text("pause_reason")), ("paused".into(), "user".into()));
    world.command(&campaign, "pause").await.expect(409);

    world.command(&campaign, "resume").await.expect(200);
    world.pass(Duration::from_secs(65)).await;
    let after = world.messages(&campaign).await.len();
    assert!(after <= sent + 300, "the pause was made up for: {sent} then {after}");
    world.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({"pace_per_hour": 360_000})).await.expect(200);
    world.until(&campaign, "finished").await;
    each_exactly_once(&world.messages(&campaign).await, numbers(0..1_000).map(|number| e164(&number)));
    world.end().await;
}

#[tokio::test]
async fn cancelling_a_paused_campaign_gives_back_what_was_never_sent() {
    let mut world = World::new().await;
    world.becomes(stories::NewAccount { credits: Some(5_000), ..Default::default() }).await;
    let list = world.list("Clients", contacts(numbers(0..1_000))).await;
    let settings = json!({"name": "Lente", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 6_000}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    world.pass(Duration::from_secs(100)).await;
    world.command(&campaign, "cancel").await.expect(409);
    world.command(&campaign, "pause").await.expect(200);
    world.command(&campaign, "cancel").await.expect(200);
    world.settle().await;
    let sent = world.messages(&campaign).await.len() as u64;
    assert!(sent > 0 && sent < 1_000);
    // At once: nobody waits for the last receipt to get credits back, or to hear who gets nothing.
    let cancelled = world.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!(cancelled.number("credits.given_back"), 1_000 - sent, "{}", cancelled.body);
    let stats = world.stats(&campaign).await;
    assert_eq!((&stats["cancelled"], &stats["to_send"]), (&json!(1_000 - sent), &json!(0)), "{stats}");
    world.until(&campaign, "finished").await;
    let never = world.get(&format!("/v1/campaigns/{campaign}/recipients?outcome=cancelled&limit=5")).await.expect(200);
    assert_eq!(never.text("items.4.outcome"), "cancelled");
    let ended = world.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!((ended.number("credits.used"), ended.number("credits.given_back")), (sent, 1_000 - sent));
    let account = world.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (5_000 - sent, 0));
    world.end().await;
}
