//! The pace that was asked for is the pace that messages go out at.

use std::time::Duration;

use serde_json::json;
use stories::{World, contacts};

use crate::numbers;

async fn sending(world: &World, recipients: u32, per_hour: u32) -> String {
    let list = world.list("Clients", contacts(numbers(0..recipients))).await;
    let settings = json!({"name": "Au rythme", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": per_hour}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    campaign
}

async fn pace(world: &World, campaign: &str, per_hour: impl Into<Option<u32>>) {
    let pace = json!({ "pace_per_hour": per_hour.into() });
    world.patch(&format!("/v1/campaigns/{campaign}/pace"), pace).await.expect(200);
    world.settle().await;
}

async fn cleared(world: World, campaign: &str) {
    pace(&world, campaign, None).await;
    world.until(campaign, "finished").await;
    world.end().await;
}

#[tokio::test]
async fn ten_minutes_at_60000_an_hour_are_10000_messages() {
    let world = World::new().await;
    let campaign = sending(&world, 12_000, 60_000).await;
    world.pass(Duration::from_secs(600)).await;
    let sent = world.messages(&campaign).await.len();
    assert!((9_800..=10_200).contains(&sent), "{sent} in ten minutes");
    cleared(world, &campaign).await;
}

#[tokio::test]
async fn ten_minutes_at_6000_an_hour_are_1000_messages() {
    let world = World::new().await;
    let campaign = sending(&world, 1_500, 6_000).await;
    world.pass(Duration::from_secs(600)).await;
    let sent = world.messages(&campaign).await.len();
    assert!((950..=1_060).contains(&sent), "{sent} in ten minutes");
    cleared(world, &campaign).await;
}

#[tokio::test]
async fn a_slow_pace_that_is_made_fast_goes_on_at_once() {
    let world = World::new().await;
    let campaign = sending(&world, 500, 1).await;
    world.pass(Duration::from_secs(30)).await;
    assert_eq!(world.messages(&campaign).await.len(), 1);
    pace(&world, &campaign, 10_000).await;
    world.pass(Duration::from_secs(60)).await;
    let sent = world.messages(&campaign).await.len();
    assert!((150..=250).contains(&sent), "{sent} in a minute at 10,000 an hour");
    cleared(world, &campaign).await;
}

#[tokio::test]
async fn saying_the_same_pace_again_and_again_lets_nothing_more_out() {
    let world = World::new().await;
    let campaign = sending(&world, 500, 600).await;
    for _ in 0..20 {
        pace(&world, &campaign, 600).await;
    }
    let sent = world.messages(&campaign).await.len();
    assert!(sent <= 10, "{sent} at once at 600 an hour");
    cleared(world, &campaign).await;
}
