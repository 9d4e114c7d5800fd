//! The successful responses and specific errors of each call.

use std::time::Duration;

use domain::list::List;
use serde_json::{Value, json};
use stories::{Answer, Harness, Receiver, contacts};

use super::common::{errors, outages, twice_at_once};
use super::tour::{Call, Ids, Seen, calls, filled, own};
use crate::numbers;

/// More contacts than are counted within a request.
const COUNTED_LATER: u64 = 1_000_001;

/// A tour: calls by name, each response recorded.
struct Tour {
    harness: Harness,
    calls: Vec<Call>,
    seen: Seen,
}

impl Tour {
    fn call(&self, name: &str) -> Call {
        self.calls.iter().find(|call| call.name() == name).unwrap_or_else(|| panic!("no call {name}")).clone()
    }

    /// Makes a call that must have this status.
    async fn make(&mut self, name: &str, ids: &Ids, body: Value, status: u16) -> Answer {
        let call = self.call(name);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.harness.ask(&call.method, &filled(&call.path, ids), &[], &body).await;
        self.seen.expect(&call, &answer, status);
        answer
    }

    /// Two simultaneous changes of the same version: one of them gets a conflict.
    async fn race(&mut self, name: &str, ids: &Ids, bodies: [Value; 2]) {
        let call = self.call(name);
        let (path, harness) = (filled(&call.path, ids), &self.harness);
        let [one, other] = bodies.map(|body| if body.is_null() { String::new() } else { body.to_string() });
        let both =
            tokio::join!(harness.ask(&call.method, &path, &[], &one), harness.ask(&call.method, &path, &[], &other));
        assert!(both.0.status == 409 || both.1.status == 409, "{name}: {} and {}", both.0.status, both.1.status);
        assert!(both.0.status < 300 || both.1.status < 300, "{name}: {} and {}", both.0.status, both.1.status);
        self.seen.note(&call, &both.0);
        self.seen.note(&call, &both.1);
    }
}

impl Tour {
    /// Two simultaneous changes of different fields: both succeed. Returns the result.
    async fn both(&mut self, name: &str, ids: &Ids, bodies: [Value; 2]) -> Value {
        let call = self.call(name);
        let (path, harness) = (filled(&call.path, ids), &self.harness);
        let [one, other] = bodies.map(|body| body.to_string());
        let both =
            tokio::join!(harness.ask(&call.method, &path, &[], &one), harness.ask(&call.method, &path, &[], &other));
        for answer in [&both.0, &both.1] {
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            self.seen.note(&call, answer);
        }
        self.harness.get(&format!("/v1{path}").replace("/v1/v1", "/v1")).await.expect(200).body
    }
}

/// An example with the ids of an account filled in.
fn with_ids(example: &str, ids: &Ids) -> String {
    let mut text = example.to_owned();
    for id in ids.values().filter(|id| id.contains('_')) {
        let (prefix, length) = (format!("\"{}", &id[..4]), id.len());
        for (place, _) in example.match_indices(&prefix) {
            text.replace_range(place + 1..place + 1 + length, id);
        }
    }
    text
}

#[tokio::test]
async fn examples_are_accepted_as_they_stand() {
    let harness = Harness::new().await;
    let mut calls = calls(&harness).await;
    calls.retain(|call| !call.example().is_empty());
    calls.sort_by(|one, other| one.path.cmp(&other.path));
    let ids = own(&harness).await;
    for call in calls {
        let answer = harness.ask(&call.method, &filled(&call.path, &ids), &[], &with_ids(&call.example(), &ids)).await;
        assert!(answer.status < 300, "{} {}: {} {}", call.method, call.path, answer.status, answer.body);
    }
    harness.end().await;
}

fn at(of: &'static str, id: &str) -> Ids {
    Ids::from([(of, id.to_owned())])
}

