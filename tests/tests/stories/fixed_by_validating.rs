//! What was validated is what is sent: the same contacts, sender and segments. Anything else is not sent without
//! confirmation.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use stories::{Answer, Harness, NewAccount, contacts};

use crate::{e164, each_exactly_once, numbers};

const LATER: &str = "2026-12-01T10:10:00";

async fn ready(harness: &Harness, list: &str) -> String {
    let settings = json!({ "name": "Soldes", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "at": LATER } });
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    campaign
}

async fn get(harness: &Harness, campaign: &str) -> Answer {
    harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200)
}

/// Lets the campaign reach its start and returns it, paused because of its lists.
async fn paused(harness: &Harness, campaign: &str, code: &str) -> Answer {
    harness.until(campaign, "paused").await;
    let paused = get(harness, campaign).await;
    assert_eq!((paused.text("pause_reason"), paused.text("pause_cause.code")), ("lists".into(), code.into()));
    assert_eq!(harness.messages(campaign).await.len(), 0);
    paused
}

#[tokio::test]
async fn a_second_file_at_the_same_url_changes_no_recipients() {
    let harness = Harness::new().await;
    let made = harness.post("/v1/lists", json!({ "name": "Clients" })).await.expect(201);
    harness.put_upload(&made, contacts(numbers(0..1))).await;
    harness.settle().await;
    let campaign = ready(&harness, &made.text("id")).await;
    harness.put_upload(&made, contacts(numbers(0..39))).await;
    harness.settle().await;
    let path = format!("/v1/lists/{}", made.text("id"));
    let list = harness.get(&path).await.expect(200);
    assert_eq!((list.text("status"), list.number("contacts")), ("ready".into(), 1));
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..1).map(|number| e164(&number)));
    // The file that the list was read from is gone: the list is not read again from another one.
    let again = harness.patch(&path, json!({ "phone_column": 0 })).await.expect(409);
    assert!(again.body.to_string().contains("upload it anew"), "{}", again.body);
    harness.end().await;
}

#[tokio::test]
async fn a_list_disabled_after_validation_is_not_sent_to_until_it_is_enabled() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let campaign = ready(&harness, &list).await;
    harness.patch(&format!("/v1/lists/{list}"), json!({ "disabled": true })).await.expect(200);
    let cause = paused(&harness, &campaign, "list_disabled").await;
    assert_eq!(cause.text("pause_cause.list"), list);
    for (language, word) in [("en", "enable it"), ("fr", "réactivez-la")] {
        let headers = [("accept-language", language)];
        let answer = harness.ask("GET", &format!("/v1/campaigns/{campaign}"), &headers, "").await.expect(200);
        let detail = answer.text("pause_cause.detail");
        assert!(detail.contains("Clients") && detail.contains(word), "{detail}");
    }
    let refused = harness.command(&campaign, "resume").await.expect(422);
    assert_eq!(refused.text("errors.0.code"), "list_not_ready");
    harness.patch(&format!("/v1/lists/{list}"), json!({ "disabled": false })).await.expect(200);
    harness.command(&campaign, "resume").await.expect(200);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..3).map(|number| e164(&number)));
    assert!(get(&harness, &campaign).await.body.get("pause_cause").is_none());
    harness.end().await;
}

/// Two columns of numbers: five in the first, three in the second.
fn two_columns() -> String {
    let second: Vec<_> = numbers(100..103).collect();
    let row = |(index, number): (usize, String)| format!("{number};{}\n", second.get(index).map_or("", String::as_str));
    std::iter::once("Téléphone;Autre\n".to_owned()).chain(numbers(0..5).enumerate().map(row)).collect()
}

#[tokio::test]
async fn a_list_imported_again_after_validation_needs_confirmation() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(100), ..Default::default() }).await;
    let list = harness.list("Clients", two_columns()).await;
    let campaign = ready(&harness, &list).await;
    harness.patch(&format!("/v1/lists/{list}"), json!({ "phone_column": "Autre" })).await.expect(200);
    harness.settle().await;
    assert_eq!(harness.get(&format!("/v1/lists/{list}")).await.expect(200).number("contacts"), 3);
    paused(&harness, &campaign, "list_imported_again").await;
    harness.command(&campaign, "resume").await.expect(200);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(100..103).map(|number| e164(&number)));
    let account = harness.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (97, 0));
    harness.end().await;
}

