//! Right to erasure: afterwards no file, table or page contains the number, and it never becomes a recipient again.

use std::time::Duration;

use domain::phone::PhoneNumber;
use serde_json::{Value, json};
use stories::{Answer, Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

/// The number to be erased: the third of `numbers`.
fn erased() -> String {
    e164(&numbers(2..3).next().unwrap())
}

async fn campaign(harness: &Harness, name: &str, list: &str, more: Value) -> String {
    let mut settings =
        json!({ "name": name, "lists": [list], "message": { "text": "Bonjour {{prenom}}", "stop": true } });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    harness.campaign(settings).await
}

/// Requests the erasure and returns its path.
async fn erase(harness: &Harness) -> String {
    let asked = harness.post("/v1/contacts/erase", json!({ "phone": "06 00 00 02 12" })).await.expect(202);
    assert_eq!((asked.text("status"), asked.header("retry-after")), ("running".into(), "60"));
    format!("/v1/contacts/erasures/{}", asked.text("id"))
}

async fn done(harness: &Harness, path: &str) -> Answer {
    for _ in 0..20 {
        let erasure = harness.get(path).await.expect(200);
        if erasure.text("status") == "done" {
            return erasure;
        }
        harness.pass(Duration::from_secs(60)).await;
    }
    panic!("{}", harness.get(path).await.body);
}

/// Fails if the number is anywhere: in the tables as stored on disk, or in any file.
async fn is_nowhere(harness: &Harness) {
    let digits = erased()[3..].to_owned();
    for (name, bytes) in harness.everything().await {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&digits), "{name} holds the number: {text:.2000}");
    }
    // The first numbers of batches lie there as bytes.
    let number = erased().parse::<PhoneNumber>().unwrap();
    let before = PhoneNumber::from_digits(number.digits() - 1).unwrap();
    let store = harness.own_store();
    for campaign in store.campaigns(None, 100).await.unwrap().items {
        let Some(directory) = store.directory(&campaign.id).await.unwrap() else { continue };
        assert_eq!(directory.batch_of(number), directory.batch_of(before), "a batch of {} begins with it", campaign.id);
    }
}

#[tokio::test]
async fn an_erased_number_leaves_every_file_and_never_comes_back_as_a_recipient() {
    let harness = Harness::new().await;
    assert_eq!(erased(), "+33600000212");
    let file = format!("{}0600000299;tel 06 00 00 02 12\n06000002120612;x\n", contacts(numbers(0..5)));
    let list = harness.list("Clients", file.clone()).await;
    let sent = campaign(&harness, "Avant", &list, json!({})).await;
    harness.validate(&sent).await;
    harness.until(&sent, "finished").await;
    harness.reply(&erased(), "36105", "Oubliez-moi").await;
    harness.post("/v1/exclusions", json!({ "phone": erased(), "reason": "au téléphone" })).await.expect(201);
    harness.get(&format!("/v1/lists/{list}/export")).await.expect(303);
    let before = harness.stats(&sent).await;

    let path = erase(&harness).await;
    let erasure = done(&harness, &path).await;
    assert_eq!(erasure.value("removed_from"), &json!({ "lists": 1, "campaigns": 1, "replies": 1 }), "{}", erasure.body);
    is_nowhere(&harness).await;

    // Statistics stay, the recipient is anonymous.
    assert_eq!(harness.stats(&sent).await, before);
    let recipients = harness.get(&format!("/v1/campaigns/{sent}/recipients")).await.expect(200);
    let phones: Vec<_> = recipients.body["items"].as_array().unwrap().iter().map(|one| &one["phone"]).collect();
    assert_eq!((phones.len(), phones.iter().filter(|phone| phone.is_null()).count()), (6, 1));
    let report = String::from_utf8(harness.download(&format!("/v1/campaigns/{sent}/report")).await.to_vec()).unwrap();
    assert!(report.lines().count() == 7 && report.contains("\r\nerased;delivered;"), "{report}");
    // Replies of others in its batch still find their campaign.
    harness.reply(&e164(&numbers(1..2).next().unwrap()), "36105", "Merci").await;
    assert_eq!(harness.get("/v1/replies").await.text("items.0.campaign"), sent);
    let contacts = harness.get(&format!("/v1/lists/{list}")).await;
    assert_eq!((contacts.number("contacts"), contacts.number("report.contacts")), (5, 5));

    // The number returns in a file and by STOP: it is no recipient, and the STOP leaves no trace of it.
    let again = harness.list("Encore", file).await;
    let summary = harness.post("/v1/lists/summary", json!({ "list_ids": [again] })).await.expect(200);
    assert_eq!((summary.number("excluded"), summary.number("recipients")), (1, 5), "{}", summary.body);
    let after = campaign(&harness, "Après", &again, json!({})).await;
    let estimate = harness.command(&after, "estimate").await.expect(200);
    assert_eq!((estimate.number("excluded"), estimate.number("recipients")), (1, 5));
    let test = format!("/v1/campaigns/{after}/test");
    assert_eq!(
        harness.post(&test, json!({ "phones": [erased()] })).await.expect(422).text("errors.0.code"),
        "excluded"
    );
    harness.validate(&after).await;
    harness.until(&after, "finished").await;
    let others = numbers(0..2).chain(numbers(3..5)).map(|one| e164(&one)).chain(["+33600000299".to_owned()]);
    each_exactly_once(&harness.messages(&after).await, others);
    harness.reply(&erased(), "36105", "STOP").await;
    harness.post("/v1/exclusions", json!({ "phone": erased() })).await.expect(201);
    harness.delete(&format!("/v1/lists/{again}")).await.expect(204);
    is_nowhere(&harness).await;

    // A request for the number itself shows why it gets nothing; it may be allowed again.
    let known = harness.get("/v1/exclusions?q=0600000212").await.expect(200);
    assert_eq!(known.text("items.0.source"), "erasure");
    harness.delete(&format!("/v1/exclusions/{}", erased())).await.expect(204);
    assert_eq!(harness.get("/v1/exclusions?q=0600000212").await.expect(200).value("items"), &json!([]));
    harness.end().await;
}

