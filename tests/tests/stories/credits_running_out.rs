//! Credits are reserved exactly, never go below zero, and unused ones are given back.

use serde_json::json;
use stories::{Harness, NewAccount, contacts};

use crate::numbers;

async fn balance(harness: &Harness) -> (u64, u64) {
    let account = harness.get("/v1/account").await.expect(200);
    (account.number("credits.balance"), account.number("credits.reserved"))
}

#[tokio::test]
async fn a_campaign_that_costs_more_than_the_balance_cannot_be_validated() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(150), ..Default::default() }).await;
    let list = harness.list("Clients", contacts(numbers(0..100))).await;
    let message = json!({"text": "Bonjour", "stop": true});
    let first = harness
        .campaign(
            json!({"name": "Une", "lists": [list], "message": message, "schedule": {"at": "2026-12-02T10:00:00"}}),
        )
        .await;
    let second = harness.campaign(json!({"name": "Deux", "lists": [list], "message": message})).await;
    harness.validate(&first).await;
    assert_eq!(balance(&harness).await, (50, 100));
    let refused = harness.command(&second, "validate").await.expect(422);
    assert!(refused.body.to_string().contains("100") && refused.body.to_string().contains("50"), "{}", refused.body);
    assert_eq!(balance(&harness).await, (50, 100));

    // Back in draft, its credits are free for the other campaign.
    harness.command(&first, "edit").await.expect(200);
    assert_eq!(balance(&harness).await, (150, 0));
    harness.validate(&second).await;
    harness.until(&second, "finished").await;
    assert_eq!(balance(&harness).await, (50, 0));
    harness.end().await;
}

#[tokio::test]
async fn a_list_that_grew_since_validation_pauses_the_campaign_if_credits_are_short() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(120), ..Default::default() }).await;
    // Excluded at validation, allowed again before the start: the audience has grown.
    let list = harness.list("Clients", contacts(numbers(0..130))).await;
    for number in numbers(0..20) {
        harness.post("/v1/exclusions", json!({ "phone": number })).await.expect(201);
    }
    let settings = json!({"name": "Une", "lists": [list], "message": {"text": "Bonjour", "stop": true},
        "schedule": {"at": "2026-12-01T12:00:00"}});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    assert_eq!(balance(&harness).await, (10, 110));
    for number in numbers(0..20) {
        harness.delete(&format!("/v1/exclusions/{}", crate::e164(&number))).await.expect(204);
    }
    harness.until(&campaign, "paused").await;
    let paused = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    assert_eq!(paused.text("pause_reason"), "credits");
    assert_eq!((balance(&harness).await, harness.messages(&campaign).await.len()), ((10, 110), 0));
    harness.command(&campaign, "cancel").await.expect(200);
    harness.until(&campaign, "finished").await;
    assert_eq!(balance(&harness).await, (120, 0));
    harness.end().await;
}
