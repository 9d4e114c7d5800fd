//! A harness with one of each resource, and a record of each call's responses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stories::{Answer, Harness, Receiver, contacts};

use crate::numbers;

/// A call of the document.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    /// With names in braces.
    pub path: String,
    pub described: Value,
}

impl Call {
    pub fn name(&self) -> &str {
        self.described["operationId"].as_str().unwrap()
    }

    /// The scope that it needs; `None` if it needs no key.
    pub fn scope(&self) -> Option<&str> {
        self.described["security"].as_array().unwrap().first().map(|one| one["key"][0].as_str().unwrap())
    }

    pub fn statuses(&self) -> BTreeSet<u16> {
        self.described["responses"].as_object().unwrap().keys().map(|status| status.parse().unwrap()).collect()
    }

    pub fn answers(&self, status: u16) -> bool {
        self.statuses().contains(&status)
    }

    /// The body of the document's example; empty for a call without one.
    pub fn example(&self) -> String {
        match &self.described["requestBody"]["content"]["application/json"]["example"] {
            Value::Null => String::new(),
            example => example.to_string(),
        }
    }

    pub fn is_about_one(&self) -> bool {
        self.path.contains('{')
    }
}

/// Every call of the document.
pub async fn calls(harness: &Harness) -> Vec<Call> {
    let document = harness.get("/v1/openapi.json").await.expect(200).body;
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            calls.push(Call { method: method.to_uppercase(), path: path.clone(), described: described.clone() });
        }
    }
    assert!(calls.len() > 40, "the document lost most of its calls");
    calls
}

/// Ids of one account, by the path segment before them.
pub type Ids = BTreeMap<&'static str, String>;

/// A path with ids for its parameters. Fails for a parameter without a known id: create one in `own`.
pub fn filled(path: &str, ids: &Ids) -> String {
    let mut before = "";
    let parts = path.split('/').map(|part| {
        let is_parameter = part.starts_with('{');
        let known =
            is_parameter.then(|| ids.get(before).unwrap_or_else(|| panic!("no id is known for {path}")).clone());
        before = part;
        known.unwrap_or_else(|| part.to_owned())
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The ids of an account, and the endpoint of its webhook.
pub struct Owned {
    ids: Ids,
    _receiver: Receiver,
}

impl std::ops::Deref for Owned {
    type Target = Ids;
    fn deref(&self) -> &Ids {
        &self.ids
    }
}

/// Creates one of everything that has an id.
pub async fn own(harness: &Harness) -> Owned {
    let list = harness.list("Une liste", contacts(numbers(0..20))).await;
    let settings = json!({ "name": "Une campagne", "lists": [list], "message": { "text": "Bonjour", "stop": true } });
    let campaign = harness.campaign(settings).await;
    let made = async |path: &str, body: Value| harness.post(path, body).await.expect(201).text("id");
    let template = made("/v1/templates", json!({ "name": "Un modèle", "text": "Bonjour" })).await;
    let image = made("/v1/images", json!({ "content_type": "image/png", "size": 100 })).await;
    let key = made("/v1/account/keys", json!({ "name": "Une clé", "scopes": ["read"] })).await;
    let email = format!("{}@example.com", &key[4..]);
    let user = made("/v1/account/users", json!({ "email": email, "role": "viewer" })).await;
    harness.post("/v1/exclusions", json!({ "phone": "+33612000001" })).await.expect(201);
    let receiver = Receiver::open().await;
    let webhook = json!({ "url": receiver.url, "events": ["contact.stopped"] });
    let webhook = made("/v1/account/webhooks", webhook).await;
    let delivery = made(&format!("/v1/account/webhooks/{webhook}/test"), json!({})).await;
    let erasure = json!({ "phone": "+33612000002" });
    let erasure = harness.post("/v1/contacts/erase", erasure).await.expect(202).text("id");
    harness.settle().await;
    let ids = Ids::from([
        ("erasures", erasure),
        ("webhooks", webhook),
        ("deliveries", delivery),
        ("lists", list),
        ("campaigns", campaign),
        ("templates", template),
        ("images", image),
        ("keys", key),
        ("users", user),
        ("exclusions", "+33612000001".into()),
    ]);
    Owned { ids, _receiver: receiver }
}

/// Well-formed ids that do not exist.
pub fn unknown() -> Ids {
    let of = |prefix: &str| format!("{prefix}{}", "0".repeat(20));
    Ids::from([
        ("erasures", of("ers_")),
        ("lists", of("lst_")),
        ("campaigns", of("cmp_")),
        ("templates", of("tpl_")),
        ("images", of("img_")),
        ("keys", of("key_")),
        ("users", of("usr_")),
        ("webhooks", of("whk_")),
        ("deliveries", of("dlv_")),
        ("exclusions", "+33612999999".into()),
    ])
}

/// The recorded responses of calls.
#[derive(Debug, Default)]
pub struct Seen(BTreeSet<(String, u16)>);

impl Seen {
    /// Records a response, and fails if the document does not have it.
    #[track_caller]
    pub fn note(&mut self, call: &Call, answer: &Answer) {
        let body = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(call.answers(answer.status), "{} answers {}: {body}", call.name(), answer.status);
        assert!(answer.header("x-request-id").starts_with("req_"), "{} has no request id", call.name());
        if answer.status >= 400 {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{} {body}", call.name());
        }
        self.0.insert((call.name().to_owned(), answer.status));
    }

    /// Records a response that must have this status.
    #[track_caller]
    pub fn expect(&mut self, call: &Call, answer: &Answer, status: u16) {
        let body = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, status, "{} {}: {body}", call.method, call.path);
        self.note(call, answer);
    }

    /// Documented responses that were not seen.
    pub fn missing(&self, calls: &[Call]) -> Vec<String> {
        let mut missing = Vec::new();
        for call in calls {
            // 500 is our own error: if it could be provoked, it would be fixed.
            for status in call.statuses().into_iter().filter(|status| *status != 500) {
                if !self.0.contains(&(call.name().to_owned(), status)) {
                    missing.push(format!("{} {status}", call.name()));
                }
            }
        }
        missing
    }
}
