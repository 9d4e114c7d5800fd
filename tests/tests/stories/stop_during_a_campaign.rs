//! A STOP that arrives while a campaign is sending counts for every message not yet handed over.

use std::time::Duration;

use domain::account::{Exclusion, ExclusionSource};
use jiff::SignedDuration;
use serde_json::json;
use stories::{Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

#[tokio::test]
async fn a_stop_during_a_campaign_applies_from_then_on() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..1_000))).await;
    let settings = json!({"name": "Lente", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 6_000}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(60)).await;
    let sent = harness.messages(&campaign).await;
    let last = e164(&numbers(999..1_000).next().unwrap());
    assert!(!sent.is_empty() && sent.iter().all(|message| message.to != last));

    harness.reply(&last, "36105", "  arrêt ").await;
    harness.post("/v1/exclusions", json!({"phone": numbers(998..999).next()})).await.expect(201);
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({"pace_per_hour": 3_600_000})).await.expect(200);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..998).map(|number| e164(&number)));
    let stats = harness.stats(&campaign).await;
    assert_eq!(
        (&stats["excluded"], &stats["delivered"], &stats["recipients"]),
        (&json!(2), &json!(998), &json!(1_000))
    );
    harness.end().await;
}

#[tokio::test]
async fn an_exclusion_decided_before_the_start_and_written_after_it_counts() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let settings = json!({"name": "Course", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 60}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(20)).await;
    let started = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200).text("started_at");
    let started: jiff::Timestamp = started.parse().unwrap();
    let excluded = e164(&numbers(2..3).next().unwrap());
    assert!(harness.messages(&campaign).await.iter().all(|message| message.to != excluded));
    // Decided a second before the start, on a machine that was slow to write it.
    let decision = Exclusion {
        phone: excluded.parse().unwrap(),
        excluded: true,
        source: ExclusionSource::Manual,
        reason: None,
        by: "story".into(),
        at: started - SignedDuration::from_secs(1),
    };
    harness.own_store().exclude(&decision).await.unwrap();
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..2).map(|number| e164(&number)));
    assert_eq!(harness.stats(&campaign).await["excluded"], 1);
    harness.end().await;
}

#[tokio::test]
async fn no_exclusion_is_lost_to_another_write_at_the_same_moment() {
    let harness = Harness::new().await;
    let [stopped, added, other] = [0, 1, 2].map(|index| e164(&numbers(index..index + 1).next().unwrap()));
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    let settings = json!({"name": "Une", "lists": [list], "message": message});
    let first = harness.campaign(settings.clone()).await;
    harness.validate(&first).await;
    harness.until(&first, "finished").await;
    let cloud = harness.machine.cloud();
    cloud.collide(4);
    harness.reply(&stopped, "36105", "STOP").await;
    harness.settle().await;
    cloud.collide(4);
    harness.post("/v1/exclusions", json!({"phone": added})).await.expect(201);
    // More conflicts than are retried: the client gets an error, and asks again.
    cloud.collide(100);
    harness.post("/v1/exclusions", json!({"phone": other})).await.expect(503);
    cloud.collide(0);
    for phone in [&stopped, &added] {
        harness.get(&format!("/v1/exclusions/{phone}")).await.expect(200);
    }
    harness.get(&format!("/v1/exclusions/{other}")).await.expect(404);
    let second = harness.campaign(settings).await;
    harness.validate(&second).await;
    harness.until(&second, "finished").await;
    each_exactly_once(&harness.messages(&second).await, [other]);
    harness.end().await;
}
