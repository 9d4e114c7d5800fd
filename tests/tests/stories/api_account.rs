//! Resources of an account: settings, keys, users, templates, images, previews, exclusions.

use serde_json::json;
use stories::{Harness, contacts};

use crate::numbers;

#[tokio::test]
async fn settings_change_field_by_field_and_all_errors_are_reported() {
    let harness = Harness::new().await;
    let before = harness.get("/v1/account").await.expect(200);
    assert_eq!((before.text("credits.mode"), before.text("stop_code")), ("unlimited".into(), "36105".into()));
    let changed = harness
        .patch("/v1/account", json!({ "name": "Boutique", "sending_window": { "to": "19:30" } }))
        .await
        .expect(200);
    assert_eq!((changed.text("name"), changed.text("sending_window.to")), ("Boutique".into(), "19:30".into()));
    assert_eq!(changed.value("sending_window.days"), before.value("sending_window.days"));
    let wrong = json!({ "time_zone": "Europe/Lutetia", "default_sender": "é", "sending_window": { "from": "08h00" } });
    let refused = harness.patch("/v1/account", wrong).await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    for pointer in ["/time_zone", "/default_sender", "/sending_window/from"] {
        assert!(pointers.contains(&pointer), "{pointers:?}");
    }
    let audit = harness.get("/v1/account/audit").await.expect(200);
    assert_eq!(audit.text("items.0.action"), "account.changed");
    harness.end().await;
}

#[tokio::test]
async fn a_key_allows_its_scopes_until_it_is_revoked() {
    let harness = Harness::new().await;
    let made = harness.post("/v1/account/keys", json!({ "name": "Lecture", "scopes": ["read"] })).await.expect(201);
    let key = format!("Bearer {}", made.text("key"));
    let as_reader = [("authorization", key.as_str())];
    harness.ask("GET", "/v1/campaigns", &as_reader, "").await.expect(200);
    harness.ask("POST", "/v1/campaigns", &as_reader, "{\"name\":\"a\"}").await.expect(403);
    harness.ask("GET", "/v1/account/keys", &as_reader, "").await.expect(403);
    let listed = harness.get("/v1/account/keys").await.expect(200).body;
    let found = listed["items"].as_array().unwrap().iter().find(|item| item["id"] == made.text("id").as_str()).unwrap();
    assert_eq!(found["last_used_at"].as_str(), Some(stories::TUESDAY));
    assert!(!listed.to_string().contains("envol_"), "a secret is listed");
    harness.delete(&format!("/v1/account/keys/{}", made.text("id"))).await.expect(204);
    harness.ask("GET", "/v1/campaigns", &as_reader, "").await.expect(401);
    harness.delete(&format!("/v1/account/keys/{}", made.text("id"))).await.expect(404);
    harness.end().await;
}

#[tokio::test]
async fn a_secret_is_not_stored_for_repeated_requests() {
    let harness = Harness::new().await;
    let (once, body) = ([("idempotency-key", "k")], json!({ "name": "a", "scopes": ["read"] }).to_string());
    let first = harness.ask("POST", "/v1/account/keys", &once, &body).await.expect(201);
    let again = harness.ask("POST", "/v1/account/keys", &once, &body).await.expect(201);
    assert_eq!((first.text("id"), again.value("key")), (again.text("id"), &json!(null)));
    harness.end().await;
}

