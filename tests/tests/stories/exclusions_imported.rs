//! Imports of exclusions that arrive twice, late, broken or never: an excluded number gets no marketing, and no
//! campaign waits forever.

use std::time::Duration;

use aws::files::FileKey;
use domain::account::{Exclusion, ExclusionSource};
use domain::list::{IMPORT_STALLED, List};
use futures_util::StreamExt;
use serde_json::{Value, json};
use stories::{Answer, Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

fn settings(list: &str, more: Value) -> Value {
    let mut settings = json!({ "name": "Soldes", "lists": [list], "message": { "text": "Bonjour", "stop": true } });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

async fn list(harness: &Harness, id: &str) -> Answer {
    harness.get(&format!("/v1/lists/{id}")).await.expect(200)
}

/// Imports these numbers as exclusions; returns the upload's response.
async fn exclude(harness: &Harness, range: std::ops::Range<u32>) -> Answer {
    let import = harness.post("/v1/exclusions/import", json!({ "name": "Anciens STOP" })).await.expect(201);
    harness.put_upload(&import, contacts(numbers(range))).await;
    harness.settle().await;
    assert_eq!(list(harness, &import.text("id")).await.text("status"), "ready");
    import
}

fn upload(list: &List, generation: u32) -> FileKey {
    FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation }
}

#[tokio::test]
async fn an_import_that_is_announced_again_excludes_as_before() {
    let harness = Harness::new().await;
    let clients = harness.list("Clients", contacts(numbers(0..310))).await;
    let import = exclude(&harness, 0..300).await;
    let before = list(&harness, &import.text("id")).await;
    let campaign = harness.campaign(settings(&clients, json!({ "schedule": { "at": "2026-12-01T10:05:00" } }))).await;
    harness.validate(&campaign).await;
    // The same file once more while the campaign starts; then without the upload; then another file.
    harness.put_upload(&import, contacts(numbers(0..300))).await;
    harness.pass(Duration::from_secs(310)).await;
    harness.put_upload(&import, contacts(numbers(0..300))).await;
    let of = harness.change_list(&import.text("id"), |list| list).await;
    harness.files().delete(&upload(&of, 1)).await.unwrap();
    harness.settle().await;
    harness.put_upload(&import, contacts(numbers(500..501))).await;
    harness.settle().await;
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(300..310).map(|number| e164(&number)));
    let after = list(&harness, &import.text("id")).await;
    assert_eq!((after.text("status"), after.number("contacts")), ("ready".into(), 300));
    assert_eq!(after.text("modified_at"), before.text("modified_at"), "it was imported again");
    harness.get(&format!("/v1/exclusions/{}", e164(&numbers(5..6).next().unwrap()))).await.expect(200);
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_waits_for_a_running_import_of_exclusions() {
    let harness = Harness::new().await;
    let clients = harness.list("Clients", contacts(numbers(0..20))).await;
    // Ten numbers were uploaded, and the import is running.
    let made = harness.post("/v1/exclusions/import", json!({ "name": "STOP" })).await.expect(201);
    let now = harness.now();
    let slow = harness.change_list(&made.text("id"), |list| list.asked(1, now)).await;
    // Another import never gets its upload: the campaign does not wait for it.
    harness.post("/v1/exclusions/import", json!({ "name": "Plus tard" })).await.expect(201);
    let campaign = harness.campaign(settings(&clients, json!({}))).await;
    harness.validate(&campaign).await;
    let alert = json!({ "kind": "alert", "message": { "text": "Rappel" } });
    let alert = harness.campaign(settings(&clients, alert)).await;
    harness.validate(&alert).await;
    harness.pass(Duration::from_secs(90)).await;
    assert_eq!((harness.status(&campaign).await, harness.messages(&campaign).await.len()), ("ready".into(), 0));
    assert_eq!(harness.messages(&alert).await.len(), 20, "an alert waits for no exclusions");
    let file = contacts(numbers(0..10));
    harness.files().put(&upload(&slow, 1), file, "text/csv").await.unwrap();
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(10..20).map(|number| e164(&number)));
    harness.end().await;
}