#[tokio::test]
async fn every_call_answers_what_the_document_says_and_nothing_else() {
    let harness = Harness::new().await;
    let calls = calls(&harness).await;
    let mut tour = Tour { harness, calls, seen: Seen::default() };
    let ids = own(&tour.harness).await;
    // Boxed, because together they exceed the stack of a test.
    Box::pin(errors(&tour.harness, &ids, &mut tour.seen)).await;
    Box::pin(account(&mut tour, &ids)).await;
    Box::pin(webhooks(&mut tour, &ids)).await;
    Box::pin(lists(&mut tour)).await;
    Box::pin(exclusions(&mut tour)).await;
    Box::pin(people(&mut tour, &ids)).await;
    Box::pin(templates_and_the_like(&mut tour)).await;
    Box::pin(drafts(&mut tour)).await;
    Box::pin(sent(&mut tour)).await;
    Box::pin(counted_later(&mut tour)).await;
    Box::pin(outages(&tour.harness, &ids, &mut tour.seen)).await;
    let fresh = own(&tour.harness).await;
    Box::pin(twice_at_once(&tour.harness, &fresh, &mut tour.seen)).await;
    let missing = tour.seen.missing(&tour.calls);
    assert!(missing.is_empty(), "documented, and no story sees it:\n{}", missing.join("\n"));
    tour.harness.end().await;
}

/// Replies and erasures.
async fn people(tour: &mut Tour, ids: &Ids) {
    let none = Ids::new();
    tour.make("erase_contact", &none, json!({ "phone": "06 12 00 00 03" }), 202).await;
    tour.make("get_erasure", ids, Value::Null, 200).await;
    tour.make("list_replies", &none, Value::Null, 200).await;
    tour.make("list_campaign_replies", ids, Value::Null, 200).await;
    tour.make("export_replies", &none, Value::Null, 303).await;
}

async fn account(tour: &mut Tour, ids: &Ids) {
    let none = Ids::new();
    tour.make("get_health", &none, Value::Null, 200).await;
    tour.make("get_account", &none, Value::Null, 200).await;
    tour.make("update_account", &none, json!({ "name": "Boutique" }), 200).await;
    let stands = tour.both("update_account", &none, [json!({ "name": "A" }), json!({ "purge_after_days": 30 })]).await;
    assert_eq!((&stands["name"], &stands["purge_after_days"]), (&json!("A"), &json!(30)));
    for name in ["list_credits", "list_keys", "list_users", "list_audit"] {
        tour.make(name, &none, Value::Null, 200).await;
    }
    tour.make("get_key", ids, Value::Null, 200).await;
    tour.make("revoke_key", ids, Value::Null, 204).await;
    tour.make("create_key", &none, json!({ "name": "k", "scopes": ["read"] }), 201).await;
    let owner = json!({ "email": "jeanne@example.com", "role": "owner" });
    let owner = at("users", &tour.make("create_user", &none, owner, 201).await.text("id"));
    tour.make("get_user", &owner, Value::Null, 200).await;
    tour.make("update_user", &owner, json!({ "role": "viewer" }), 409).await;
    tour.make("delete_user", &owner, Value::Null, 409).await;
    tour.make("update_user", ids, json!({ "role": "owner" }), 200).await;
    // Of two owners who change each other's role at once, one stays an owner.
    let call = tour.call("update_user");
    let (one, other) = (filled(&call.path, &owner), filled(&call.path, ids));
    let (harness, body) = (&tour.harness, json!({ "role": "viewer" }).to_string());
    let both = tokio::join!(harness.ask("PATCH", &one, &[], &body), harness.ask("PATCH", &other, &[], &body));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let gone = if both.0.status == 200 { &owner } else { ids };
    tour.make("delete_user", gone, Value::Null, 204).await;
}

