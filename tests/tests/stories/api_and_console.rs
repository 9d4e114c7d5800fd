//! The API and the console behave the same: each story does something both ways and compares.

use domain::account::Role;
use domain::campaign::Campaign;
use serde_json::{Value, json};
use stories::{Browser, Harness, contacts};

use crate::numbers;

/// Actions of the audit log with their objects, sorted: the clock stands still, so their order is not defined.
async fn audit(harness: &Harness) -> Vec<(String, String)> {
    let answer = harness.get("/v1/account/audit?limit=200").await.expect(200);
    let entries = answer.value("items").as_array().unwrap().clone();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let mut entries: Vec<_> = entries.iter().map(|entry| (text(entry, "action"), text(entry, "about"))).collect();
    entries.sort_unstable();
    entries
}

/// The actions of one user, sorted.
async fn done_by(harness: &Harness, email: &str) -> Vec<String> {
    let answer = harness.get("/v1/account/audit?limit=200").await.expect(200);
    let entries = answer.value("items").as_array().unwrap().clone();
    let own = entries.iter().filter(|entry| entry["by"] == email);
    let mut actions: Vec<_> = own.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect();
    actions.sort_unstable();
    actions
}

async fn stored(harness: &Harness, id: &str) -> Campaign {
    harness.store.account(&harness.account).campaign(&id.parse().unwrap()).await.unwrap().unwrap()
}

/// The id in the URL that a response redirects to.
fn led_to(location: &str, prefix: &str) -> String {
    let parts = location.split(['/', '?']);
    parts.into_iter().find(|part| part.starts_with(prefix)).unwrap_or_else(|| panic!("no id in {location}")).to_owned()
}

async fn new_draft(browser: &Browser<'_>, name: &str) -> String {
    let made = browser.submit("/campaigns/new", "/campaigns/new", &[("name", name), ("kind", "marketing")]).await;
    led_to(made.expect(303).header("location"), "cmp_")
}

#[tokio::test]
async fn every_change_made_in_the_console_is_in_the_audit_log() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let template = harness.post("/v1/templates", json!({ "name": "Soldes", "text": "Bonjour" })).await.expect(201);
    let browser = harness.browser(Role::Editor).await;
    let draft = new_draft(&browser, "Été").await;
    let step = |step: &str| format!("/campaigns/{draft}/{step}");
    let general = step("general");
    browser.submit(&general, &general, &[("name", "Hiver"), ("kind", "marketing")]).await.expect(303);
    // Saved again unchanged.
    browser.submit(&general, &general, &[("name", "Hiver"), ("kind", "marketing")]).await.expect(303);
    let chosen = step("contacts");
    browser.submit(&chosen, &chosen, &[("list", &list)]).await.expect(303);
    let template_id = template.text("id");
    let used = browser.submit("/templates", &format!("/templates/{template_id}/use"), &[]).await.expect(303);
    let from_template = led_to(used.header("location"), "cmp_");
    let import = format!("/lists/{list}/import");
    browser.submit(&import, &import, &[("campaign", &from_template), ("do", "validate")]).await.expect(303);
    browser.force("/images", &[("type", "image/png"), ("size", "100")]).await.expect(200);
    let expected = [
        "campaign.changed",
        "campaign.changed",
        "campaign.changed",
        "campaign.created",
        "campaign.created",
        "image.created",
    ];
    assert_eq!(done_by(&harness, &browser.email).await, expected);
    assert_eq!(stored(&harness, &from_template).await.settings.lists.len(), 1);
    harness.end().await;
}

#[tokio::test]
async fn a_command_has_one_name_in_the_audit_log_wherever_it_is_given() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let settings = json!({ "name": "Demain", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "at": "2026-12-02T09:00:00" } });
    let browser = harness.browser(Role::Editor).await;
    let (by_api, by_console) = (harness.campaign(settings.clone()).await, harness.campaign(settings).await);
    for id in [&by_api, &by_console] {
        harness.validate(id).await;
    }
    harness.command(&by_api, "edit").await.expect(200);
    let confirm = format!("/campaigns/{by_console}/confirm/edit");
    browser.submit(&confirm, &format!("/campaigns/{by_console}/do/edit"), &[]).await.expect(303);
    let copied = harness.post(&format!("/v1/campaigns/{by_api}/clone"), json!({})).await.expect(201).text("id");
    let page = format!("/campaigns/{by_console}");
    let copy = browser.submit(&page, &format!("{page}/do/copy"), &[]).await.expect(303);
    let copied_there = led_to(copy.header("location"), "cmp_");
    let entries = audit(&harness).await;
    let expected = [
        ("campaign.copied", copied_there),
        ("campaign.copied", copied),
        ("campaign.taken_back", by_console),
        ("campaign.taken_back", by_api),
    ];
    for (action, about) in expected {
        assert!(entries.contains(&(action.to_owned(), about.clone())), "no {action} of {about} in {entries:?}");
    }
    harness.end().await;
}