#[tokio::test]
async fn an_account_always_keeps_an_owner() {
    let harness = Harness::new().await;
    let password = "un long mot de passe";
    let owner = json!({ "email": "Jeanne@Example.com", "role": "owner", "password": password });
    let owner = harness.post("/v1/account/users", owner).await.expect(201);
    assert_eq!((owner.text("email"), owner.value("password")), ("jeanne@example.com".into(), &json!(null)));
    let made =
        harness.post("/v1/account/users", json!({ "email": "paul@example.com", "role": "viewer" })).await.expect(201);
    assert_eq!(made.text("password").len(), 20);
    harness.post("/v1/account/users", json!({ "email": "PAUL@example.com", "role": "viewer" })).await.expect(422);
    harness.post("/v1/account/users", json!({ "email": "paul", "role": "viewer" })).await.expect(422);
    let path = format!("/v1/account/users/{}", owner.text("id"));
    harness.patch(&path, json!({ "role": "editor" })).await.expect(409);
    harness.delete(&path).await.expect(409);
    harness.patch(&format!("/v1/account/users/{}", made.text("id")), json!({ "role": "owner" })).await.expect(200);
    harness.delete(&path).await.expect(204);
    assert_eq!(harness.get("/v1/account/users").await.body["items"].as_array().unwrap().len(), 1);
    harness.end().await;
}