async fn webhooks(tour: &mut Tour, ids: &Ids) {
    let none = Ids::new();
    let receiver = Receiver::open().await;
    let settings = json!({ "url": receiver.url, "events": ["list.ready"] });
    let webhook = at("webhooks", &tour.make("create_webhook", &none, settings, 201).await.text("id"));
    tour.make("list_webhooks", &none, Value::Null, 200).await;
    tour.make("get_webhook", &webhook, Value::Null, 200).await;
    tour.make("update_webhook", &webhook, json!({ "description": "a" }), 200).await;
    let both = [json!({ "description": "b" }), json!({ "events": ["campaign.finished"] })];
    let stands = tour.both("update_webhook", &webhook, both).await;
    assert_eq!((&stands["description"], &stands["events"]), (&json!("b"), &json!(["campaign.finished"])));
    tour.make("rotate_webhook", &webhook, Value::Null, 200).await;
    tour.make("test_webhook", &webhook, Value::Null, 201).await;
    tour.make("list_webhook_deliveries", ids, Value::Null, 200).await;
    tour.make("get_delivery", ids, Value::Null, 200).await;
    tour.make("replay_delivery", ids, Value::Null, 200).await;
    tour.harness.settle().await;
    tour.race("delete_webhook", &webhook, [Value::Null, Value::Null]).await;
}

async fn lists(tour: &mut Tour) {
    let none = Ids::new();
    let made = tour.make("create_list", &none, json!({ "name": "Clients" }), 201).await;
    let list = at("lists", &made.text("id"));
    tour.make("update_list", &list, json!({ "disabled": true }), 409).await;
    for name in ["list_contacts", "export_list", "get_list_rejects"] {
        tour.make(name, &list, Value::Null, 409).await;
    }
    tour.harness.put_upload(&made, contacts(numbers(0..3).chain(["01 42 00 00 00".to_owned()]))).await;
    tour.harness.settle().await;
    for (name, status) in [
        ("list_lists", 200),
        ("get_list", 200),
        ("list_contacts", 200),
        ("export_list", 303),
        ("get_list_rejects", 303),
    ] {
        tour.make(name, &list, Value::Null, status).await;
    }
    tour.make("update_list", &list, json!({ "name": "Clientes" }), 200).await;
    tour.make("summarise_lists", &none, json!({ "list_ids": [made.text("id")] }), 200).await;
    let campaign = tour.harness.campaign(json!({ "name": "a", "lists": [made.text("id")] })).await;
    tour.make("delete_list", &list, Value::Null, 409).await;
    tour.make("delete_campaign", &at("campaigns", &campaign), Value::Null, 204).await;
    tour.make("delete_list", &list, Value::Null, 204).await;
}

async fn exclusions(tour: &mut Tour) {
    let none = Ids::new();
    let made = tour.make("create_exclusion", &none, json!({ "phone": "06 12 34 56 78" }), 201).await;
    assert_eq!(made.header("location"), "/v1/exclusions/+33612345678");
    let phone = at("exclusions", "+33612345678");
    tour.make("list_exclusions", &none, Value::Null, 200).await;
    let shown = tour.make("get_exclusion", &phone, Value::Null, 200).await;
    assert_eq!(shown.header("etag"), made.header("etag"));
    tour.make("delete_exclusion", &phone, Value::Null, 204).await;
    tour.make("get_exclusion", &phone, Value::Null, 404).await;
    tour.make("import_exclusions", &none, json!({ "values": ["0612345679"] }), 201).await;
    tour.harness.settle().await;
    tour.make("export_exclusions", &none, Value::Null, 303).await;
}

async fn templates_and_the_like(tour: &mut Tour) {
    let none = Ids::new();
    let template = tour.make("create_template", &none, json!({ "name": "a", "text": "Bonjour" }), 201).await;
    let template = at("templates", &template.text("id"));
    tour.make("list_templates", &none, Value::Null, 200).await;
    tour.make("get_template", &template, Value::Null, 200).await;
    tour.make("update_template", &template, json!({ "name": "b" }), 200).await;
    let stands = tour.both("update_template", &template, [json!({ "name": "c" }), json!({ "sender": "ENVOL" })]).await;
    assert_eq!((&stands["name"], &stands["sender"]), (&json!("c"), &json!("ENVOL")));
    tour.race("delete_template", &template, [Value::Null, Value::Null]).await;
    let image = tour.make("create_image", &none, json!({ "content_type": "image/gif", "size": 9 }), 201).await;
    tour.make("get_image", &at("images", &image.text("id")), Value::Null, 200).await;
    tour.make("preview_message", &none, json!({ "text": "Bonjour" }), 200).await;
}