#[tokio::test]
async fn a_copy_keeps_a_future_time_and_drops_a_past_one() {
    let harness = Harness::new().await;
    let browser = harness.browser(Role::Editor).await;
    let long = "é".repeat(100);
    for (at, kept) in [("2026-12-05T09:00:00", true), ("2026-11-30T09:00:00", false)] {
        let source = harness.campaign(json!({ "name": long, "schedule": { "at": at } })).await;
        let copy = harness.post(&format!("/v1/campaigns/{source}/clone"), json!({})).await.expect(201).text("id");
        let page = format!("/campaigns/{source}");
        let answer = browser.submit(&page, &format!("{page}/do/copy"), &[]).await.expect(303);
        for id in [copy, led_to(answer.header("location"), "cmp_")] {
            let settings = stored(&harness, &id).await.settings;
            assert!(settings.name.ends_with("é (copie)"), "{}", settings.name);
            assert_eq!(settings.name.chars().count(), 100);
            assert_eq!(settings.schedule.at.as_deref(), kept.then_some(at), "{at}");
        }
        // Loading its settings into a draft gives the same.
        let loading = harness.campaign(json!({ "name": "Autre", "from_campaign": source })).await;
        assert_eq!(stored(&harness, &loading).await.settings.schedule.at.as_deref(), kept.then_some(at), "{at}");
    }
    harness.end().await;
}

#[tokio::test]
async fn a_console_command_is_repeated_when_dispatch_writes_first() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..200))).await;
    let settings = json!({ "name": "Lente", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "pace_per_hour": 600 } });
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    harness.pass(std::time::Duration::from_secs(61)).await;
    assert_eq!(harness.status(&campaign).await, "sending");
    let browser = harness.browser(Role::Editor).await;
    let page = format!("/campaigns/{campaign}");
    browser.remember_token().await;
    let store = harness.store.account(&harness.account);
    for round in 0..20 {
        let (verb, status) = if round % 2 == 0 { ("pause", "paused") } else { ("resume", "sending") };
        // Another writer changes the campaign meanwhile, less often than the command is repeated.
        let writes = async {
            for _ in 0..6 {
                let found = stored(&harness, &campaign).await;
                let _ = store.put_campaign(found).await;
            }
        };
        let action = format!("{page}/do/{verb}");
        let (answer, ()) = futures_util::join!(browser.force(&action, &[]), writes);
        assert_eq!(answer.status, 303, "round {round}: {}", answer.unpacked());
        assert_eq!(harness.status(&campaign).await, status, "round {round}");
    }
    harness.command(&campaign, "pause").await.expect(200);
    harness.command(&campaign, "cancel").await.expect(200);
    harness.until(&campaign, "finished").await;
    harness.end().await;
}

#[tokio::test]
async fn a_number_gets_one_test_however_often_it_is_typed() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Essai", "lists": [list], "message": message })).await;
    let phones = json!({ "phones": ["06 12 34 56 10", "+33612345610"] });
    let tested = harness.post(&format!("/v1/campaigns/{campaign}/test"), phones).await.expect(200);
    assert_eq!(tested.value("results").as_array().unwrap().len(), 1);
    let browser = harness.browser(Role::Editor).await;
    let (review, action) = (format!("/campaigns/{campaign}/review"), format!("/campaigns/{campaign}/test"));
    browser.submit(&review, &action, &[("phones", "06 12 34 56 10\n+33612345610")]).await.expect(303);
    harness.settle().await;
    assert_eq!(harness.messages(&campaign).await.len(), 2, "one test by the API, one by the console");
    harness.end().await;
}

