//! No marketing outside the legal window of each recipient's territory.

use std::time::Duration;

use serde_json::json;
use stories::{Harness, contacts};

use crate::{each_exactly_once, numbers};

#[tokio::test]
async fn a_campaign_interrupted_by_the_window_continues_the_next_morning() {
    // 19:50 in Paris: ten minutes are left.
    let harness = Harness::at("2026-12-01T18:50:00Z").await;
    let list = harness.list("Clients", contacts(numbers(0..2_000))).await;
    let settings = json!({"name": "Soir", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 6_000}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(1_200)).await;
    let sent = harness.messages(&campaign).await.len();
    assert!((900..=1_200).contains(&sent), "{sent} in ten minutes at 100 a minute");
    assert_eq!(harness.status(&campaign).await, "sending");
    // Until 07:55.
    for _ in 0..47 {
        harness.skip(Duration::from_secs(900)).await;
    }
    assert_eq!(harness.messages(&campaign).await.len(), sent, "messages went out at night");
    harness.until(&campaign, "finished").await;
    let expected = numbers(0..2_000).map(|number| crate::e164(&number));
    each_exactly_once(&harness.messages(&campaign).await, expected);
    harness.end().await;
}

#[tokio::test]
async fn each_territory_has_its_own_clock() {
    // 08:30 in Réunion, 05:30 in Paris.
    let harness = Harness::at("2026-12-01T04:30:00Z").await;
    let list = harness.list("Deux fuseaux", "phone\n0612345678\n0692123456\n").await;
    let campaign =
        harness.campaign(json!({"name": "Matin", "lists": [list], "message": {"text": "x", "stop": true}})).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(300)).await;
    each_exactly_once(&harness.messages(&campaign).await, ["+262692123456".to_owned()]);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, ["+262692123456".to_owned(), "+33612345678".to_owned()]);
    harness.end().await;
}

#[tokio::test]
async fn an_alert_goes_out_on_a_sunday_night() {
    let harness = Harness::at("2026-12-06T22:00:00Z").await;
    let list = harness.list("Abonnés", "phone\n0612345678\n").await;
    let alert = json!({"name": "Alerte", "kind": "alert", "lists": [list], "message": {"text": "Code 1234"}});
    let campaign = harness.campaign(alert).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    assert_eq!(harness.messages(&campaign).await.len(), 1);
    harness.end().await;
}

#[tokio::test]
async fn with_the_sandbox_an_account_may_send_at_night() {
    let harness = Harness::at("2026-12-06T22:00:00Z").await;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let window = json!({"days": days, "from": "00:00", "to": "23:59", "holidays": true});
    harness.patch("/v1/account", json!({ "sending_window": window })).await.expect(200);
    let list = harness.list("Clients", "phone\n0612345678\n").await;
    let campaign =
        harness.campaign(json!({"name": "Nuit", "lists": [list], "message": {"text": "x", "stop": true}})).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    assert_eq!(harness.messages(&campaign).await.len(), 1);
    harness.end().await;
}
