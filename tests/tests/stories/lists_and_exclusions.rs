//! Two overlapping lists and exclusions of both kinds: no recipient twice, none excluded.

use serde_json::json;
use stories::{Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

#[tokio::test]
async fn two_lists_that_overlap_give_each_number_one_message_and_excluded_numbers_none() {
    let harness = Harness::new().await;
    let first = harness.list("Paris", contacts(numbers(0..300))).await;
    let second = harness.list("Lyon", contacts(numbers(200..500))).await;
    for number in numbers(10..15) {
        harness.post("/v1/exclusions", json!({"phone": number, "reason": "a demandé"})).await.expect(201);
    }
    let import = harness.post("/v1/exclusions/import", json!({"name": "Anciens STOP"})).await.expect(201);
    harness.put_upload(&import, contacts(numbers(250..260))).await;
    harness.settle().await;
    // Removed by a user: the newest decision counts.
    harness.pass(std::time::Duration::from_secs(1)).await;
    let back = e164(&numbers(251..252).next().unwrap());
    harness.delete(&format!("/v1/exclusions/{back}")).await.expect(204);

    let summary = harness.post("/v1/lists/summary", json!({"list_ids": [first, second]})).await.expect(200);
    assert_eq!((summary.number("contacts"), summary.number("duplicates")), (600, 100), "{}", summary.body);
    assert_eq!((summary.number("excluded"), summary.number("recipients")), (14, 486), "{}", summary.body);

    let message = json!({"text": "Bonjour {{prenom}}", "stop": true});
    let campaign = harness.campaign(json!({"name": "Deux", "lists": [first, second], "message": message})).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    let excluded: Vec<_> = numbers(10..15).chain(numbers(250..251)).chain(numbers(252..260)).collect();
    let expected = numbers(0..500).filter(|number| !excluded.contains(number)).map(|number| e164(&number));
    each_exactly_once(&harness.messages(&campaign).await, expected);

    // An alert is not marketing, so exclusions do not apply.
    let alert = json!({"name": "Alerte", "kind": "alert", "lists": [first], "message": {"text": "Rappel produit"}});
    let alert = harness.campaign(alert).await;
    harness.validate(&alert).await;
    harness.until(&alert, "finished").await;
    each_exactly_once(&harness.messages(&alert).await, numbers(0..300).map(|number| e164(&number)));
    harness.end().await;
}

#[tokio::test]
async fn another_account_sees_and_touches_nothing() {
    let mut harness = Harness::new().await;
    let list = harness.list("À moi", contacts(numbers(0..5))).await;
    let campaign = harness.campaign(json!({"name": "À moi", "lists": [list]})).await;
    let me = harness.becomes(stories::NewAccount { name: "Un autre".into(), ..Default::default() }).await;
    for path in [format!("/v1/lists/{list}"), format!("/v1/lists/{list}/contacts"), format!("/v1/campaigns/{campaign}")]
    {
        harness.get(&path).await.expect(404);
        harness.delete(&path).await;
    }
    harness.patch(&format!("/v1/campaigns/{campaign}"), json!({"name": "volée"})).await.expect(404);
    for command in ["estimate", "validate", "pause", "resume", "cancel", "clone"] {
        harness.command(&campaign, command).await.expect(404);
    }
    harness.post("/v1/lists/summary", json!({"list_ids": [list]})).await;
    assert_eq!(harness.get("/v1/lists").await.expect(200).value("items"), &json!([]));
    harness.speaks_as(me);
    assert_eq!(harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200).text("name"), "À moi");
    harness.end().await;
}
