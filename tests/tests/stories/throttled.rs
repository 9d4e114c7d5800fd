//! A table that takes no more for a while: who writes waits, and goes on.

use aws::store::NewBatch;
use domain::phone::PhoneNumber;
use local::cloud::{Chance, Service};
use serde_json::json;
use stories::{World, contacts};

use crate::{e164, each_exactly_once, numbers};

const RECIPIENTS: u32 = 1_200;

#[tokio::test]
async fn a_campaign_starts_at_once_though_its_first_batches_are_throttled() {
    let world = World::new().await;
    let list = world.list("Clients", contacts(numbers(0..RECIPIENTS))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    let campaign = world.campaign(json!({"name": "Une", "lists": [list], "message": message})).await;
    // The SDK gives up four times over.
    world.machine.cloud().throttle(Some("BatchWriteItem"), Chance::Next(12));
    let begun = world.now();
    world.validate(&campaign).await;
    world.until(&campaign, "finished").await;
    let took = world.now().duration_since(begun).as_secs();
    assert!(took <= 60, "after {took} s of the world's time");
    each_exactly_once(&world.messages(&campaign).await, numbers(0..RECIPIENTS).map(|number| e164(&number)));
    world.end().await;
}

#[tokio::test]
async fn every_batch_is_written_though_most_writes_are_throttled() {
    let world = World::new().await;
    let cloud = world.machine.cloud();
    let store = world.store.account(&world.account);
    let campaign = "cmp_00000000000000000001".parse().unwrap();
    let phone = |text: &str| text.parse::<PhoneNumber>().unwrap();
    let phones = phone("+33612345610")..=phone("+33612345699");
    let batch = |number| NewBatch { number, recipients: 90, bytes: 0..1, phones: phones.clone() };
    let batches: Vec<_> = (0..300).map(batch).collect();
    cloud.throttle(Some("BatchWriteItem"), Chance::Share { share: 0.6, seed: 18 });
    cloud.lose_answers(Service::DynamoDb, Chance::Share { share: 0.1, seed: 18 });
    store.create_batches(&campaign, &batches).await.unwrap();
    cloud.throttle(None, Chance::Never);
    cloud.lose_answers(Service::DynamoDb, Chance::Never);
    for number in 0..300 {
        assert!(store.batch(&campaign, number).await.unwrap().is_some(), "batch {number}");
    }
    world.end().await;
}
