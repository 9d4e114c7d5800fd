//! The doors of the functions that events wake: every real event shape of `events/` goes in and the right things come
//! out: known campaigns move, strangers are passed over, what cannot be read fails alone.

use std::collections::BTreeMap;
use std::path::Path;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use serde::de::DeserializeOwned;
use serde_json::json;
use stories::{World, contacts};

use crate::numbers;

/// An event of `events/`, with the ids of a world in place of its own.
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
const LIST: &str = "lst_06h0n5z5tpvzrpzg95ng";

fn failures(response: &SqsBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

/// The environment of a function, as the template gives it.
fn environment(world: &World, function: &str) -> BTreeMap<String, String> {
    world.template().functions[function].environment.clone()
}

macro_rules! app {
    ($function:ident, $world:expr) => {{
        let environment = environment($world, stringify!($function));
        let get = |name: &str| environment.get(name).cloned();
        let config = $function::Config::read(&get).unwrap();
        $function::App::new(&$world.machine.cloud().sdk_config(), config, $world.machine.clock().clone())
    }};
}

/// A campaign of ten recipients that has been sent; its receipts have not come.
async fn sent(world: &World) -> String {
    let list = world.list("Dix", contacts(numbers(0..10))).await;
    let settings = json!({"name": "Dix", "lists": [list], "message": {"text": "x {{lien}}", "stop": true,
        "links": [{"name": "lien", "url": "https://example.com"}]}});
    let campaign = world.campaign(settings).await;
    world.validate(&campaign).await;
    world.machine.drain().await.unwrap();
    campaign
}

#[tokio::test]
async fn import_reads_the_upload_that_s3_tells_of_and_passes_over_strange_keys() {
    let world = World::new().await;
    let app = app!(import, &world);
    let made = world.post("/v1/lists", json!({"name": "Clients"})).await.expect(201);
    world.put_upload(&made, contacts(numbers(0..10))).await;
    let ids = [(ACCOUNT, world.account.as_str()), (LIST, &made.text("id"))];
    // S3 tells at least once: the second time gives the same list.
    for _ in 0..2 {
        import::handle(&app, event("import/upload.json", &ids)).await.unwrap();
        let list = world.get(&format!("/v1/lists/{}", made.text("id"))).await.expect(200);
        assert_eq!((list.text("status"), list.number("report.contacts")), ("ready".into(), 10));
    }
    import::handle(&app, event("import/strange-key.json", &[])).await.unwrap();
    // A list of another account, or one that is gone, is nobody's.
    import::handle(&app, event("import/upload.json", &[])).await.unwrap();
    world.settle().await;
    world.end().await;
}

#[tokio::test]
async fn dispatch_takes_ticks_and_wakeups_and_a_bad_wakeup_fails_alone() {
    let world = World::new().await;
    let app = app!(dispatch, &world);
    let tick = dispatch::handle(&app, event("dispatch/tick.json", &[])).await;
    assert!(failures(&tick).is_empty());
    let list = world.list("Dix", contacts(numbers(0..10))).await;
    let campaign =
        world.campaign(json!({"name": "Dix", "lists": [list], "message": {"text": "x", "stop": true}})).await;
    world.validate(&campaign).await;
    let ids = [(ACCOUNT, world.account.as_str()), (CAMPAIGN, &campaign)];
    let woken = dispatch::handle(&app, event("dispatch/wakeups.json", &ids)).await;
    assert_eq!(failures(&woken), ["00000001-1111-2222-3333-444444444444"]);
    assert_eq!(world.status(&campaign).await, "sending");
    world.until(&campaign, "finished").await;
    world.end().await;
}

#[tokio::test]
async fn send_sends_the_batch_of_a_hint_once_and_fails_what_it_cannot_read() {
    let world = World::new().await;
    let app = app!(send, &world);
    let campaign = sent(&world).await;
    assert_eq!(world.messages(&campaign).await.len(), 10);
    let ids = [(ACCOUNT, world.account.as_str()), (CAMPAIGN, &campaign)];
    let again = send::handle(&app, event("send/batches.json", &ids)).await;
    assert_eq!(failures(&again), ["00000001-1111-2222-3333-444444444444"]);
    let messages = world.messages(&campaign).await;
    assert!(messages.len() == 10 && messages.iter().all(|message| message.times_submitted == 1));
    world.until(&campaign, "finished").await;
    world.end().await;
}

#[tokio::test]
async fn track_merges_receipts_clicks_and_replies_however_often_they_come() {
    let world = World::new().await;
    let app = app!(track, &world);
    let campaign = sent(&world).await;
    let ids = [(ACCOUNT, world.account.as_str()), (CAMPAIGN, campaign.as_str())];
    for _ in 0..3 {
        for name in ["track/receipts.json", "track/clicks.json", "track/replies.json"] {
            let tracked = track::handle(&app, event(name, &ids)).await;
            assert!(failures(&tracked).is_empty(), "{name}");
        }
    }
    let stats = world.stats(&campaign).await;
    assert_eq!((&stats["delivered"], &stats["failed"]), (&json!(1), &json!(1)), "{stats}");
    assert_eq!(stats["by_reason"], json!({"unreachable": 1}));
    assert_eq!(stats["clicks"], json!({"human": 1, "bot": 1, "total": 2, "unique": 1}));
    assert_eq!((&stats["stops"], &stats["replies"]), (&json!(1), &json!(1)));
    let unreadable = track::handle(&app, event("track/partly-unreadable.json", &ids)).await;
    assert_eq!(failures(&unreadable), ["00000000-1111-2222-3333-444444444444"]);
    // Of strangers nothing is known, and nothing is to be done.
    assert!(failures(&track::handle(&app, event("track/receipts.json", &[])).await).is_empty());
    world.until(&campaign, "finished").await;
    world.end().await;
}

/// What the API answers to an event of API Gateway, as on Lambda.
async fn answered(world: &World, name: &str, ids: &[(&str, &str)]) -> stories::Answer {
    let event: serde_json::Value = event(name, ids);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = tower::ServiceExt::oneshot(api::router(app!(api, world)), request).await.unwrap();
    let (parts, body) = response.into_parts();
    let octets = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    stories::Answer::of(http::Response::from_parts(parts, octets))
}

#[tokio::test]
async fn the_api_reads_what_api_gateway_hands_over() {
    let world = World::new().await;
    assert_eq!(answered(&world, "api/health.json", &[]).await.expect(200).text("status"), "ok");
    answered(&world, "api/unknown-path.json", &[]).await.expect(404);
    answered(&world, "api/create-campaign.json", &[]).await.expect(401);
    let stands = format!("envol_06h0n5nq1p06sy79k1wg_{}", "0".repeat(64));
    let ids = [(stands.as_str(), world.key())];
    let made = answered(&world, "api/create-campaign.json", &ids).await.expect(201);
    let again = answered(&world, "api/create-campaign.json", &ids).await.expect(201);
    assert_eq!((made.text("name"), again.text("id")), ("Soldes d'hiver".into(), made.text("id")));
    let page = answered(&world, "api/list-campaigns.json", &ids).await.expect(200);
    assert_eq!(page.text("items.0.id"), made.text("id"));
    let audit = world.get("/v1/account/audit").await;
    assert_eq!(audit.text("items.0.from"), "203.0.113.0");
    world.end().await;
}