#[tokio::test]
async fn a_list_whose_new_import_failed_stays_as_validated() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..5))).await;
    let campaign = ready(&harness, &list).await;
    let path = format!("/v1/lists/{list}");
    let asked = harness.patch(&path, json!({ "phone_column": "Mobile" })).await.expect(200);
    assert_eq!(asked.text("status"), "importing");
    // The old file can be read meanwhile.
    harness.get(&format!("{path}/contacts")).await.expect(200);
    harness.settle().await;
    let failed = harness.get(&path).await.expect(200);
    assert_eq!((failed.text("status"), failed.number("contacts")), ("ready".into(), 5));
    assert_eq!(failed.text("failure.code"), "phone_column_not_found");
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..5).map(|number| e164(&number)));
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_without_any_remaining_recipient_says_so() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..2))).await;
    let campaign = ready(&harness, &list).await;
    for number in numbers(0..2) {
        harness.post("/v1/exclusions", json!({ "phone": number })).await.expect(201);
    }
    paused(&harness, &campaign, "no_recipients").await;
    let back = e164(&numbers(1..2).next().unwrap());
    harness.delete(&format!("/v1/exclusions/{back}")).await.expect(204);
    harness.command(&campaign, "resume").await.expect(200);
    harness.until(&campaign, "finished").await;
    each_exactly_once(&harness.messages(&campaign).await, [back]);
    harness.end().await;
}

#[tokio::test]
async fn account_settings_do_not_affect_a_running_campaign() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(5_000), ..Default::default() }).await;
    let list = harness.list("Clients", contacts(numbers(0..1_000))).await;
    // One segment with a code of five digits; two with eight.
    let text = "a".repeat(160 - " STOP au 36105".len());
    let settings = json!({ "name": "Lente", "lists": [list], "message": { "text": text, "stop": true },
        "schedule": { "pace_per_hour": 6_000 } });
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(10)).await;
    assert!(!harness.messages(&campaign).await.is_empty());
    harness.command(&campaign, "pause").await.expect(200);
    harness.patch("/v1/account", json!({ "stop_code": "36105000", "default_sender": "AUTRE" })).await.expect(200);
    harness.command(&campaign, "resume").await.expect(200);
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({ "pace_per_hour": 3_600_000 })).await.expect(200);
    harness.until(&campaign, "finished").await;
    let messages = harness.messages(&campaign).await;
    each_exactly_once(&messages, numbers(0..1_000).map(|number| e164(&number)));
    assert!(messages.iter().all(|message| message.from == "ENVOL" && message.text.ends_with(" STOP au 36105")));
    let ended = get(&harness, &campaign).await;
    assert_eq!((ended.number("credits.used"), ended.number("credits.given_back")), (1_000, 0));
    harness.end().await;
}

#[tokio::test]
async fn a_text_without_room_for_the_stop_mention_shows_by_how_much() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let message =
        |text: String| json!({ "name": "Longue", "lists": [list], "message": { "text": text, "stop": true } });
    let campaign = harness.campaign(message("a".repeat(1_600))).await;
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    assert_eq!(estimate.text("blockers.0.code"), "stop_does_not_fit", "{}", estimate.body);
    let refused = harness.command(&campaign, "validate").await.expect(422);
    assert_eq!(refused.text("errors.0.pointer"), "/message/text");
    assert!(refused.text("errors.0.detail").contains("14"), "{}", refused.body);
    let test = harness.post(&format!("/v1/campaigns/{campaign}/test"), json!({ "phones": ["0612345678"] })).await;
    assert_eq!(test.expect(422).text("errors.0.code"), "stop_does_not_fit");
    // The text fits with the mention, but is too long for the carrier.
    let shorter = harness.campaign(message("a".repeat(1_586))).await;
    let refused = harness.command(&shorter, "validate").await.expect(422);
    assert_eq!(refused.text("errors.0.code"), "too_long");
    harness.end().await;
}

#[tokio::test]
async fn tests_sent_at_the_same_moment_have_one_entry_each() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(100), ..Default::default() }).await;
    let message = json!({ "name": "Essai", "message": { "text": "Bonjour", "stop": true } });
    let campaign = harness.campaign(message).await;
    let path = format!("/v1/campaigns/{campaign}/test");
    let test = |number: String| harness.post(&path, json!({ "phones": [number] }));
    for sent in join_all(numbers(0..10).map(test)).await {
        sent.expect(200);
    }
    let ledger = harness.get("/v1/account/credits").await.expect(200);
    let is_spent = |line: &&Value| line["kind"] == "spent";
    assert_eq!(ledger.body["items"].as_array().unwrap().iter().filter(is_spent).count(), 10, "{}", ledger.body);
    assert_eq!(harness.get("/v1/account").await.expect(200).number("credits.balance"), 90);
    harness.end().await;
}

#[tokio::test]
async fn widening_the_window_lets_waiting_campaigns_continue() {
    // 20:30 in Paris: closed until tomorrow.
    let harness = Harness::at("2026-12-01T19:30:00Z").await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Soir", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.pass(Duration::from_secs(120)).await;
    assert_eq!((harness.status(&campaign).await, harness.messages(&campaign).await.len()), ("sending".into(), 0));
    harness.patch("/v1/account", json!({ "sending_window": { "to": "21:45" } })).await.expect(200);
    harness.pass(Duration::from_secs(70)).await;
    each_exactly_once(&harness.messages(&campaign).await, numbers(0..3).map(|number| e164(&number)));
    harness.until(&campaign, "finished").await;
    harness.end().await;
}