/// A campaign for tomorrow.
async fn ready_tomorrow(tour: &mut Tour) -> Ids {
    let list = tour.harness.list("Trois", contacts(numbers(0..3))).await;
    let settings = json!({ "name": "Demain", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "at": "2026-12-02T09:00:00" } });
    let made = tour.make("create_campaign", &Ids::new(), settings, 201).await;
    let campaign = at("campaigns", &made.text("id"));
    tour.make("estimate_campaign", &campaign, Value::Null, 200).await;
    tour.make("validate_campaign", &campaign, Value::Null, 200).await;
    campaign
}

async fn drafts(tour: &mut Tour) {
    let campaign = ready_tomorrow(tour).await;
    tour.make("list_campaigns", &Ids::new(), Value::Null, 200).await;
    tour.make("get_campaign", &campaign, Value::Null, 200).await;
    tour.make("update_campaign", &campaign, json!({ "name": "b" }), 409).await;
    tour.make("get_campaign_report", &campaign, Value::Null, 409).await;
    tour.make("edit_campaign", &campaign, Value::Null, 200).await;
    tour.make("update_campaign", &campaign, json!({ "name": "b" }), 200).await;
    tour.make("test_campaign", &campaign, json!({ "phones": ["0600000020"] }), 200).await;
    tour.make("clone_campaign", &campaign, Value::Null, 201).await;
    tour.make("validate_campaign", &campaign, Value::Null, 200).await;
    tour.make("cancel_campaign", &campaign, Value::Null, 200).await;
}

async fn sent(tour: &mut Tour) {
    // 02 expires, which a retry may change.
    let list = tour.harness.list("Quatre", contacts(numbers(0..3).chain(["0600000002".to_owned()]))).await;
    let settings = json!({ "name": "Lente", "lists": [list], "message": { "text": "Bonjour", "stop": true },
        "schedule": { "pace_per_hour": 60 } });
    let campaign = at("campaigns", &tour.harness.campaign(settings).await);
    let id = campaign["campaigns"].clone();
    tour.harness.validate(&id).await;
    tour.harness.until(&id, "sending").await;
    tour.make("delete_campaign", &campaign, Value::Null, 409).await;
    tour.make("pause_campaign", &campaign, Value::Null, 200).await;
    tour.make("resume_campaign", &campaign, Value::Null, 200).await;
    tour.make("update_campaign_pace", &campaign, json!({ "pace_per_hour": null }), 200).await;
    tour.harness.until(&id, "finished").await;
    tour.make("update_campaign_pace", &campaign, json!({ "pace_per_hour": 5 }), 409).await;
    for (name, status) in [
        ("get_campaign_stats", 200),
        ("list_recipients", 200),
        ("get_campaign_links", 200),
        ("get_campaign_report", 303),
        ("retry_failed", 201),
        ("delete_campaign", 204),
    ] {
        tour.make(name, &campaign, Value::Null, status).await;
    }
    tour.harness.pass(Duration::from_secs(60)).await;
}

/// A list so large that dispatch counts it.
async fn counted_later(tour: &mut Tour) {
    let list = tour.harness.list("Grande", contacts(numbers(0..3))).await;
    let store = tour.harness.store.account(&tour.harness.account);
    let found = store.list(&list.parse().unwrap()).await.unwrap().unwrap();
    store.put_list(List { contacts: COUNTED_LATER, ..found }).await.unwrap();
    let settings = json!({ "name": "Grande", "lists": [list], "message": { "text": "Bonjour", "stop": true } });
    let campaign = at("campaigns", &tour.harness.campaign(settings).await);
    let answer = tour.make("estimate_campaign", &campaign, Value::Null, 202).await;
    assert_eq!((answer.header("retry-after"), answer.value("counting")), ("2", &json!(0.0)));
    tour.make("validate_campaign", &campaign, Value::Null, 202).await;
    tour.harness.settle().await;
    tour.make("estimate_campaign", &campaign, Value::Null, 200).await;
}
