//! A table that throttles for a while: writers wait, and continue.

use aws::store::NewBatch;
use domain::phone::PhoneNumber;
use local::cloud::{Chance, Service};
use serde_json::json;
use stories::{Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

const RECIPIENTS: u32 = 1_200;

#[tokio::test]
async fn a_campaign_starts_at_once_although_its_first_batches_are_throttled() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..RECIPIENTS))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    let campaign = harness.campaign(json!({"name": "Une", "lists": [list], "message": message})).await;
    // More than the SDK retries, four times over.
    harness.machine.cloud().throttle(Some("BatchWriteItem"), Chance::Next(12));
    let begun = harness.now();
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    let took = harness.now().duration_since(begun).as_secs();
    assert!(took <= 60, "after {took} s of the harness's time");
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..RECIPIENTS).map(|number| e164(&number)));
    harness.end().await;
}

#[tokio::test]
async fn every_batch_is_written_although_most_writes_are_throttled() {
    let harness = Harness::new().await;
    let cloud = harness.machine.cloud();
    let store = harness.store.account(&harness.account);
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
    harness.end().await;
}
