//! The life of a campaign in the API.

use serde_json::json;
use stories::{Harness, NewAccount, contacts};

use crate::numbers;

#[tokio::test]
async fn every_blocker_is_named_at_once_and_a_draft_loses_nothing() {
    let harness = Harness::new().await;
    let campaign = harness.campaign(json!({ "name": "a", "message": { "sender": "É", "text": "" } })).await;
    let refused = harness.command(&campaign, "validate").await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    for pointer in ["/lists", "/message/text", "/message/sender"] {
        assert!(pointers.contains(&pointer), "{pointers:?}");
    }
    let list = harness.list("b", contacts(numbers(0..3))).await;
    let settings = json!({
        "lists": [list], "message": { "sender": null, "text": "Bonjour {{ville}}" }, "schedule": { "at": "2026-11-01T09:00:00" }
    });
    harness.patch(&format!("/v1/campaigns/{campaign}"), settings).await.expect(200);
    let refused = harness.command(&campaign, "validate").await.expect(422);
    let codes: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    for code in ["no_stop", "unknown_variable", "time_past"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    let skipped = harness
        .patch(&format!("/v1/campaigns/{campaign}"), json!({ "schedule": { "at": "2027-03-28T02:30:00" } }))
        .await
        .expect(422);
    assert!(skipped.text("errors.0.detail").contains("2027-03-28T03:00:00"), "{}", skipped.body);
    assert_eq!(harness.get(&format!("/v1/campaigns/{campaign}")).await.text("message.text"), "Bonjour {{ville}}");
    // Variable syntax of other products is sent unchanged: the author is warned before it costs credits. Names that are
    // in no list are ordinary text.
    let foreign = json!({ "message": { "text": "Bonjour {Prénom}, -20% avec [CODE] %ville%", "stop": true } });
    harness.patch(&format!("/v1/campaigns/{campaign}"), foreign).await.expect(200);
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    let warnings = estimate.body["warnings"].as_array().unwrap().iter();
    let foreign: Vec<_> = warnings.filter(|warning| warning["code"] == "not_a_variable").collect();
    assert_eq!(foreign.len(), 1, "{}", estimate.body);
    assert!(foreign[0]["detail"].as_str().unwrap().starts_with("{Prénom} is sent as it stands; write {{prenom}}"));
    harness.end().await;
}

#[tokio::test]
async fn a_ready_campaign_goes_back_to_draft_and_its_credits_come_back() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(100), ..Default::default() }).await;
    let list = harness.list("a", contacts(numbers(0..30))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let schedule = json!({ "at": "2026-12-02T09:00:00", "pace_per_hour": 10 });
    let campaign =
        harness.campaign(json!({ "name": "a", "lists": [list], "message": message, "schedule": schedule })).await;
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    assert_eq!((estimate.number("credits"), estimate.number("balance_after")), (30, 70));
    assert_eq!(estimate.text("window.next_opening"), "2026-12-02T08:00:00Z");
    let ready = harness.validate(&campaign).await;
    assert_eq!((ready.text("status"), ready.number("credits.reserved")), ("ready".into(), 30));
    assert_eq!(ready.text("due_at"), "2026-12-02T08:00:00Z");
    let credits = harness.get("/v1/account").await;
    assert_eq!((credits.number("credits.balance"), credits.number("credits.reserved")), (70, 30));
    harness.patch(&format!("/v1/campaigns/{campaign}"), json!({ "name": "b" })).await.expect(409);
    harness.command(&campaign, "pause").await.expect(409);
    let draft = harness.command(&campaign, "edit").await.expect(200);
    assert_eq!((draft.text("status"), draft.value("due_at")), ("draft".into(), &json!(null)));
    assert_eq!(harness.get("/v1/account").await.number("credits.balance"), 100);
    harness.pass(std::time::Duration::from_secs(1)).await;
    harness.validate(&campaign).await;
    let cancelled = harness.command(&campaign, "cancel").await.expect(200);
    assert_eq!((cancelled.text("status"), cancelled.number("credits.given_back")), ("finished".into(), 30));
    assert_eq!(harness.get("/v1/account").await.number("credits.balance"), 100);
    let ledger = harness.get("/v1/account/credits").await.expect(200);
    let kinds: Vec<_> =
        ledger.body["items"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "reserved").count(), 2);
    assert_eq!(kinds.iter().filter(|kind| **kind == "given_back").count(), 2);
    harness.end().await;
}

#[tokio::test]
async fn settings_are_loaded_and_cloned_and_the_current_view_hides_old_campaigns() {
    let harness = Harness::new().await;
    let list = harness.list("a", contacts(numbers(0..3))).await;
    let proof =
        json!({ "name": "BAT", "proof": true, "lists": [list], "message": { "text": "Bonjour", "stop": true } });
    let proof = harness.campaign(proof).await;
    let loaded = json!({ "name": "Vraie", "proof": false, "from_campaign": proof });
    let loaded = harness.post("/v1/campaigns", loaded).await.expect(201);
    assert_eq!((loaded.text("message.text"), loaded.value("lists")), ("Bonjour".into(), &json!([list])));
    let cloned = harness.command(&proof, "clone").await.expect(201);
    assert_eq!((cloned.text("name"), cloned.value("proof")), ("BAT (copie)".into(), &json!(true)));
    harness
        .post("/v1/campaigns", json!({ "name": "x", "from_campaign": "cmp_00000000000000000000" }))
        .await
        .expect(422);
    harness.validate(&proof).await;
    harness.until(&proof, "finished").await;
    let current = async || harness.get("/v1/campaigns?view=current").await.body["items"].as_array().unwrap().len();
    assert_eq!(current().await, 3);
    harness.skip(std::time::Duration::from_secs(24 * 3_600)).await;
    assert_eq!(current().await, 2);
    let finished = harness.get("/v1/campaigns?status=finished").await;
    assert_eq!(finished.body["items"].as_array().unwrap().len(), 1);
    harness.end().await;
}

