//! A STOP that arrives while a campaign is sending counts for every message not yet handed over.

use std::time::Duration;

use domain::account::{Exclusion, ExclusionSource};
use jiff::SignedDuration;
use serde_json::json;
use stories::{World, contacts};

use crate::{e164, each_exactly_once, numbers};

#[tokio::test]
async fn a_stop_during_a_campaign_is_obeyed_from_then_on() {
    let world = World::new().await;
    let list = world.list("Clients", contacts(numbers(0..1_000))).await;
    let settings = json!({"name": "Lente", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 6_000}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    world.pass(Duration::from_secs(60)).await;
    let sent = world.messages(&campaign).await;
    let last = e164(&numbers(999..1_000).next().unwrap());
    assert!(!sent.is_empty() && sent.iter().all(|message| message.to != last));

    world.reply(&last, "36105", "  arrêt ").await;
    world.post("/v1/exclusions", json!({"phone": numbers(998..999).next()})).await.expect(201);
    world.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({"pace_per_hour": 3_600_000})).await.expect(200);
    world.until(&campaign, "finished").await;
    each_exactly_once(&world.messages(&campaign).await, numbers(0..998).map(|number| e164(&number)));
    let stats = world.stats(&campaign).await;
    assert_eq!(
        (&stats["excluded"], &stats["delivered"], &stats["recipients"]),
        (&json!(2), &json!(998), &json!(1_000))
    );
    world.end().await;
}

#[tokio::test]
async fn an_exclusion_decided_before_the_start_and_written_after_it_counts() {
    let world = World::new().await;
    let list = world.list("Clients", contacts(numbers(0..3))).await;
    let settings = json!({"name": "Course", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": 60}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    world.pass(Duration::from_secs(20)).await;
    let started = world.get(&format!("/v1/campaigns/{campaign}")).await.expect(200).text("started_at");
    let started: jiff::Timestamp = started.parse().unwrap();
    let excluded = e164(&numbers(2..3).next().unwrap());
    assert!(world.messages(&campaign).await.iter().all(|message| message.to != excluded));
    // Somebody decided it a second before, on a machine that was slow to say so.
    let decision = Exclusion {
        phone: excluded.parse().unwrap(),
        excluded: true,
        source: ExclusionSource::Manual,
        reason: None,
        by: "story".into(),
        at: started - SignedDuration::from_secs(1),
    };
    world.own_store().exclude(&decision).await.unwrap();
    world.until(&campaign, "finished").await;
    each_exactly_once(&world.messages(&campaign).await, numbers(0..2).map(|number| e164(&number)));
    assert_eq!(world.stats(&campaign).await["excluded"], 1);
    world.end().await;
}

#[tokio::test]
async fn no_exclusion_is_lost_to_another_write_at_the_same_moment() {
    let world = World::new().await;
    let [stopped, added, other] = [0, 1, 2].map(|place| e164(&numbers(place..place + 1).next().unwrap()));
    let list = world.list("Clients", contacts(numbers(0..3))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    let settings = json!({"name": "Une", "lists": [list], "message": message});
    let first = world.campaign(settings.clone()).await;
    world.validate(&first).await;
    world.until(&first, "finished").await;
    let cloud = world.machine.cloud();
    cloud.collide(4);
    world.reply(&stopped, "36105", "STOP").await;
    world.settle().await;
    cloud.collide(4);
    world.post("/v1/exclusions", json!({"phone": added})).await.expect(201);
    // Longer than anybody waits: whoever asked is told, and asks again.
    cloud.collide(100);
    world.post("/v1/exclusions", json!({"phone": other})).await.expect(503);
    cloud.collide(0);
    for phone in [&stopped, &added] {
        world.get(&format!("/v1/exclusions/{phone}")).await.expect(200);
    }
    world.get(&format!("/v1/exclusions/{other}")).await.expect(404);
    let second = world.campaign(settings).await;
    world.validate(&second).await;
    world.until(&second, "finished").await;
    each_exactly_once(&world.messages(&second).await, [other]);
    world.end().await;
}