#[tokio::test]
async fn an_import_that_was_cut_off_fails_and_blocks_no_campaign() {
    let harness = Harness::new().await;
    let clients = harness.list("Clients", contacts(numbers(0..5))).await;
    let store = harness.store.account(&harness.account);
    // Pasted values, cut off between the list and the upload.
    let pasted = harness.post("/v1/exclusions/import", json!({ "name": "Collés" })).await.expect(201);
    let asked = store.list(&pasted.text("id").parse().unwrap()).await.unwrap().unwrap().asked(1, harness.now());
    store.watch_import(&asked.id, harness.now() + jiff::SignedDuration::from_secs(120)).await.unwrap();
    store.put_list(asked).await.unwrap();
    // An attempt that was killed in the middle, and its event lost.
    let dead = harness.post("/v1/exclusions/import", json!({ "name": "Mort" })).await.expect(201);
    let now = harness.now();
    let dead_list = harness.change_list(&dead.text("id"), |list| list.attempted(1, now)).await;
    store.watch_import(&dead_list.id, now + IMPORT_STALLED).await.unwrap();
    let campaign = harness.campaign(settings(&clients, json!({}))).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(200)).await;
    let pasted = list(&harness, &pasted.text("id")).await;
    assert_eq!((pasted.text("status"), pasted.text("failure.code")), ("failed".into(), "upload_missing".into()));
    assert_eq!(harness.status(&campaign).await, "ready");
    harness.pass(Duration::from_secs(1_100)).await;
    harness.until(&campaign, "finished").await;
    assert!(harness.now() < "2026-12-01T09:30:00Z".parse().unwrap(), "it waited until {}", harness.now());
    let dead = list(&harness, &dead.text("id")).await;
    assert_eq!(dead.text("status"), "failed");
    assert!(!dead.text("failure.detail").is_empty());
    harness.end().await;
}

#[tokio::test]
async fn a_new_upload_after_a_failure_is_imported() {
    let harness = Harness::new().await;
    let import = harness.post("/v1/exclusions/import", json!({ "name": "STOP" })).await.expect(201);
    harness.put_upload(&import, "nom\nPaul\n").await;
    harness.settle().await;
    assert_eq!(list(&harness, &import.text("id")).await.text("status"), "failed");
    harness.put_upload(&import, contacts(numbers(0..3))).await;
    harness.settle().await;
    let ready = list(&harness, &import.text("id")).await;
    assert_eq!((ready.text("status"), ready.number("contacts")), ("ready".into(), 3));
    assert!(ready.body.get("failure").is_none());
    harness.end().await;
}

#[tokio::test]
async fn exclusions_during_a_campaign_apply_however_many_there_are() {
    let harness = Harness::new().await;
    let clients = harness.list("Clients", contacts(numbers(0..1_200))).await;
    let campaign = harness.campaign(settings(&clients, json!({ "schedule": { "pace_per_hour": 60 } }))).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(5)).await;
    let (store, at) = (harness.own_store(), harness.now());
    // More decisions than a batch reads, two of them about recipients; one of these is allowed again.
    let decide = |phone: String, excluded, at| {
        let (source, by) = (ExclusionSource::Manual, "story".into());
        let decision = Exclusion { phone: phone.parse().unwrap(), excluded, source, reason: None, by, at };
        let store = &store;
        async move { store.exclude(&decision).await.unwrap() }
    };
    let decided = numbers(100_000..102_001).chain(numbers(1_100..1_102));
    let decided = decided.map(|number| decide(e164(&number), true, at));
    futures_util::stream::iter(decided).buffer_unordered(32).collect::<Vec<()>>().await;
    let later = at + jiff::SignedDuration::from_secs(1);
    decide(e164(&numbers(1_101..1_102).next().unwrap()), false, later).await;
    // And an import too large to be read at once, containing every hundredth recipient.
    let strangers = numbers(200_000..206_000);
    let recipients: Vec<_> = numbers(0..1_200).step_by(100).skip(1).collect();
    let mut file: Vec<_> = strangers.chain(recipients.clone()).collect();
    file.reverse();
    let import = harness.post("/v1/exclusions/import", json!({ "name": "STOP", "values": file })).await.expect(201);
    harness.settle().await;
    assert_eq!(list(&harness, &import.text("id")).await.number("contacts"), 6_011);
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({ "pace_per_hour": 3_600_000 })).await.expect(200);
    harness.until(&campaign, "finished").await;
    let excluded: Vec<_> = recipients.into_iter().chain(numbers(1_100..1_101)).collect();
    let expected = numbers(0..1_200).filter(|number| !excluded.contains(number));
    each_exactly_once(&harness.messages(&campaign).await, expected.map(|number| e164(&number)));
    // A number in it is found without reading the whole file.
    for (number, status) in [(205_999, 200), (200_000, 200), (206_000, 404), (199_999, 404)] {
        let phone = e164(&numbers(number..number + 1).next().unwrap());
        harness.get(&format!("/v1/exclusions/{phone}")).await.expect(status);
    }
    harness.end().await;
}
