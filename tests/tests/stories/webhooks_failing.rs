//! Webhooks whose endpoints fail: retried over a day, given up, disabled; and endpoints that are not allowed.

use std::time::Duration;

use domain::delivery::{Delivery, Event};
use domain::ids::EventId;
use domain::webhook::EventKind;
use jiff::SignedDuration;
use serde_json::{Value, json};
use stories::{Harness, Receiver, contacts};

use crate::numbers;
use crate::webhooks_delivered::{ALL, deliveries, webhook};

/// The waits after a failed attempt, in seconds.
const WAITS: [u64; 7] = [5, 300, 1_800, 7_200, 18_000, 25_200, 36_000];

async fn test(harness: &Harness, id: &str) -> String {
    let sent = harness.post(&format!("/v1/account/webhooks/{id}/test"), json!({})).await.expect(201);
    harness.settle().await;
    sent.text("id")
}

async fn show(harness: &Harness, id: &str) -> Value {
    harness.get(&format!("/v1/account/webhooks/{id}")).await.expect(200).body
}

#[tokio::test]
async fn a_failing_delivery_is_retried_over_a_day_given_up_and_replayed() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let id = webhook(&harness, &receiver, &["list.ready"]).await.text("id");
    receiver.answers(503);
    let delivery = test(&harness, &id).await;
    let mut heard = receiver.heard();
    for wait in WAITS {
        assert_eq!(heard.len(), 1, "before the wait of {wait} s");
        harness.skip(Duration::from_secs(wait - 1)).await;
        assert!(receiver.heard().is_empty(), "delivered {wait} s too early");
        harness.skip(Duration::from_secs(1)).await;
        let again = receiver.heard();
        assert_eq!((&again[0].id, &again[0].bytes), (&heard[0].id, &heard[0].bytes), "a repeat is the same event");
        assert!(again[0].timestamp > heard[0].timestamp && again[0].signature != heard[0].signature);
        heard = again;
    }
    let found = &deliveries(&harness, &id).await[0];
    assert_eq!((&found["status"], &found["tries"]), (&json!("failed"), &json!(8)));
    assert_eq!(found["next_attempt_at"], Value::Null);
    let attempt = &found["attempts"][7];
    assert_eq!((&attempt["http_status"], &attempt["problem"]["code"]), (&json!(503), &json!("status")));
    assert_eq!(attempt["answer"], "not now");
    harness.skip(Duration::from_secs(48 * 3_600)).await;
    assert!(receiver.heard().is_empty(), "given up is given up");

    receiver.answers(204);
    let path = format!("/v1/account/webhooks/{id}/deliveries/{delivery}");
    harness.post(&format!("{path}/replay"), json!({})).await.expect(200);
    harness.settle().await;
    assert_eq!(receiver.heard()[0].id, heard[0].id);
    let replayed = harness.get(&path).await.expect(200);
    assert_eq!((replayed.text("status"), replayed.number("tries")), ("delivered".into(), 1));
    assert_eq!(replayed.body["attempts"].as_array().unwrap().len(), 9);
    assert_eq!(show(&harness, &id).await["failures"], 0);
    harness.end().await;
}

#[tokio::test]
async fn lost_messages_and_crashed_attempts_are_continued_by_the_tick() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let id = webhook(&harness, &receiver, &["list.ready"]).await.text("id").parse().unwrap();
    let store = harness.store.account(&harness.account);
    let event = |second: i64| {
        let at = jiff::Timestamp::from_second(second).unwrap();
        Event { id: EventId::new(at, [0; 6]), kind: EventKind::ListReady, at, payload: "{}".into(), phone: None }
    };
    // One was written and its queue message lost; the other was leased by a worker that was killed during the call.
    store.put_delivery(Delivery::new(&id, &event(1), harness.now())).await.unwrap();
    let taken = Delivery::new(&id, &event(2), harness.now()).taken(harness.now() + SignedDuration::from_secs(60));
    store.put_delivery(taken).await.unwrap();
    harness.skip(Duration::from_secs(59)).await;
    assert!(receiver.heard().is_empty());
    harness.skip(Duration::from_secs(1)).await;
    assert_eq!(receiver.heard()[0].id, event(2).id.as_str());
    harness.skip(Duration::from_secs(60)).await;
    assert_eq!(receiver.heard()[0].id, event(1).id.as_str());
    harness.skip(Duration::from_secs(3_600)).await;
    assert!(receiver.heard().is_empty(), "delivered twice");
    harness.end().await;
}