#[tokio::test]
async fn a_template_starts_a_message_and_later_changes_do_not_affect_it() {
    let harness = Harness::new().await;
    let made = json!({ "name": "Soldes", "sender": "SOLDES", "text": "Bonjour {{Prénom|vous}}" });
    let made = harness.post("/v1/templates", made).await.expect(201);
    assert_eq!(made.value("variables"), &json!(["prenom"]));
    harness.post("/v1/templates", json!({ "name": "x", "text": "{{" })).await.expect(422);
    let settings = json!({ "name": "a", "message": { "template": made.text("id") } });
    let campaign = harness.post("/v1/campaigns", settings).await.expect(201);
    assert_eq!((campaign.text("message.sender"), campaign.text("message.text")), ("SOLDES".into(), made.text("text")));
    let path = format!("/v1/templates/{}", made.text("id"));
    harness.patch(&path, json!({ "text": "Bonsoir" })).await.expect(200);
    let campaign = harness.get(&format!("/v1/campaigns/{}", campaign.text("id"))).await;
    assert_eq!(campaign.text("message.text"), "Bonjour {{Prénom|vous}}");
    harness.delete(&path).await.expect(204);
    harness.get(&path).await.expect(404);
    harness.post("/v1/campaigns", json!({ "name": "b", "message": { "template": made.text("id") } })).await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn a_preview_counts_as_the_carrier_will() {
    let harness = Harness::new().await;
    let body = json!({
        "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
        "fields": { "Prénom": "Zoë" }, "links": ["lien"], "stop": true, "sender": "A"
    });
    let preview = harness.post("/v1/messages/preview", body).await.expect(200);
    assert!(preview.text("text").starts_with("Bonjour Zoë, -20% : http"), "{}", preview.body);
    assert!(preview.text("text").ends_with("STOP au 36105"));
    assert_eq!((preview.text("encoding"), preview.text("sender_problem.code")), ("ucs2".into(), "too_short".into()));
    assert_eq!(preview.value("unicode_because.0"), &json!({ "character": "ë", "at": 10, "replacement": "e" }));
    let plain = harness.post("/v1/messages/preview", json!({ "text": "a".repeat(161) })).await.expect(200);
    assert_eq!((plain.number("units"), plain.number("segments"), plain.number("units_left")), (161, 2, 145));
    harness.post("/v1/messages/preview", json!({ "text": "{{" })).await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn an_image_is_checked_before_a_link_may_use_it() {
    let harness = Harness::new().await;
    let png = |content: &'static [u8]| bytes::Bytes::from_static(content);
    for (content, ready) in [(png(b"\x89PNG\r\n\x1a\n rest"), true), (png(b"<svg onload=alert(1)>"), false)] {
        let made =
            harness.post("/v1/images", json!({ "content_type": "image/png", "size": content.len() })).await.expect(201);
        let image = made.text("id");
        let message = json!({ "text": "Voici {{photo}}", "images": [{ "name": "photo", "image": image }] });
        let early = harness.post("/v1/campaigns", json!({ "name": "a", "message": message })).await.expect(422);
        assert_eq!(early.text("errors.0.code"), "image_not_ready");
        harness.put_upload(&made, content.to_vec()).await;
        let found = harness.get(&format!("/v1/images/{image}")).await.expect(200);
        assert_eq!(found.value("ready"), &json!(ready));
        let status = if ready { 201 } else { 422 };
        harness.post("/v1/campaigns", json!({ "name": "a", "message": message })).await.expect(status);
    }
    harness.post("/v1/images", json!({ "content_type": "image/svg+xml", "size": 10 })).await.expect(422);
    harness.post("/v1/images", json!({ "content_type": "image/png", "size": 6_000_000 })).await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn exclusions_are_found_whatever_their_source() {
    let harness = Harness::new().await;
    harness.post("/v1/exclusions", json!({ "phone": "06 00 00 00 11", "reason": "a demandé" })).await.expect(201);
    harness.post("/v1/exclusions", json!({ "phone": "01 42 00 00 00" })).await.expect(422);
    let import = json!({ "values": numbers(20..25).collect::<Vec<_>>() });
    harness.post("/v1/exclusions/import", import).await.expect(201);
    harness.settle().await;
    let mut found = Vec::new();
    let mut path = "/v1/exclusions?limit=2".to_owned();
    loop {
        let page = harness.get(&path).await.expect(200);
        found.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["source"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/exclusions?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, ["manual", "import", "import", "import", "import", "import"]);
    let number = numbers(20..21).next().unwrap();
    let one = harness.get(&format!("/v1/exclusions?q={number}")).await.expect(200);
    assert_eq!((one.body["items"].as_array().unwrap().len(), one.text("items.0.source")), (1, "import".into()));
    let phone = one.text("items.0.phone");
    harness.delete(&format!("/v1/exclusions/{phone}")).await.expect(204);
    harness.delete(&format!("/v1/exclusions/{phone}")).await.expect(404);
    assert_eq!(harness.get(&format!("/v1/exclusions?q={number}")).await.value("items"), &json!([]));
    let export = String::from_utf8(harness.download("/v1/exclusions/export").await.to_vec()).unwrap();
    assert_eq!(export.lines().count(), 1 + 5, "{export}");
    assert_eq!(
        harness.get("/v1/lists").await.value("items"),
        &json!([]),
        "an import of exclusions is no list of contacts"
    );
    harness.end().await;
}

#[tokio::test]
async fn a_list_is_used_viewed_exported_and_removed_when_unused() {
    let harness = Harness::new().await;
    let list = harness.list("Été", contacts(numbers(0..450))).await;
    let mut path = format!("/v1/lists/{list}/contacts?limit=200");
    let mut phones = Vec::new();
    loop {
        let page = harness.get(&path).await.expect(200);
        phones.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["phone"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/lists/{list}/contacts?limit=200&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(phones.len(), 450);
    assert!(phones.is_sorted());
    let export = String::from_utf8(harness.download(&format!("/v1/lists/{list}/export")).await.to_vec()).unwrap();
    assert!(export.starts_with('\u{feff}') && export.lines().count() == 451);
    let campaign = harness.campaign(json!({ "name": "a", "lists": [list] })).await;
    let refused = harness.delete(&format!("/v1/lists/{list}")).await.expect(409);
    assert!(refused.text("detail").contains("“a”"), "{}", refused.body);
    harness.patch(&format!("/v1/lists/{list}"), json!({ "disabled": true, "name": "Hiver" })).await.expect(200);
    let estimate = harness.command(&campaign, "estimate").await.expect(200).body;
    assert!(estimate["blockers"].to_string().contains("/lists/0"), "{estimate}");
    harness.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    harness.settle().await;
    harness.delete(&format!("/v1/lists/{list}")).await.expect(204);
    harness.get(&format!("/v1/lists/{list}")).await.expect(404);
    harness.end().await;
}