#[tokio::test]
async fn a_test_message_costs_its_segments_and_skips_excluded_numbers() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(3), ..Default::default() }).await;
    let list = harness.list("a", contacts(numbers(0..3))).await;
    let message = json!({
        "text": "Bonjour {{prenom}} : {{lien}}", "stop": true, "links": [{ "name": "lien", "url": "https://example.com" }]
    });
    let campaign = harness.campaign(json!({ "name": "a", "lists": [list], "message": message })).await;
    let path = format!("/v1/campaigns/{campaign}/test");
    let sent = harness.post(&path, json!({ "phones": ["0600000020", "+33600000021"] })).await.expect(200);
    assert_eq!((sent.number("credits"), sent.text("results.1.status")), (2, "accepted".into()), "{}", sent.body);
    assert!(sent.text("text").starts_with("Bonjour Pr"), "{}", sent.body);
    let url = sent.text("text").split(' ').find(|word| word.starts_with("http")).unwrap().to_owned();
    harness.visit(&url, "Mozilla/5.0 (iPhone) Safari").await.expect(302);
    harness.post(&path, json!({ "phones": ["0600000020", "0600000021"] })).await.expect(422);
    assert_eq!(harness.get("/v1/account").await.number("credits.balance"), 1);
    harness.post("/v1/exclusions", json!({ "phone": "0600000022" })).await.expect(201);
    let refused = harness.post(&path, json!({ "phones": ["0600000022", "01"] })).await.expect(422);
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 2);
    harness.post(&path, json!({ "phones": numbers(0..6).collect::<Vec<_>>() })).await.expect(422);
    assert_eq!(harness.stats(&campaign).await["clicks"]["total"], 0);
    harness.end().await;
}

#[tokio::test]
async fn only_temporary_failures_are_sent_again() {
    let harness = Harness::new().await;
    let list =
        harness.list("a", contacts(["0600000001", "0600000002", "0600000003", "0600000020"].map(String::from))).await;
    let message = json!({ "text": "Bonjour {{prenom}}", "stop": true });
    let campaign = harness.campaign(json!({ "name": "a", "lists": [list], "message": message })).await;
    harness.command(&campaign, "retry-failed").await.expect(409);
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    let temporary = harness.stats(&campaign).await["temporary"].as_u64().unwrap();
    let again = harness.command(&campaign, "retry-failed").await;
    if temporary == 0 {
        again.expect(409);
    } else {
        let again = again.expect(201);
        harness.settle().await;
        assert_eq!(again.text("name"), "a (relance)");
        let estimate = harness.command(&again.text("id"), "estimate").await.expect(200);
        assert_eq!((estimate.number("recipients"), estimate.value("blockers")), (temporary, &json!([])));
    }
    harness.end().await;
}

#[tokio::test]
async fn recipients_are_paged_by_outcome_and_the_pace_changes_while_sending() {
    let harness = Harness::new().await;
    let list = harness.list("a", contacts(numbers(0..700))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let slow = json!({ "pace_per_hour": 60 });
    let campaign =
        harness.campaign(json!({ "name": "a", "lists": [list], "message": message, "schedule": slow })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "sending").await;
    harness.pass(std::time::Duration::from_secs(120)).await;
    let sending = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert!(sending.number("progress.handed_over") < 10, "{}", sending.body);
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({ "pace_per_hour": null })).await.expect(200);
    harness.until(&campaign, "finished").await;
    harness.patch(&format!("/v1/campaigns/{campaign}/pace"), json!({ "pace_per_hour": 5 })).await.expect(409);
    let mut phones = std::collections::BTreeSet::new();
    let mut path = format!("/v1/campaigns/{campaign}/recipients?limit=200&outcome=delivered");
    loop {
        let page = harness.get(&path).await.expect(200);
        for item in page.body["items"].as_array().unwrap() {
            assert!(phones.insert(item["phone"].as_str().unwrap().to_owned()), "{item} comes twice");
        }
        match page.body["next"].as_str() {
            Some(next) => {
                path = format!("/v1/campaigns/{campaign}/recipients?limit=200&outcome=delivered&cursor={next}")
            }
            None => break,
        }
    }
    assert_eq!(phones.len(), 700);
    let none = harness.get(&format!("/v1/campaigns/{campaign}/recipients?outcome=failed")).await.expect(200);
    assert_eq!((none.value("items"), none.value("next")), (&json!([]), &json!(null)));
    harness.end().await;
}
