//! The event handlers: every real event of `events/` is handled: known campaigns progress, unknown ones are skipped,
//! unreadable records fail alone.

use std::path::Path;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use serde::de::DeserializeOwned;
use serde_json::json;
use stories::{Harness, Receiver, contacts};

use crate::numbers;
use crate::webhooks_delivered::{deliveries, webhook};

/// An event of `events/`, with the ids of a harness filled in.
fn event<T: DeserializeOwned>(name: &str, ids: &[(&str, &str)]) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name);
    let mut text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for (stands, id) in ids {
        text = text.replace(stands, id);
    }
    serde_json::from_str(&text).unwrap()
}

const ACCOUNT: &str = "acc_06h0n5nq1p06sy79k1wg";
const CAMPAIGN: &str = "cmp_06h0n5zeykq28f98a5t0";
const WEBHOOK: &str = "whk_06h0n5zf1k6q3d0v8e2g";
const DELIVERY: &str = "dlv_06h0n60a7m2r9s4t5vwg";
const LIST: &str = "lst_06h0n5z5tpvzrpzg95ng";

fn failures(response: &SqsBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

macro_rules! app {
    ($function:ident, $harness:expr) => {
        $function::App::new(&$harness.start_of(stringify!($function), &[])).unwrap()
    };
}

/// A sent campaign of ten recipients without receipts.
async fn sent(harness: &Harness) -> String {
    let list = harness.list("Dix", contacts(numbers(0..10))).await;
    let settings = json!({"name": "Dix", "lists": [list], "message": {"text": "x {{lien}}", "stop": true,
        "links": [{"name": "lien", "url": "https://example.com"}]}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.machine.drain().await.unwrap();
    campaign
}

#[tokio::test]
async fn import_reads_the_upload_of_an_s3_event_and_skips_other_keys() {
    let harness = Harness::new().await;
    let (app, receiver) = (app!(import, &harness), Receiver::open().await);
    let hook = webhook(&harness, &receiver, &["list.ready"]).await.text("id");
    let made = harness.post("/v1/lists", json!({"name": "Clients"})).await.expect(201);
    harness.put_upload(&made, contacts(numbers(0..10))).await;
    let ids = [(ACCOUNT, harness.account.as_str()), (LIST, &made.text("id"))];
    // S3 announces at least once: the second time gives the same list.
    for _ in 0..2 {
        import::handle(&app, event("import/upload.json", &ids)).await.unwrap();
        let list = harness.get(&format!("/v1/lists/{}", made.text("id"))).await.expect(200);
        assert_eq!((list.text("status"), list.number("report.contacts")), ("ready".into(), 10));
    }
    assert_eq!(deliveries(&harness, &hook).await.len(), 1, "a repeated S3 event makes one delivery");
    import::handle(&app, event("import/strange-key.json", &[])).await.unwrap();
    // A list of another account, or a deleted one, is skipped.
    import::handle(&app, event("import/upload.json", &[])).await.unwrap();
    harness.settle().await;
    harness.end().await;
}

#[tokio::test]
async fn dispatch_handles_ticks_and_wakeups_and_a_bad_wakeup_fails_alone() {
    let harness = Harness::new().await;
    let app = app!(dispatch, &harness);
    let tick = dispatch::handle(&app, event("dispatch/tick.json", &[])).await;
    assert!(failures(&tick).is_empty());
    let list = harness.list("Dix", contacts(numbers(0..10))).await;
    let campaign =
        harness.campaign(json!({"name": "Dix", "lists": [list], "message": {"text": "x", "stop": true}})).await;
    harness.validate(&campaign).await;
    let ids = [(ACCOUNT, harness.account.as_str()), (CAMPAIGN, &campaign)];
    let woken = dispatch::handle(&app, event("dispatch/wakeups.json", &ids)).await;
    assert_eq!(failures(&woken), ["00000001-1111-2222-3333-444444444444"]);
    assert_eq!(harness.status(&campaign).await, "sending");
    harness.until(&campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn send_sends_the_batch_of_a_message_once_and_fails_unreadable_ones() {
    let harness = Harness::new().await;
    let app = app!(send, &harness);
    let campaign = sent(&harness).await;
    assert_eq!(harness.messages(&campaign).await.len(), 10);
    let ids = [(ACCOUNT, harness.account.as_str()), (CAMPAIGN, &campaign)];
    let again = send::handle(&app, event("send/batches.json", &ids)).await;
    assert_eq!(failures(&again), ["00000001-1111-2222-3333-444444444444"]);
    let messages = harness.messages(&campaign).await;
    assert!(messages.len() == 10 && messages.iter().all(|message| message.times_submitted == 1));
    harness.until(&campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn track_merges_receipts_clicks_and_replies_however_often_they_arrive() {
    let harness = Harness::new().await;
    let app = app!(track, &harness);
    let campaign = sent(&harness).await;
    let ids = [(ACCOUNT, harness.account.as_str()), (CAMPAIGN, campaign.as_str())];
    for _ in 0..3 {
        for name in ["track/receipts.json", "track/clicks.json", "track/replies.json"] {
            let tracked = track::handle(&app, event(name, &ids)).await;
            assert!(failures(&tracked).is_empty(), "{name}");
        }
    }
    let stats = harness.stats(&campaign).await;
    assert_eq!((&stats["delivered"], &stats["failed"]), (&json!(1), &json!(1)), "{stats}");
    assert_eq!(stats["by_reason"], json!({"unreachable": 1}));
    assert_eq!(stats["clicks"], json!({"human": 1, "bot": 1, "total": 2, "unique": 1}));
    assert_eq!((&stats["stops"], &stats["replies"]), (&json!(1), &json!(1)));
    let unreadable = track::handle(&app, event("track/partly-unreadable.json", &ids)).await;
    assert_eq!(failures(&unreadable), ["00000000-1111-2222-3333-444444444444"]);
    // Unknown campaigns are skipped.
    assert!(failures(&track::handle(&app, event("track/receipts.json", &[])).await).is_empty());
    harness.until(&campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn webhooks_deliver_the_event_of_a_message_once_and_fail_unreadable_ones() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let app = app!(webhooks, &harness);
    let made = webhook(&harness, &receiver, &["list.ready"]).await.text("id");
    let sent = harness.post(&format!("/v1/account/webhooks/{made}/test"), json!({})).await.expect(201).text("id");
    let ids = [(ACCOUNT, harness.account.as_str()), (WEBHOOK, made.as_str()), (DELIVERY, sent.as_str())];
    for _ in 0..2 {
        let response = webhooks::handle(&app, event("webhooks/hints.json", &ids)).await;
        assert_eq!(failures(&response), ["00000001-1111-2222-3333-444444444444"]);
        assert!(failures(&webhooks::handle(&app, event("webhooks/tick.json", &[])).await).is_empty());
    }
    assert_eq!(receiver.heard_kinds(), ["webhook.test"]);
    // A deleted delivery is skipped.
    let strange = webhooks::handle(&app, event("webhooks/hints.json", &[])).await;
    assert_eq!(failures(&strange).len(), 1);
    harness.settle().await;
    harness.end().await;
}

#[tokio::test]
async fn without_permission_private_addresses_are_neither_stored_nor_called() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let strict = [("WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES", "false")];
    // An endpoint from a time when it was allowed; by its name only, for an address would be seen at once.
    let url = receiver.url.replace("http://127.0.0.1", "https://localhost");
    let made = harness.post("/v1/account/webhooks", json!({"url": url, "events": ["list.ready"]})).await.expect(201);
    let path = format!("/v1/account/webhooks/{}", made.text("id"));
    let sent = harness.post(&format!("{path}/test"), json!({})).await.expect(201).text("id");
    let id = made.text("id");
    let app = webhooks::App::new(&harness.start_of("webhooks", &strict)).unwrap();
    let ids = [(ACCOUNT, harness.account.as_str()), (WEBHOOK, id.as_str()), (DELIVERY, sent.as_str())];
    webhooks::handle(&app, event("webhooks/hints.json", &ids)).await;
    let delivery = harness.get(&format!("{path}/deliveries/{sent}")).await.expect(200);
    assert_eq!(delivery.text("attempts.0.problem.code"), "private_address");
    assert!(receiver.heard().is_empty());
    harness.delete(&path).await.expect(204);

    let api = api::router(api::App::new(&harness.start_of("api", &strict)).unwrap());
    for (url, code) in [
        (receiver.url.clone(), "not_https"),
        (receiver.url.replace("http:", "https:"), "private_address"),
        ("https://169.254.169.254/latest".into(), "private_address"),
        ("https://localhost/".into(), "private_address"),
    ] {
        let body = json!({"url": url, "events": ["list.ready"]}).to_string();
        let request = http::Request::post("/v1/account/webhooks").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", harness.key()));
        let response =
            tower::ServiceExt::oneshot(api.clone(), request.body(axum::body::Body::from(body)).unwrap()).await.unwrap();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let refused: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(refused["errors"][0]["code"], code, "{url}: {refused}");
    }
    harness.settle().await;
    harness.end().await;
}

/// The API's response to an API Gateway event, as on Lambda.
async fn answered(harness: &Harness, name: &str, ids: &[(&str, &str)]) -> stories::Answer {
    let event: serde_json::Value = event(name, ids);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = tower::ServiceExt::oneshot(api::router(app!(api, harness)), request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    stories::Answer::new(http::Response::from_parts(parts, bytes))
}

#[tokio::test]
async fn the_api_reads_api_gateway_events() {
    let harness = Harness::new().await;
    assert_eq!(answered(&harness, "api/health.json", &[]).await.expect(200).text("status"), "ok");
    answered(&harness, "api/unknown-path.json", &[]).await.expect(404);
    answered(&harness, "api/create-campaign.json", &[]).await.expect(401);
    let stands = format!("envol_06h0n5nq1p06sy79k1wg_{}", "0".repeat(64));
    let ids = [(stands.as_str(), harness.key())];
    let made = answered(&harness, "api/create-campaign.json", &ids).await.expect(201);
    let again = answered(&harness, "api/create-campaign.json", &ids).await.expect(201);
    assert_eq!((made.text("name"), again.text("id")), ("Soldes d'hiver".into(), made.text("id")));
    let page = answered(&harness, "api/list-campaigns.json", &ids).await.expect(200);
    assert_eq!(page.text("items.0.id"), made.text("id"));
    let audit = harness.get("/v1/account/audit").await;
    assert_eq!(audit.text("items.0.from"), "203.0.113.0");
    harness.end().await;
}
