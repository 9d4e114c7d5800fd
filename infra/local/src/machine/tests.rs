//! Envol's own functions behind the real template.

use jiff::SignedDuration;

use super::*;

fn at() -> jiff::Timestamp {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn every_function_of_the_template_has_its_door_and_all_that_its_configuration_asks_for() {
    Machine::open(Setup::in_memory(at())).await.unwrap();
}

#[tokio::test]
async fn what_the_carrier_says_goes_through_receipts_and_the_queue_to_track() {
    let stage = Rehearsal::open(at()).await.unwrap();
    let setup = stage.machine.setup();
    let message = serde_json::json!({
        "id": "00000000000000000001.00000000000000000002.0",
        "from": "ENVOL", "to": "+33612345600", "text": "Bonjour", "encoding": "gsm7", "segments": 1,
    });
    let submit = reqwest::Client::new().post(format!("{}/messages", setup.sandbox_url()));
    let submit = submit.header("authorization", &setup.secrets.carrier_authorization);
    let answer = submit.json(&serde_json::json!({ "messages": [message] })).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    assert_eq!(stage.settle().await.unwrap().messages, 0, "the receipt is not due yet");
    let before = stage.machine.cloud().requests();
    let drained = stage.play_until(at() + SignedDuration::from_mins(2)).await.unwrap();
    assert!(drained.messages > 0 && drained.failed == 0, "{drained:?}");
    assert!(stage.machine.cloud().requests().since(&before).of("SendMessageBatch") > 0);
    assert_eq!(stage.machine.waiting().await.unwrap(), []);
}
