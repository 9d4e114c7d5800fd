//! Unused lists are purged after the account's delay; exclusions and lists of unfinished campaigns stay.

use std::time::Duration;

use serde_json::json;
use stories::{Harness, contacts};

use crate::numbers;

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test]
async fn an_unused_list_is_purged_after_the_accounts_delay_and_one_in_use_never() {
    let harness = Harness::new().await;
    let unused = harness.list("Vieille", contacts(numbers(0..3))).await;
    let used = harness.list("Utilisée", contacts(numbers(0..3))).await;
    let drafted = harness.list("Brouillon", contacts(numbers(0..3))).await;
    let excluded =
        harness.post("/v1/exclusions/import", json!({ "values": ["0600000515"] })).await.expect(201).text("id");
    harness.settle().await;
    let purge_at =
        async |list: &str| harness.get(&format!("/v1/lists/{list}")).await.expect(200).body["purge_at"].clone();
    assert_eq!(purge_at(&unused).await, "2027-03-01T09:00:00Z");
    assert_eq!(purge_at(&excluded).await, json!(null));
    harness.patch("/v1/account", json!({ "purge_after_days": 10 })).await.expect(200);
    assert_eq!(purge_at(&unused).await, "2026-12-11T09:00:00Z");
    let message = json!({ "text": "Bonjour", "stop": true });
    harness.campaign(json!({ "name": "Plus tard", "lists": [drafted], "message": message })).await;

    harness.skip(9 * DAY).await;
    let campaign = harness.campaign(json!({ "name": "Maintenant", "lists": [used], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    for list in [&unused, &used, &drafted] {
        harness.get(&format!("/v1/lists/{list}")).await.expect(200);
    }
    harness.skip(DAY).await;
    harness.skip(DAY).await;
    harness.get(&format!("/v1/lists/{unused}")).await.expect(404);
    for list in [&used, &drafted, &excluded] {
        harness.get(&format!("/v1/lists/{list}")).await.expect(200);
    }
    let left: Vec<_> = harness.everything().await.into_iter().map(|(name, _)| name).collect();
    assert!(left.iter().all(|name| !name.contains(&unused) || name.contains("audit#")), "{left:?}");
    assert!(left.iter().any(|name| name.contains(&used)));
    let trail = harness.get("/v1/account/audit").await.expect(200);
    let purged = trail.body["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "list.purged").unwrap();
    assert_eq!((&purged["about"], &purged["by"]), (&json!(unused), &json!("dispatch")));

    // The used list is purged ten days later; the draft's list and the exclusions stay.
    for _ in 0..12 {
        harness.skip(DAY).await;
    }
    harness.get(&format!("/v1/lists/{used}")).await.expect(404);
    harness.get(&format!("/v1/lists/{drafted}")).await.expect(200);
    assert_eq!(harness.get("/v1/exclusions?q=0600000515").await.text("items.0.phone"), "+33600000515");
    harness.end().await;
}
