//! Webhooks: an account's endpoint gets each event once, with a signature that anybody can verify.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use domain::campaign;
use domain::ids::CampaignId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use stories::{Answer, Call, Harness, NewAccount, Receiver, contacts};

use crate::{e164, numbers};

/// Every event that can be subscribed to.
pub const ALL: [&str; 7] = [
    "campaign.started",
    "campaign.paused",
    "campaign.finished",
    "list.ready",
    "list.failed",
    "message.replied",
    "contact.stopped",
];

/// A webhook of the harness's account at this endpoint.
pub async fn webhook(harness: &Harness, receiver: &Receiver, events: &[&str]) -> Answer {
    harness.post("/v1/account/webhooks", json!({ "url": receiver.url, "events": events })).await.expect(201)
}

pub async fn deliveries(harness: &Harness, webhook: &str) -> Vec<Value> {
    let page = harness.get(&format!("/v1/account/webhooks/{webhook}/deliveries?limit=200")).await.expect(200);
    page.body["items"].as_array().unwrap().clone()
}

/// A campaign to these numbers, slow enough to be paused.
async fn campaign_to(harness: &Harness, range: std::ops::Range<u32>) -> String {
    let list = harness.list("Clients", contacts(numbers(range))).await;
    let settings = json!({ "name": "Soldes", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "pace_per_hour": 60 } });
    harness.campaign(settings).await
}