#[tokio::test]
async fn an_endpoint_that_keeps_failing_rests_and_blocks_no_other() {
    let (harness, dead, well) = (Harness::new().await, Receiver::open().await, Receiver::open().await);
    let id = webhook(&harness, &dead, &["list.ready"]).await.text("id");
    let other = webhook(&harness, &well, &["list.ready"]).await.text("id");
    dead.answers(500);
    for _ in 0..5 {
        test(&harness, &id).await;
    }
    assert_eq!(dead.heard().len(), 5);
    test(&harness, &id).await;
    assert!(dead.heard().is_empty(), "it rests");
    test(&harness, &other).await;
    assert_eq!(well.heard().len(), 1);
    // After the rest one of the waiting deliveries goes ahead, and decides.
    dead.answers(204);
    harness.pass(Duration::from_secs(400)).await;
    assert_eq!(show(&harness, &id).await["failures"], 0);
    let statuses: Vec<_> = deliveries(&harness, &id).await.iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, vec![json!("delivered"); 6]);
    harness.end().await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_or_failed_for_days_is_disabled_until_enabled() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let id = webhook(&harness, &receiver, &["list.ready"]).await.text("id");
    let path = format!("/v1/account/webhooks/{id}");
    receiver.answers(410);
    test(&harness, &id).await;
    let gone = show(&harness, &id).await;
    assert_eq!((&gone["enabled"], &gone["disabled"]["reason"]), (&json!(false), &json!("gone")));
    harness.post(&format!("{path}/test"), json!({})).await.expect(409);
    harness.pass(Duration::from_secs(10)).await;
    let given_up = &deliveries(&harness, &id).await[0];
    assert_eq!(
        (&given_up["status"], &given_up["attempts"][1]["problem"]["code"]),
        (&json!("failed"), &json!("disabled"))
    );
    harness.list("Clients", contacts(numbers(0..2))).await;
    assert_eq!(receiver.heard().len(), 1, "a disabled webhook gets no deliveries");

    let enabled = harness.patch(&path, json!({ "enabled": true })).await.expect(200);
    assert_eq!((enabled.value("enabled"), enabled.number("failures")), (&json!(true), 0));
    receiver.answers(500);
    test(&harness, &id).await;
    harness.skip(Duration::from_secs(5 * 24 * 3_600)).await;
    test(&harness, &id).await;
    let failing = show(&harness, &id).await;
    assert_eq!((&failing["enabled"], &failing["disabled"]["reason"]), (&json!(false), &json!("failing")));
    let audit = harness.get("/v1/account/audit").await.expect(200);
    let disabled = audit.body["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "webhook.disabled");
    assert_eq!(disabled.count(), 2);
    harness.end().await;
}

#[tokio::test]
async fn an_invalid_webhook_is_refused_with_every_reason_and_ten_is_the_limit() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let events = json!(["list.ready"]);
    for (body, pointer) in [
        (json!({ "url": "not a url", "events": events }), "/url"),
        (json!({ "url": "ftp://example.com", "events": events }), "/url"),
        (json!({ "url": "https://a:b@example.com", "events": events }), "/url"),
        (json!({ "url": receiver.url, "events": [] }), "/events"),
        (json!({ "url": receiver.url, "events": ["webhook.test"] }), "/events/0"),
        (json!({ "url": receiver.url, "events": events, "secret": "whsec_" }), "/secret"),
        (json!({ "url": receiver.url, "events": events, "description": "a\u{0}" }), "/description"),
    ] {
        let refused = harness.post("/v1/account/webhooks", body).await.expect(422);
        assert_eq!(refused.text("errors.0.pointer"), pointer, "{}", refused.body);
    }
    let made = webhook(&harness, &receiver, &ALL).await;
    for _ in 1..10 {
        webhook(&harness, &receiver, &["list.failed"]).await;
    }
    let more = json!({ "url": receiver.url, "events": events });
    harness.post("/v1/account/webhooks", more).await.expect(409);
    let path = format!("/v1/account/webhooks/{}", made.text("id"));
    harness.ask("PATCH", &path, &[("if-match", "\"9\"")], r#"{"description":"a"}"#).await.expect(412);
    let changed = harness.patch(&path, json!({ "events": ["list.ready", "list.ready"] })).await.expect(200);
    assert_eq!((changed.value("events"), changed.text("url")), (&events, receiver.url.clone()));
    for _ in 0..5 {
        harness.post(&format!("{path}/rotate"), json!({})).await.expect(200);
    }
    harness.post(&format!("{path}/rotate"), json!({})).await.expect(409);
    // A pending delivery to a removed webhook is not sent.
    receiver.answers(500);
    test(&harness, &made.text("id")).await;
    harness.delete(&path).await.expect(204);
    harness.pass(Duration::from_secs(10)).await;
    assert_eq!(receiver.heard().len(), 1);
    harness.get(&format!("{path}/deliveries")).await.expect(404);
    harness.end().await;
}
