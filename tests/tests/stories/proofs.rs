//! Proof sign-off: an account may require a finished proof of the same message before the real campaign is sent.

use serde_json::{Value, json};
use stories::{Harness, contacts};

use crate::numbers;

async fn codes(harness: &Harness, campaign: &str) -> Vec<String> {
    let estimate = harness.command(campaign, "estimate").await.expect(200);
    estimate.body["blockers"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

async fn proof_of(harness: &Harness, campaign: &str, list: &str) -> String {
    let proof = json!({ "name": "BAT", "proof": true, "lists": [list], "from_campaign": campaign });
    harness.post("/v1/campaigns", proof).await.expect(201).text("id")
}

#[tokio::test]
async fn a_campaign_is_sent_only_after_a_delivered_proof_of_the_same_message() {
    let harness = Harness::new().await;
    let changed = harness.patch("/v1/account", json!({ "requires_proof": true })).await.expect(200);
    assert_eq!(changed.value("requires_proof"), &json!(true));
    let (all, few) =
        (harness.list("Tous", contacts(numbers(0..20))).await, harness.list("Nous", contacts(numbers(50..52))).await);
    let undelivered = harness.list("Refusés", contacts(["0600000003".to_owned()])).await;
    let message = json!({ "text": "Bonjour {{lien}}", "stop": true, "links": [{ "name": "lien", "url": "https://example.com" }] });
    let real = harness.campaign(json!({ "name": "Vraie", "lists": [all], "message": message })).await;
    assert_eq!(codes(&harness, &real).await, ["no_proof"]);
    let path = format!("/v1/campaigns/{real}/validate");
    let refused = harness.ask("POST", &path, &[("accept-language", "fr")], "{}").await.expect(422);
    assert_eq!((refused.text("errors.0.code"), refused.text("errors.0.pointer")), ("no_proof".into(), "/proof".into()));
    assert!(refused.text("errors.0.detail").starts_with("ce compte exige un BAT"), "{}", refused.body);

    // An undelivered proof and an unfinished one prove nothing.
    let lost = proof_of(&harness, &real, &undelivered).await;
    harness.validate(&lost).await;
    harness.until(&lost, "finished").await;
    assert_eq!(codes(&harness, &real).await, ["no_proof"]);
    let proof = proof_of(&harness, &real, &few).await;
    assert_eq!(codes(&harness, &proof).await, Vec::<String>::new());
    harness.validate(&proof).await;
    assert_eq!(codes(&harness, &real).await, ["no_proof"]);
    harness.until(&proof, "finished").await;
    assert_eq!(codes(&harness, &real).await, Vec::<String>::new());

    // Another message needs another proof; the same message again is signed off.
    let patch = async |message: Value| {
        harness.patch(&format!("/v1/campaigns/{real}"), json!({ "message": message })).await.expect(200)
    };
    patch(json!({ "sender": "AUTRE" })).await;
    assert_eq!(codes(&harness, &real).await, ["no_proof"]);
    patch(json!({ "sender": null })).await;
    harness.validate(&real).await;
    harness.until(&real, "finished").await;
    harness.end().await;
}
