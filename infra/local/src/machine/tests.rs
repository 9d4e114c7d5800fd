//! Envol's own functions with the real template.

use bytes::Bytes;
use http::Request;

use super::*;

fn at() -> jiff::Timestamp {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn every_function_of_the_template_has_its_handler_and_configuration() {
    Machine::open(Setup::in_memory(at())).await.unwrap();
}

#[tokio::test]
async fn a_callback_goes_through_receipts_and_the_queue_to_track() {
    use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
    let machine = Machine::open(Setup::in_memory(at())).await.unwrap();
    let (setup, now) = (machine.setup(), at().as_second());
    let message = "00000000000000000001.00000000000000000002.0";
    let receipt = serde_json::json!({ "id": message, "status": "delivered", "at": at().to_string() });
    let body = serde_json::json!({ "receipts": [receipt], "replies": [] }).to_string();
    let secret: Secret = setup.secrets.callback_secret.parse().unwrap();
    let call = |signature: String| {
        let call = Request::post(setup.callback_url()).header(ID_HEADER, "c1").header(TIMESTAMP_HEADER, now);
        call.header(SIGNATURE_HEADER, signature).body(Bytes::from(body.clone())).unwrap()
    };
    let refused = machine.request(call("v1,AAAA".to_owned())).await;
    assert!(refused.status().is_client_error());
    let taken = machine.request(call(secret.sign("c1", at(), body.as_bytes()))).await;
    assert_eq!(taken.status(), 202, "{:?}", taken.body());
    let drained = machine.drain().await.unwrap();
    assert_eq!((drained.messages, drained.failed), (1, 0), "track knows no such campaign, and lets it go");
    assert_eq!(machine.waiting().await.unwrap(), []);
}