#[tokio::test]
async fn an_erased_number_is_no_longer_where_its_batch_begins() {
    let harness = Harness::new().await;
    let (several, alone) = (numbers(2..5), numbers(2..3));
    let several = harness.list("Clients", contacts(several)).await;
    let alone = harness.list("Seul", contacts(alone)).await;
    let (several, alone) = (
        campaign(&harness, "Plusieurs", &several, json!({})).await,
        campaign(&harness, "Seul", &alone, json!({})).await,
    );
    for campaign in [&several, &alone] {
        harness.validate(campaign).await;
        harness.until(campaign, "finished").await;
    }
    let path = erase(&harness).await;
    assert_eq!(done(&harness, &path).await.number("removed_from.campaigns"), 2);
    is_nowhere(&harness).await;
    // The others of its batch are still found in it.
    harness.reply(&e164(&numbers(3..4).next().unwrap()), "36105", "Merci").await;
    assert_eq!(harness.get("/v1/replies").await.text("items.0.campaign"), several);
    harness.end().await;
}

#[tokio::test]
async fn a_running_campaign_stops_writing_to_an_erased_number_at_once_and_forgets_it_when_it_is_finished() {
    let harness = Harness::new().await;
    // The number is the last of a batch.
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let slow = json!({ "schedule": { "pace_per_hour": 60 } });
    let running = campaign(&harness, "Lente", &list, slow).await;
    let alert = json!({ "kind": "alert", "schedule": { "pace_per_hour": 60 } });
    let alert = campaign(&harness, "Alerte", &list, alert).await;
    let later = json!({ "kind": "alert", "schedule": { "at": "2026-12-01T10:03:00" } });
    let later = campaign(&harness, "Plus tard", &list, later).await;
    for campaign in [&running, &alert, &later] {
        harness.validate(campaign).await;
    }
    harness.until(&running, "sending").await;
    harness.until(&alert, "sending").await;
    let path = erase(&harness).await;
    harness.pass(Duration::from_secs(70)).await;
    let waiting = harness.get(&path).await.expect(200);
    assert_eq!(waiting.text("status"), "waiting");
    assert_eq!(waiting.body["waiting_for"]["campaigns"].as_array().unwrap().len(), 2, "{}", waiting.body);
    let fast = json!({ "pace_per_hour": null });
    for campaign in [&running, &alert] {
        harness.patch(&format!("/v1/campaigns/{campaign}/pace"), fast.clone()).await.expect(200);
    }
    for campaign in [&running, &alert, &later] {
        harness.until(campaign, "finished").await;
        each_exactly_once(&harness.messages(campaign).await, numbers(0..2).map(|number| e164(&number)));
    }
    assert_eq!(harness.stats(&running).await["excluded"], 1);
    done(&harness, &path).await;
    is_nowhere(&harness).await;
    harness.end().await;
}

#[tokio::test]
async fn an_erasure_continues_after_any_crash_and_is_private_to_its_account() {
    let mut harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..5))).await;
    let sent = campaign(&harness, "Avant", &list, json!({})).await;
    harness.validate(&sent).await;
    harness.until(&sent, "finished").await;
    let path = erase(&harness).await;
    // However far one comes before it crashes, the next goes on.
    let app = dispatch::App::new(&harness.start_of("dispatch", &[])).unwrap();
    let mut requests = 1;
    while harness.get(&path).await.expect(200).text("status") != "done" {
        crash_after(&harness, &app, requests).await;
        requests += 1;
        assert!(requests < 100, "it never ends");
    }
    assert!(requests > 10, "nothing crashed");
    is_nowhere(&harness).await;
    let stats = harness.stats(&sent).await;
    assert_eq!((&stats["recipients"], &stats["delivered"]), (&json!(5), &json!(5)));
    let me = harness.becomes(stories::NewAccount { name: "Un autre".into(), ..Default::default() }).await;
    harness.get(&path).await.expect(404);
    assert_eq!(harness.get("/v1/exclusions?q=0600000212").await.expect(200).value("items"), &json!([]));
    harness.speaks_as(me);
    harness.end().await;
}

/// Runs dispatch until it has made this many requests or is done; unfinished work is lost.
async fn crash_after(harness: &Harness, app: &dispatch::App, requests: u64) {
    let before = harness.machine.cloud().requests();
    let crash = async {
        while harness.machine.cloud().requests().since(&before).total() < requests {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        () = crash => {}
        _ = dispatch::handle(app, dispatch::Event::Tick(json!({}))) => {}
    }
}

#[tokio::test]
async fn an_invalid_number_is_refused_and_the_audit_log_never_contains_one() {
    let harness = Harness::new().await;
    harness.post("/v1/contacts/erase", json!({ "phone": "01 42 00 00 00" })).await.expect(422);
    let asked = harness.post("/v1/contacts/erase", json!({ "phone": erased() })).await.expect(202);
    done(&harness, &format!("/v1/contacts/erasures/{}", asked.text("id"))).await;
    let trail = harness.get("/v1/account/audit").await.expect(200);
    let actions: Vec<_> = trail.body["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["contact.erased", "contact.erasure_asked"]);
    assert!(!trail.body.to_string().contains("00212"), "{}", trail.body);
    harness.end().await;
}
