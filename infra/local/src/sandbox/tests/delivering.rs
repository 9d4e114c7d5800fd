use serde_json::json;

use super::super::Delivered;
use super::{Harness, message, message_to, messages};

#[tokio::test]
async fn receipts_are_sent_when_due_with_the_status_of_the_number() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(0..7)).await;
    assert_eq!(harness.deliver().await, Delivered::default(), "nothing is due yet");
    harness.advance(10);
    harness.deliver().await;
    let mut receipts = harness.receiver.receipts();
    receipts.sort();
    assert_eq!(receipts, ["0 delivered", "1 failed", "2 expired", "6 delivered", "6 delivered"]);
    let statuses: Vec<_> = harness.items("").await.iter().map(|item| item["status"].clone()).collect();
    assert_eq!(statuses, ["delivered", "failed", "expired", "rejected", "throttled", "accepted", "delivered"]);
    let call = &harness.receiver.calls()[0]["receipts"][1];
    assert_eq!(call["reason"], "unknown_subscriber");
    assert_eq!(call["at"], "2026-03-01T12:00:10Z");
    harness.advance(1_000_000);
    assert_eq!(harness.deliver().await, Delivered::default(), "05 stays silent for ever");
}

#[tokio::test]
async fn a_second_receipt_is_a_separate_call() {
    let harness = Harness::new().await;
    harness.carrier.submit(&[message(6)]).await;
    harness.advance(10);
    assert_eq!(harness.deliver().await, Delivered { receipts: 2, replies: 0, calls: 2, failed_calls: 0 });
}

#[tokio::test]
async fn an_early_receipt_arrives_before_the_answer() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(7..9)).await;
    assert_eq!(harness.receiver.receipts(), ["7 delivered"]);
    harness.advance(10);
    harness.deliver().await;
    assert_eq!(harness.receiver.receipts(), ["7 delivered", "8 delivered"]);
}

#[tokio::test]
async fn an_undeliverable_early_receipt_is_sent_later() {
    let harness = Harness::new().await;
    harness.receiver.refuse(true);
    assert!(harness.carrier.submit(&[message(7)]).await.error.is_none());
    harness.receiver.refuse(false);
    assert_eq!(harness.deliver().await.receipts, 1);
}

#[tokio::test]
async fn a_thousand_receipts_make_one_call_in_order_of_submission() {
    let harness = Harness::new().await;
    for first in [0, 500, 1_000, 1_500] {
        let batch: Vec<_> =
            (first..first + 500).map(|index| message_to(index, &format!("+3361{:05}10", index))).collect();
        harness.carrier.submit(&batch).await;
    }
    harness.advance(10);
    assert_eq!(harness.deliver().await, Delivered { receipts: 2_000, replies: 0, calls: 2, failed_calls: 0 });
    for call in harness.receiver.calls() {
        let indexes: Vec<u32> =
            call["receipts"].as_array().unwrap().iter().map(|r| super::index_of(&r["id"]).parse().unwrap()).collect();
        assert!(indexes.is_sorted() && indexes.len() == 1_000);
    }
}

#[tokio::test]
async fn receipts_are_spread_over_the_time_that_was_set() {
    let harness = Harness::new().await;
    let batch: Vec<_> = (0..300).map(|index| message_to(index, &format!("+3361{:05}10", index))).collect();
    harness.carrier.submit(&batch).await;
    let mut counts = Vec::new();
    for _ in 0..4 {
        counts.push(harness.deliver().await.receipts);
        harness.advance(1);
    }
    assert_eq!(counts[..2], [0, 0]);
    assert!(counts[2] > 100 && counts[3] > 100, "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), 300);
    assert_eq!(harness.sandbox.next_due(), None);
}

#[tokio::test]
async fn undeliverable_receipts_are_sent_later_even_after_a_restart() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(6..8)).await;
    harness.receiver.refuse(true);
    harness.advance(10);
    let failed = Delivered { receipts: 0, replies: 0, calls: 1, failed_calls: 1 };
    assert_eq!(harness.deliver().await, failed);
    assert_eq!(harness.deliver().await, failed);
    let harness = harness.restarted().await;
    assert_eq!(harness.deliver().await, failed);
    harness.receiver.refuse(false);
    harness.deliver().await;
    assert_eq!(harness.receiver.receipts(), ["7 delivered", "6 delivered", "6 delivered"]);
    let harness = harness.restarted().await;
    assert_eq!(harness.deliver().await, Delivered::default());
}

#[tokio::test]
async fn a_phone_replies_to_the_code_in_its_message() {
    let harness = Harness::new().await;
    harness.carrier.submit(&[message(10)]).await;
    for (body, to) in [
        (json!({"from": "+33612345610", "text": "STOP"}), "36180"),
        (json!({"from": "+33612345610", "to": "38000", "text": "Oui <b>"}), "38000"),
        (json!({"from": "+33698765432", "text": "STOP"}), "36105"),
    ] {
        assert_eq!(harness.post("/reply", body.clone()).await, 202);
        let calls = harness.receiver.calls();
        let reply = &calls.last().unwrap()["replies"][0];
        assert_eq!((&reply["from"], &reply["text"], &reply["to"]), (&body["from"], &body["text"], &json!(to)));
    }
    for body in [
        json!({"from": "0612345678", "text": "STOP"}),
        json!({"from": "+33612345610", "text": "  "}),
        json!({"from": "+33612345610", "text": "x".repeat(2_001)}),
        json!({"from": "+33612345610", "to": "x".repeat(21), "text": "STOP"}),
        json!({"from": "+33612345610", "text": "STOP", "when": "now"}),
        json!({"text": "STOP"}),
    ] {
        assert_eq!(harness.post("/reply", body.clone()).await, 422, "{body}");
    }
    assert_eq!(harness.receiver.calls().len(), 3);
}

#[tokio::test]
async fn an_undeliverable_reply_is_delivered_once_later() {
    let harness = Harness::new().await;
    harness.receiver.refuse(true);
    assert_eq!(harness.post("/reply", json!({"from": "+33612345610", "text": "STOP"})).await, 202);
    let harness = harness.restarted().await;
    harness.receiver.refuse(false);
    assert_eq!(harness.deliver().await.replies, 1);
    assert_eq!(harness.restarted().await.deliver().await.replies, 0);
}

#[tokio::test]
async fn with_the_system_clock_it_delivers_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = super::Receiver::default();
    let url = receiver.listen(support::Clock::System).await;
    let zero = std::time::Duration::ZERO;
    let settings = super::Settings {
        callback: Some(super::CallbackSettings { url, secret: super::SECRET.parse().unwrap() }),
        delays: super::super::Delays { first: zero, spread: zero },
        ..super::Settings::new(dir.path(), support::Clock::System)
    };
    let sandbox = super::Sandbox::open(settings).unwrap();
    let url = format!("{}/messages", super::listen(sandbox.router()).await);
    let delivering = tokio::spawn(sandbox.run());
    let carrier = super::Carrier::from_name("sandbox", super::HttpSettings::new(url)).unwrap();
    carrier.submit(&[message(10)]).await;
    while receiver.receipts().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(receiver.receipts(), ["10 delivered"]);
    delivering.abort();
}
