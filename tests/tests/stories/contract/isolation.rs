//! Two accounts: every call with an id of the other account answers 404, and changes nothing.

use serde_json::{Value, json};
use stories::{Harness, NewAccount, contacts};

use super::tour::{Call, calls, filled, own};
use crate::numbers;

/// Everything that an account can read about itself, except the audit entries of reading it.
async fn all(harness: &Harness, calls: &[Call], ids: &super::tour::Ids) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for call in calls.iter().filter(|call| call.method == "GET") {
        let answer = harness.get(&filled(&call.path, ids)).await;
        // The URL of a download differs each time.
        let mut seen = if answer.status == 303 { Value::from(answer.status) } else { answer.body };
        seen.as_object_mut().map(|fields| fields.remove("instance"));
        found.push((call.name().to_owned(), seen));
    }
    found
}

#[tokio::test]
async fn another_accounts_ids_are_not_found() {
    let mut harness = Harness::new().await;
    let calls = calls(&harness).await;
    let theirs = own(&harness).await;
    let before = all(&harness, &calls, &theirs).await;
    let them = harness.becomes(NewAccount { name: "Voisin".into(), ..NewAccount::default() }).await;
    for call in calls.iter().filter(|call| call.is_about_one()) {
        let path = filled(&call.path, &theirs);
        for headers in [vec![], vec![("if-match", "*")], vec![("idempotency-key", call.name())]] {
            let answer = harness.ask(&call.method, &path, &headers, &call.example()).await;
            assert_eq!(answer.status, 404, "{} {path}: {}", call.method, answer.body);
        }
    }
    harness.settle().await;
    let us = harness.speaks_as(them);
    assert_eq!(all(&harness, &calls, &theirs).await, before);
    harness.speaks_as(us);
    harness.end().await;
}

#[tokio::test]
async fn another_accounts_ids_in_a_body_are_not_found() {
    let mut harness = Harness::new().await;
    let theirs = own(&harness).await;
    harness.becomes(NewAccount { name: "Voisin".into(), ..NewAccount::default() }).await;
    let image = json!([{ "name": "photo", "image": theirs["images"] }]);
    for (path, body, code) in [
        ("/v1/campaigns", json!({ "name": "a", "lists": [theirs["lists"]] }), "no_such_list"),
        ("/v1/campaigns", json!({ "name": "a", "from_campaign": theirs["campaigns"] }), "no_such_campaign"),
        ("/v1/campaigns", json!({ "name": "a", "message": { "template": theirs["templates"] } }), "no_such_template"),
        ("/v1/campaigns", json!({ "name": "a", "message": { "images": image } }), "no_such_image"),
        ("/v1/lists/summary", json!({ "list_ids": [theirs["lists"]] }), "no_such_list"),
    ] {
        let refused = harness.post(path, body).await.expect(422);
        assert_eq!(refused.text("errors.0.code"), code, "{}", refused.body);
    }
    harness.end().await;
}

#[tokio::test]
async fn a_cursor_works_where_it_was_given_out_and_nowhere_else() {
    let mut harness = Harness::new().await;
    for name in ["a", "b"] {
        harness.campaign(json!({ "name": name })).await;
        harness.post("/v1/templates", json!({ "name": name, "text": "x" })).await.expect(201);
        harness.list(name, contacts(numbers(0..3))).await;
    }
    let listings: Vec<Call> = calls(&harness).await.into_iter().filter(|call| !call.is_about_one()).collect();
    let pages = listings.iter().filter(|call| {
        call.described["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == "cursor")
    });
    let cursor = harness.get("/v1/campaigns?limit=1").await.text("next");
    harness.get(&format!("/v1/campaigns?limit=1&cursor={cursor}")).await.expect(200);
    let mut forged = cursor.clone();
    forged.replace_range(4..5, if cursor[4..5] == *"A" { "B" } else { "A" });
    for page in pages {
        for wrong in [cursor.as_str(), &forged, "bHN0XzE", "%00", "_", &"A".repeat(1_025), &cursor[..8]] {
            if page.path == "/v1/campaigns" && wrong == cursor {
                continue;
            }
            let answer = harness.get(&format!("{}?cursor={wrong}", page.path)).await;
            assert_eq!(answer.status, 400, "{} {wrong}: {}", page.path, answer.body);
            assert_eq!(answer.text("errors.0.pointer"), "?cursor");
        }
    }
    harness.becomes(NewAccount { name: "Voisin".into(), ..NewAccount::default() }).await;
    harness.get(&format!("/v1/campaigns?limit=1&cursor={cursor}")).await.expect(400);
    harness.end().await;
}

#[tokio::test]
async fn creating_a_key_or_user_gives_no_additional_permission() {
    let harness = Harness::new().await;
    let made = json!({ "name": "Gestion", "scopes": ["read", "admin"] });
    let key = format!("Bearer {}", harness.post("/v1/account/keys", made).await.expect(201).text("key"));
    let ask = async |method: &str, path: &str, body: Value| {
        harness.ask(method, path, &[("authorization", key.as_str())], &body.to_string()).await
    };
    for scope in ["write", "send"] {
        let refused = ask("POST", "/v1/account/keys", json!({ "name": "a", "scopes": ["read", scope] })).await;
        assert!(refused.expect(403).text("detail").contains(scope));
    }
    ask("POST", "/v1/account/keys", json!({ "name": "a", "scopes": ["read", "admin"] })).await.expect(201);
    for (role, status) in [("owner", 403), ("editor", 403), ("viewer", 201)] {
        let email = format!("{role}@example.com");
        ask("POST", "/v1/account/users", json!({ "email": email, "role": role })).await.expect(status);
    }
    let owner = json!({ "email": "jeanne@example.com", "role": "owner" });
    let owner = format!("/v1/account/users/{}", harness.post("/v1/account/users", owner).await.expect(201).text("id"));
    // An admin could sign in as an owner after setting the owner's password.
    ask("PATCH", &owner, json!({ "password": "un long mot de passe" })).await.expect(403);
    let audit = harness.get("/v1/account/audit").await.expect(200);
    for entry in audit.body["items"].as_array().unwrap() {
        assert_eq!(entry["from"], "127.0.0.0", "{entry}");
        assert!(entry["by"].as_str().unwrap().starts_with("key_") && !entry["about"].as_str().unwrap().is_empty());
    }
    harness.end().await;
}
