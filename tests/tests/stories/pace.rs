//! Messages are sent at the requested pace.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use serde_json::{Value, json};
use stories::{Harness, contacts};

use crate::numbers;

async fn sending(harness: &Harness, recipients: u32, per_hour: u32) -> String {
    let list = harness.list("Clients", contacts(numbers(0..recipients))).await;
    let settings = json!({"name": "Au rythme", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"pace_per_hour": per_hour}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    campaign
}

async fn pace(harness: &Harness, campaign: &str, per_hour: impl Into<Option<u32>>) {
    let pace = json!({ "pace_per_hour": per_hour.into() });
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), pace).await.expect(200);
    harness.settle().await;
}

async fn cleared(harness: Harness, campaign: &str) {
    pace(&harness, campaign, None).await;
    harness.until(campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn ten_minutes_at_60000_an_hour_are_10000_messages() {
    let harness = Harness::new().await;
    let campaign = sending(&harness, 12_000, 60_000).await;
    harness.pass(Duration::from_secs(600)).await;
    let sent = harness.messages(&campaign).await.len();
    assert!((9_800..=10_200).contains(&sent), "{sent} in ten minutes");
    cleared(harness, &campaign).await;
}

#[tokio::test]
async fn ten_minutes_at_6000_an_hour_are_1000_messages() {
    let harness = Harness::new().await;
    let campaign = sending(&harness, 1_500, 6_000).await;
    harness.pass(Duration::from_secs(600)).await;
    let sent = harness.messages(&campaign).await.len();
    assert!((950..=1_060).contains(&sent), "{sent} in ten minutes");
    cleared(harness, &campaign).await;
}

#[tokio::test]
async fn a_slow_pace_that_is_made_fast_goes_on_at_once() {
    let harness = Harness::new().await;
    let campaign = sending(&harness, 500, 1).await;
    harness.pass(Duration::from_secs(30)).await;
    assert_eq!(harness.messages(&campaign).await.len(), 1);
    pace(&harness, &campaign, 10_000).await;
    harness.pass(Duration::from_secs(60)).await;
    let sent = harness.messages(&campaign).await.len();
    assert!((150..=250).contains(&sent), "{sent} in a minute at 10,000 an hour");
    cleared(harness, &campaign).await;
}

#[tokio::test]
async fn setting_the_same_pace_repeatedly_releases_nothing_more() {
    let harness = Harness::new().await;
    let campaign = sending(&harness, 500, 600).await;
    for _ in 0..20 {
        pace(&harness, &campaign, 600).await;
    }
    let sent = harness.messages(&campaign).await.len();
    assert!(sent <= 10, "{sent} at once at 600 an hour");
    cleared(harness, &campaign).await;
}

fn event(body: &Value) -> SqsEvent {
    serde_json::from_value(json!({ "Records": [{ "messageId": "a", "body": body.to_string() }] })).unwrap()
}

#[tokio::test]
async fn messages_released_while_their_batch_is_sent_are_queued_again_by_the_sender() {
    let harness = Harness::new().await;
    let campaign = sending(&harness, 500, 60_000).await;
    harness.pass(Duration::from_secs(4)).await;
    let machine = &harness.machine;
    let clock = machine.clock();
    let dispatch = dispatch::App::new(&harness.start_of("dispatch", &[])).unwrap();
    let send = send::App::new(&harness.start_of("send", &[])).unwrap();
    let hint = json!({ "account": harness.account, "campaign": campaign, "batch": 0 });
    let release = async || {
        clock.advance(Duration::from_secs(8));
        let wakeup = event(&json!({ "account": harness.account, "campaign": campaign }));
        let answer = dispatch::handle(&dispatch, dispatch::Event::Wakeups(wakeup)).await;
        assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
    };
    let waiting = async || {
        let waiting = machine.waiting().await.unwrap();
        waiting.iter().find(|(queue, _)| queue.contains("Batches")).map_or(0, |(_, count)| *count)
    };
    let store = harness.store.account(&harness.account);
    let id = campaign.parse().unwrap();
    let batch = async || store.batch(&id, 0).await.unwrap().unwrap();
    release().await;
    let before = waiting().await;
    machine.cloud().delay(Duration::from_millis(20));
    let (first, ()) = tokio::join!(send::handle(&send, event(&hint)), async {
        // The batch is leased now: more of it is released, and the queue message for it finds it leased.
        while batch().await.lease_until <= harness.now() {}
        let mut more = store.campaign(&id).await.unwrap().unwrap();
        more.audience.as_mut().unwrap().runs[0].released += 50;
        store.put_campaign(more).await.unwrap();
        let second = send::handle(&send, event(&hint)).await;
        assert!(second.batch_item_failures.is_empty(), "{second:?}");
    });
    machine.cloud().delay(Duration::ZERO);
    assert!(first.batch_item_failures.is_empty(), "{first:?}");
    let audience = store.campaign(&id).await.unwrap().unwrap().audience.unwrap();
    let sent = batch().await.ledger.records().iter().filter(|one| !one.state.outcome().is_to_send()).count();
    assert!(sent < audience.runs[0].released as usize, "the second found it leased");
    assert_eq!(waiting().await, before + 1, "it is asked for by who sent the first part");
    harness.settle().await;
    cleared(harness, &campaign).await;
}