#[tokio::test]
async fn the_sender_of_a_template_is_checked_wherever_it_is_made() {
    let harness = Harness::new().await;
    let wrong = json!({ "name": "Soldes", "sender": "É!", "text": "Bonjour" });
    let refused = harness.post("/v1/templates", wrong).await.expect(422);
    assert_eq!(refused.text("errors.0.pointer"), "/sender");
    let right = harness.post("/v1/templates", json!({ "name": "Soldes", "text": "Bonjour" })).await.expect(201);
    let path = format!("/v1/templates/{}", right.text("id"));
    harness.patch(&path, json!({ "sender": "É!" })).await.expect(422);
    let browser = harness.browser(Role::Editor).await;
    let fields = [("name", "Soldes"), ("sender", "É!"), ("text", "Bonjour")];
    browser.submit("/templates/new", "/templates", &fields).await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn only_owners_may_delete_imported_exclusions() {
    let mut harness = Harness::new().await;
    let body = json!({ "name": "Anciens STOP", "values": ["06 12 34 56 10"] });
    let imported = harness.post("/v1/exclusions/import", body).await.expect(201).text("id");
    harness.settle().await;
    let scopes = json!({ "name": "sans admin", "scopes": ["read", "write", "send"] });
    let key = harness.post("/v1/account/keys", scopes).await.expect(201).text("key");
    let admin = harness.speaks_as((harness.account.clone(), key));
    harness.delete(&format!("/v1/lists/{imported}")).await.expect(403);
    harness.speaks_as(admin);
    let action = format!("/lists/{imported}/delete");
    let editor = harness.browser(Role::Editor).await;
    editor.page(&action).await.expect(403);
    assert!(!editor.page("/exclusions").await.expect(200).unpacked().contains(&action), "no link to what is refused");
    editor.force(&action, &[]).await.expect(403);
    harness.get("/v1/exclusions/+33612345610").await.expect(200);
    let owner = harness.browser(Role::Owner).await;
    owner.submit(&action, &action, &[]).await.expect(303);
    harness.get("/v1/exclusions/+33612345610").await.expect(404);
    harness.end().await;
}

#[tokio::test]
async fn a_search_finds_the_same_in_the_api_and_in_the_console() {
    let harness = Harness::new().await;
    let names = ["Clients d’été", "clients-fidèles", "Prospects"];
    for name in names {
        harness.list(name, contacts(numbers(0..2))).await;
        harness.campaign(json!({ "name": name })).await;
    }
    let browser = harness.browser(Role::Viewer).await;
    for part in ["ETE", "fidèles", "s-f", "s f", "PROS", "d’é"] {
        let query: String = part.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for what in ["lists", "campaigns"] {
            let answer = harness.get(&format!("/v1/{what}?q={query}")).await.expect(200);
            let items = answer.value("items").as_array().unwrap().clone();
            let page = browser.page(&format!("/{what}?q={query}")).await.expect(200).unpacked();
            for name in names {
                let by_api = items.iter().any(|item| item["name"] == name);
                assert_eq!(page.contains(name), by_api, "{what}: {part:?} in {name:?}");
            }
        }
    }
    harness.end().await;
}

#[tokio::test]
async fn a_changed_pace_starts_again_wherever_it_is_changed() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..200))).await;
    let settings = json!({ "name": "Lente", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "pace_per_hour": 600 } });
    let (by_api, by_console) = (harness.campaign(settings.clone()).await, harness.campaign(settings).await);
    for id in [&by_api, &by_console] {
        harness.validate(id).await;
    }
    harness.pass(std::time::Duration::from_secs(61)).await;
    harness.patch(&format!("/v1/campaigns/{by_api}/pace"), json!({ "pace_per_hour": 1_200 })).await.expect(200);
    let browser = harness.browser(Role::Editor).await;
    let page = format!("/campaigns/{by_console}");
    browser.submit(&page, &format!("{page}/do/pace"), &[("pace", "1200")]).await.expect(303);
    let (one, other) = (stored(&harness, &by_api).await, stored(&harness, &by_console).await);
    assert_eq!((&one.pacing, one.settings.schedule), (&other.pacing, other.settings.schedule));
    for id in [&by_api, &by_console] {
        harness.command(id, "pause").await.expect(200);
        harness.command(id, "cancel").await.expect(200);
        harness.until(id, "finished").await;
    }
    harness.end().await;
}

