//! A copy of a campaign has all of its settings; a new setting makes this story fail until it is named here.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stories::{Harness, contacts};

use crate::numbers;

/// A schema of the document, with references resolved and without being optional.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}"));
        return resolved(document, found);
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let found = choices.iter().map(|one| resolved(document, one)).find(|one| one["type"] != "null");
            return found.unwrap_or(schema);
        }
    }
    schema
}

/// Fails unless the value has every property of the schema, at every level.
fn names_everything(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = resolved(document, schema);
    if let Some(properties) = schema["properties"].as_object() {
        let wanted: BTreeSet<_> = properties.keys().filter(|key| *key != "from_campaign").collect();
        let named: BTreeSet<_> = value.as_object().unwrap_or_else(|| panic!("no object at {at}")).keys().collect();
        assert_eq!(named, wanted, "at {at}: name every setting here, and copy it");
        for (key, schema) in properties.iter().filter(|(key, _)| *key != "from_campaign") {
            names_everything(document, schema, &value[key], &format!("{at}/{key}"));
        }
    }
    if schema["items"].is_object() {
        names_everything(document, &schema["items"], &value[0], &format!("{at}/0"));
    }
}

#[tokio::test]
async fn a_clone_and_a_loaded_campaign_have_every_setting() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let image = harness.post("/v1/images", json!({ "content_type": "image/png", "size": 100 })).await.expect(201);
    harness.put_upload(&image, &b"\x89PNG\r\n\x1a\n..............."[..]).await;
    let template = harness.post("/v1/templates", json!({ "name": "m", "text": "Salut" })).await.expect(201);
    let settings = json!({
        "name": "Soldes",
        "kind": "alert",
        "channel": "sms",
        "proof": true,
        "lists": [list],
        "message": {
            "template": template.text("id"),
            "sender": "MABOUTIQUE",
            "text": "Voir {{lien}} et {{photo}}",
            "links": [{
                "name": "lien", "url": "https://example.com",
                "expires_at": "2027-01-01T00:00:00Z", "fallback_url": "https://example.com/fini"
            }],
            "images": [{ "name": "photo", "image": image.text("id"), "expires_at": "2027-01-01T00:00:00Z" }],
            "stop": true
        },
        "schedule": { "at": "2026-12-24T09:00:00", "pace_per_hour": 20_000 }
    });
    let document = harness.get("/v1/openapi.json").await.expect(200).body;
    let body = &document["paths"]["/v1/campaigns"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    names_everything(&document, body, &settings, "");

    let campaign = harness.campaign(settings.clone()).await;
    let shown = |answer: &stories::Answer| {
        let fields = settings.as_object().unwrap().keys().map(|key| (key.clone(), answer.body[key].clone()));
        Value::Object(fields.collect())
    };
    assert_eq!(shown(&harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200)), settings);
    let mut copy = settings.clone();
    copy["name"] = json!("Soldes (copie)");
    assert_eq!(shown(&harness.command(&campaign, "clone").await.expect(201)), copy);
    copy["name"] = json!("Autre");
    let loaded = json!({ "name": "Autre", "from_campaign": campaign });
    let loaded = harness.post("/v1/campaigns", loaded).await.expect(201);
    assert_eq!(shown(&loaded), copy);
    let into = harness.campaign(json!({ "name": "Autre" })).await;
    let into = harness.patch(&format!("/v1/campaigns/{into}"), json!({ "from_campaign": campaign })).await.expect(200);
    assert_eq!(shown(&into), copy);
    harness.end().await;
}