/// The result of the README's Python code for each call: it is independent of our code.
fn verified(secret: &str, calls: &[Call], now: jiff::Timestamp) -> Vec<bool> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let mut snippets = readme.split("```python\n").skip(1).filter_map(|block| block.split("```").next());
    let snippet = snippets.find(|snippet| snippet.contains("def is_from_envol")).unwrap();
    let driver = "\nimport json, sys\nasked = json.load(sys.stdin)\nprint(json.dumps([is_from_envol(asked['secret'], \
        call['headers'], call['body'].encode(), asked['now']) for call in asked['calls']]))\n";
    let calls: Vec<_> = calls
        .iter()
        .map(|call| {
            json!({ "body": call.bytes, "headers": { "webhook-id": call.id,
        "webhook-timestamp": call.timestamp.to_string(), "webhook-signature": call.signature } })
        })
        .collect();
    let asked = json!({ "secret": secret, "now": now.as_second(), "calls": calls });
    let mut python = Command::new("python3");
    let mut python = python
        .args(["-c", &format!("{snippet}{driver}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the README's check of signatures needs python3");
    python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let said = python.wait_with_output().unwrap();
    assert!(said.status.success());
    serde_json::from_slice(&said.stdout).unwrap()
}

#[tokio::test]
async fn every_event_arrives_once_with_a_verifiable_signature() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let made = webhook(&harness, &receiver, &ALL).await;
    let (id, secret) = (made.text("id"), made.text("secret"));
    let mut heard = Vec::new();

    assert_eq!(harness.upload("Vide", "").await.text("status"), "failed");
    let campaign = campaign_to(&harness, 0..3).await;
    heard.extend(receiver.heard());
    harness.validate(&campaign).await;
    harness.until(&campaign, "sending").await;
    harness.pass(Duration::from_secs(5)).await;
    harness.command(&campaign, "pause").await.expect(200);
    harness.settle().await;
    heard.extend(receiver.heard());
    harness.command(&campaign, "resume").await.expect(200);
    harness.until(&campaign, "finished").await;
    harness.settle().await;
    let first = e164(&numbers(0..1).next().unwrap());
    harness.reply(&first, "36105", "Avec plaisir").await;
    harness.pass(Duration::from_secs(5)).await;
    harness.reply(&first, "36105", "STOP").await;
    harness.pass(Duration::from_secs(5)).await;
    harness.post(&format!("/v1/account/webhooks/{id}/test"), json!({})).await.expect(201);
    harness.settle().await;
    heard.extend(receiver.heard());

    let mut kinds: Vec<_> = heard.iter().map(Call::kind).collect();
    kinds.sort_unstable();
    let mut expected = ALL.to_vec();
    // The STOP is a reply, too.
    expected.extend(["message.replied", "webhook.test"]);
    expected.sort_unstable();
    assert_eq!(kinds, expected);
    assert!(verified(&secret, &heard, harness.now()).into_iter().all(|is_verified| is_verified));
    assert!(!verified("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &heard, harness.now()).contains(&true));

    let of = |kind: &str| heard.iter().find(|call| call.kind() == kind).unwrap().body["data"].clone();
    assert_eq!(
        (&of("list.failed")["failure"]["code"], &of("list.ready")["contacts"]),
        (&json!("empty_file"), &json!(3))
    );
    assert_eq!(of("list.ready")["report"]["contacts"], 3);
    let named = json!({ "id": campaign, "name": "Soldes" });
    assert_eq!(of("campaign.started")["recipients"], 3);
    assert_eq!(of("campaign.paused")["pause_reason"], "user");
    let finished = of("campaign.finished");
    assert_eq!((&finished["id"], &finished["statistics"]["delivered"]), (&json!(campaign), &json!(3)));
    let reply = of("message.replied");
    assert_eq!(
        (&reply["from"], &reply["text"], &reply["stop"]),
        (&json!(first), &json!("Avec plaisir"), &json!(false))
    );
    assert_eq!((&reply["campaign"], &of("contact.stopped")["campaign"]), (&named, &named));
    assert_eq!(of("contact.stopped")["phone"], json!(first));
    for delivery in deliveries(&harness, &id).await {
        assert_eq!((&delivery["status"], &delivery["tries"]), (&json!("delivered"), &json!(1)), "{delivery}");
        let path = format!("/v1/account/webhooks/{id}/deliveries/{}", delivery["id"].as_str().unwrap());
        // The API validates its response against the documented schema.
        assert_eq!(harness.get(&path).await.expect(200).body["payload"]["type"], delivery["type"]);
    }
    // Two replies and a STOP contain the number; they are erased with it.
    let store = harness.store.account(&harness.account);
    assert_eq!(store.forget_deliveries_about(first.parse().unwrap()).await.unwrap(), 3);
    assert_eq!(deliveries(&harness, &id).await.len(), expected.len() - 3);
    harness.end().await;
}

#[tokio::test]
async fn an_event_is_delivered_although_its_announcement_was_cut_off() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    webhook(&harness, &receiver, &["campaign.started", "campaign.paused"]).await;
    let campaign = campaign_to(&harness, 0..200).await;
    harness.validate(&campaign).await;
    // Dispatch starts the campaign and its machine stops: nothing is announced yet.
    let (store, id) = (harness.store.account(&harness.account), campaign.parse::<CampaignId>().unwrap());
    let ready = store.campaign(&id).await.unwrap().unwrap();
    let mut won = ready.apply(campaign::Command::Start, harness.now()).unwrap();
    won.next_check_at = Some(harness.now() + SignedDuration::from_secs(300));
    store.put_campaign(won).await.unwrap();
    harness.settle().await;
    assert!(receiver.heard().is_empty());
    harness.skip(Duration::from_secs(301)).await;
    assert_eq!(receiver.heard_kinds(), ["campaign.started"]);
    // The same for a pause: written, and no wake-up sent.
    let sending = store.campaign(&id).await.unwrap().unwrap();
    let reason = campaign::PauseReason::Credits;
    let paused = sending.apply(campaign::Command::Pause(reason), harness.now()).unwrap();
    let paused = store.put_campaign(paused).await.unwrap();
    harness.skip(Duration::from_secs(60)).await;
    let heard = receiver.heard();
    assert_eq!(heard.iter().map(Call::kind).collect::<Vec<_>>(), ["campaign.paused"]);
    assert_eq!(heard[0].body["data"]["pause_reason"], "credits");
    assert_eq!(store.campaign(&id).await.unwrap().unwrap().version, paused.version, "telling is no change");
    harness.skip(Duration::from_secs(60)).await;
    assert!(receiver.heard().is_empty(), "it was delivered twice");
    harness.command(&campaign, "cancel").await.expect(200);
    harness.until(&campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn an_account_gets_its_own_events_and_sees_its_own_webhooks_only() {
    let (mut harness, mine, theirs) = (Harness::new().await, Receiver::open().await, Receiver::open().await);
    let made = webhook(&harness, &mine, &ALL).await;
    harness.post(&format!("/v1/account/webhooks/{}/test", made.text("id")), json!({})).await.expect(201);
    harness.settle().await;
    assert_eq!(mine.heard_kinds(), ["webhook.test"]);
    let delivery = deliveries(&harness, &made.text("id")).await[0]["id"].as_str().unwrap().to_owned();
    let first = harness.becomes(NewAccount { stop_code: "36200".into(), ..NewAccount::default() }).await;
    webhook(&harness, &theirs, &ALL).await;
    let path = format!("/v1/account/webhooks/{}", made.text("id"));
    for (method, path) in [
        ("GET", path.clone()),
        ("PATCH", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/rotate")),
        ("POST", format!("{path}/test")),
        ("GET", format!("{path}/deliveries")),
        ("GET", format!("{path}/deliveries/{delivery}")),
        ("POST", format!("{path}/deliveries/{delivery}/replay")),
    ] {
        harness.ask(method, &path, &[], if method == "GET" { "" } else { "{}" }).await.expect(404);
    }
    assert_eq!(harness.get("/v1/account/webhooks").await.expect(200).body["items"].as_array().unwrap().len(), 1);
    harness.list("Clients", contacts(numbers(0..2))).await;
    assert_eq!((theirs.heard_kinds(), mine.heard_kinds().len()), (vec!["list.ready".to_owned()], 0));
    harness.speaks_as(first);
    assert_eq!(harness.get(&path).await.expect(200).body["version"], made.body["version"]);
    harness.end().await;
}

#[tokio::test]
async fn an_old_secret_signs_beside_the_new_one_for_a_day_and_then_no_more() {
    let (harness, receiver) = (Harness::new().await, Receiver::open().await);
    let made = webhook(&harness, &receiver, &["list.ready"]).await;
    let path = format!("/v1/account/webhooks/{}", made.text("id"));
    let shown = harness.get(&path).await.expect(200);
    assert!(shown.body.get("secret").is_none(), "a secret is shown once");
    let once = [("idempotency-key", "rotation")];
    let rotated = harness.ask("POST", &format!("{path}/rotate"), &once, "").await.expect(200);
    let again = harness.ask("POST", &format!("{path}/rotate"), &once, "").await.expect(200);
    assert_eq!((again.value("secret"), again.value("version")), (&Value::Null, rotated.value("version")));
    let (old, new) = (made.text("secret"), rotated.text("secret"));
    assert_ne!(old, new);
    let until: jiff::Timestamp = rotated.text("previous_secret_until").parse().unwrap();
    assert_eq!(until, harness.now() + SignedDuration::from_hours(24));
    let test = async || {
        harness.post(&format!("{path}/test"), json!({})).await.expect(201);
        harness.settle().await;
        receiver.heard()
    };
    let both = test().await;
    assert_eq!((verified(&old, &both, harness.now()), verified(&new, &both, harness.now())), (vec![true], vec![true]));
    harness.skip(Duration::from_secs(24 * 3_600)).await;
    let one = test().await;
    assert_eq!((verified(&old, &one, harness.now()), verified(&new, &one, harness.now())), (vec![false], vec![true]));
    harness.end().await;
}