#[tokio::test]
async fn an_image_is_checked_by_its_content_wherever_it_is_used() {
    let harness = Harness::new().await;
    let wanted = json!({ "content_type": "image/png", "size": 12 });
    let image = harness.post("/v1/images", wanted).await.expect(201);
    let id = image.text("id");
    let draft = harness.campaign(json!({ "name": "Image" })).await;
    let with = json!({ "message": { "images": [{ "name": "photo", "image": id }] } });
    let refused = harness.patch(&format!("/v1/campaigns/{draft}"), with.clone()).await.expect(422);
    assert_eq!(refused.text("errors.0.code"), "image_not_ready");
    let message = format!("/campaigns/{draft}/message");
    let browser = harness.browser(Role::Editor).await;
    let add = [("do", "image"), ("image", id.as_str())];
    browser.submit(&message, &message, &add).await.expect(422);
    harness.put_upload(&image, b"\x89PNG\r\n\x1a\n0000".to_vec()).await;
    browser.submit(&message, &message, &add).await.expect(200);
    assert_eq!(stored(&harness, &draft).await.settings.message.images.len(), 1);
    harness.patch(&format!("/v1/campaigns/{draft}"), with).await.expect(200);
    harness.end().await;
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_neither_written_nor_audited() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let made =
        async |path: &str, body: Value| format!("{path}/{}", harness.post(path, body).await.expect(201).text("id"));
    let template = made("/v1/templates", json!({ "name": "Soldes", "text": "Bonjour" })).await;
    let endpoint = json!({ "url": "https://example.com/envol", "events": ["campaign.finished"] });
    let webhook = made("/v1/account/webhooks", endpoint.clone()).await;
    let user = json!({ "email": "ada@example.com", "role": "viewer" });
    let user = made("/v1/account/users", user).await;
    let campaign = made("/v1/campaigns", json!({ "name": "Été", "kind": "marketing" })).await;
    let name = harness.get("/v1/account").await.expect(200).text("name").to_owned();
    let before = audit(&harness).await;
    for (path, patch) in [
        ("/v1/account", json!({ "name": name })),
        (&*format!("/v1/lists/{list}"), json!({ "name": "Clients", "disabled": false })),
        (&template, json!({ "name": "Soldes" })),
        (&webhook, endpoint),
        (&user, json!({ "role": "viewer" })),
        (&campaign, json!({ "name": "Été" })),
    ] {
        let version = harness.get(path).await.expect(200).header("etag").to_owned();
        for patch in [patch, json!({})] {
            assert_eq!(harness.patch(path, patch).await.expect(200).header("etag"), version, "{path}");
        }
    }
    assert_eq!(audit(&harness).await, before);
    harness.end().await;
}

#[tokio::test]
async fn a_page_after_something_unknown_is_the_first_page() {
    let harness = Harness::new().await;
    let browser = harness.browser(Role::Owner).await;
    for page in ["/account/audit", "/account/credits", "/campaigns", "/lists", "/templates", "/replies", "/exclusions"]
    {
        for after in ["x", "%00", "user%23a"] {
            browser.page(&format!("{page}?after={after}")).await.expect(200);
        }
    }
    harness.end().await;
}

#[tokio::test]
async fn a_viewer_changes_nothing_in_the_console() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let campaign = harness.campaign(json!({ "name": "Été" })).await;
    let viewer = harness.browser(Role::Viewer).await;
    let before = audit(&harness).await.len();
    for action in [
        format!("/campaigns/{campaign}/do/delete"),
        format!("/campaigns/{campaign}/do/copy"),
        format!("/campaigns/{campaign}/general"),
        format!("/lists/{list}/change"),
        format!("/lists/{list}/delete"),
        "/exclusions".to_owned(),
        "/templates".to_owned(),
        "/images".to_owned(),
        "/account".to_owned(),
        "/account/users".to_owned(),
        "/account/keys".to_owned(),
        "/account/webhooks".to_owned(),
    ] {
        let fields = [
            ("name", "x"),
            ("kind", "marketing"),
            ("do", "rename"),
            ("phone", "0612345610"),
            ("text", "x"),
            ("type", "image/png"),
            ("size", "9"),
        ];
        viewer.force(&action, &fields).await.expect(403);
    }
    for page in ["/account/users", "/account/keys", "/account/webhooks", "/account/audit"] {
        viewer.page(page).await.expect(403);
    }
    assert_eq!(audit(&harness).await.len(), before);
    harness.end().await;
}
