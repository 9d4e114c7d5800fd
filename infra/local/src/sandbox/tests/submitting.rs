use carrier::Answer;
use domain::outcome::Reason;
use serde_json::json;

use super::{Harness, message, messages};

#[tokio::test]
async fn the_last_two_digits_decide_the_answer() {
    let harness = Harness::new().await;
    let report = harness.carrier.submit(&messages(0..10)).await;
    assert!(report.error.is_none(), "{report:?}");
    let mut expected = [Answer::Accepted; 10];
    expected[3] = Answer::Rejected { reason: Reason::Blocked };
    expected[4] = Answer::Throttled;
    assert_eq!(report.answers, expected);
}

#[tokio::test]
async fn a_throttled_message_is_accepted_the_second_time() {
    let harness = Harness::new().await;
    for expected in [Answer::Throttled, Answer::Accepted, Answer::Accepted] {
        assert_eq!(harness.carrier.submit(&[message(4)]).await.answers, [expected]);
    }
    let items = harness.items("").await;
    assert_eq!((items.len(), &items[0]["times_submitted"]), (1, &json!(3)));
}

#[tokio::test]
async fn an_id_is_accepted_once_even_after_a_restart() {
    let mut harness = Harness::new().await;
    for times in 1..=3 {
        let report = harness.carrier.submit(&messages(10..20)).await;
        assert_eq!(report.answers, [Answer::Accepted; 10]);
        harness = harness.restarted().await;
        let items = harness.items("").await;
        assert_eq!(items.len(), 10);
        assert!(items.iter().all(|item| item["times_submitted"] == times));
    }
    harness.advance(10);
    assert_eq!(harness.deliver().await.receipts, 10);
    assert_eq!(harness.receiver.receipts().len(), 10);
}

#[tokio::test]
async fn the_same_id_twice_in_one_call_is_one_message() {
    let harness = Harness::new().await;
    let report = harness.carrier.submit(&[message(4), message(4), message(3), message(3)]).await;
    let rejected = Answer::Rejected { reason: Reason::Blocked };
    assert_eq!(report.answers, [Answer::Throttled, Answer::Accepted, rejected, rejected]);
    assert_eq!(harness.items("").await.len(), 2);
}

#[tokio::test]
async fn an_incompletely_written_submission_does_not_exist() {
    let harness = Harness::new().await;
    harness.carrier.submit(&messages(10..12)).await;
    harness.carrier.submit(&messages(12..15)).await;
    let path = harness.dir.path().join("journal");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 7]).unwrap();
    let harness = harness.restarted().await;
    assert_eq!(harness.items("").await.len(), 2);
    assert_eq!(harness.carrier.submit(&messages(10..15)).await.answers, [Answer::Accepted; 5]);
    let times: Vec<_> = harness.items("").await.iter().map(|item| item["times_submitted"].clone()).collect();
    assert_eq!(times, [2, 2, 1, 1, 1]);
}

#[tokio::test]
async fn missing_authorization_and_invalid_bodies_are_refused() {
    let harness = Harness::new().await;
    let client = reqwest::Client::new();
    let post = async |authorization: &str, kind: &str, body: &str| {
        let request = client.post(format!("{}/messages", harness.url)).header("authorization", authorization);
        request.header("content-type", kind).body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    let json = "application/json";
    assert_eq!(post("Bearer other", json, r#"{"messages": []}"#).await, 401);
    for (body, expected) in
        [("", 400), ("{", 400), ("5", 422), ("{}", 422), (r#"{"messages": [{}]}"#, 422), (r#"{"messages": []}"#, 200)]
    {
        assert_eq!(post("Bearer sandbox", json, body).await, expected, "{body}");
    }
    assert_eq!(post("Bearer sandbox", "text/plain", r#"{"messages": []}"#).await, 415);
    let message = json!({"id": "x", "from": "A", "to": "+33612345678", "text": "t", "encoding": "gsm7", "segments": 1});
    let many = json!({"messages": vec![message; 1_001]});
    assert_eq!(post("Bearer sandbox", json, &many.to_string()).await, 413);
    assert_eq!(harness.items("").await.len(), 0);
}

#[tokio::test]
async fn an_undeliverable_message_is_rejected_with_its_reason_and_listed() {
    let harness = Harness::new().await;
    let good = json!({"id": "x", "from": "A", "to": "+33612345678", "text": "t", "encoding": "gsm7", "segments": 1});
    for (index, (field, value, reason)) in [
        ("to", json!("0612345678"), "invalid_number"),
        ("from", json!(""), "sender_refused"),
        ("text", json!(""), "content_refused"),
        ("text", json!("é".repeat(2_001)), "too_long"),
        ("encoding", json!("latin1"), "content_refused"),
        ("segments", json!(0), "content_refused"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut message = good.clone();
        message["id"] = json!(format!("any id {index}"));
        message[field] = value;
        let request = reqwest::Client::new().post(format!("{}/messages", harness.url));
        let request = request.header("authorization", "Bearer sandbox").json(&json!({"messages": [message]}));
        let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
        let expected = json!({"id": format!("any id {index}"), "status": "rejected", "reason": reason});
        assert_eq!(answer["results"], json!([expected]), "{field}");
    }
    assert!(harness.items("").await.iter().all(|item| item["status"] == "rejected"));
}
