//! What every API call has in common: keys, problems, bodies, pages, repeated requests, versions.

use serde_json::{Value, json};
use stories::Harness;

const PROBLEM: &str = "application/problem+json";

#[tokio::test]
async fn health_needs_no_key_and_everything_else_needs_one() {
    let harness = Harness::new().await;
    let healthy = harness.ask("GET", "/v1/health", &[("authorization", "")], "").await.expect(200);
    assert_eq!(healthy.text("status"), "ok");
    for key in ["", "Bearer envol_x_y", "Basic abc", "Bearer envol_00000000000000000000_00"] {
        let refused = harness.ask("GET", "/v1/account", &[("authorization", key)], "").await.expect(401);
        assert_eq!((refused.header("content-type"), refused.header("www-authenticate")), (PROBLEM, "Bearer"));
    }
    harness.end().await;
}

#[tokio::test]
async fn a_problem_is_precise_in_the_language_of_the_request() {
    let harness = Harness::new().await;
    let body = json!({ "name": "", "kind": "promo", "message": { "txt": "x", "links": [{ "name": "a", "url": 1 }] } });
    let french =
        harness.ask("POST", "/v1/campaigns", &[("accept-language", "fr-FR")], &body.to_string()).await.expect(422);
    assert_eq!((french.header("content-type"), french.header("content-language")), (PROBLEM, "fr"));
    assert_eq!(french.text("type"), "tag:envol.example,2026:problem/invalid");
    assert_eq!(french.text("instance"), french.header("x-request-id"));
    let faults: Vec<_> = french.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].as_str(), fault["code"].as_str()))
        .collect();
    for expected in [
        ("/name", "too_short"),
        ("/kind", "not_one_of"),
        ("/message/txt", "unknown_field"),
        ("/message/links/0/url", "wrong_type"),
    ] {
        assert!(faults.contains(&(Some(expected.0), Some(expected.1))), "{faults:?}");
    }
    assert!(french.body.to_string().contains("caractère"), "{}", french.body);
    let english = harness.ask("POST", "/v1/campaigns", &[], &body.to_string()).await.expect(422);
    assert!(english.body.to_string().contains("at least 1 character"), "{}", english.body);
    harness.end().await;
}

#[tokio::test]
async fn bodies_are_json_of_the_right_type_and_size() {
    let harness = Harness::new().await;
    for (body, headers, status) in [
        ("{", vec![], 400),
        ("", vec![], 400),
        ("{\"name\":\"a\"}", vec![("content-type", "text/plain")], 415),
        ("{\"name\":\"a\"}", vec![("content-type", "")], 415),
        ("[]", vec![], 422),
        ("null", vec![], 422),
    ] {
        let answer = harness.ask("POST", "/v1/campaigns", &headers, body).await.expect(status);
        assert_eq!(answer.header("content-type"), PROBLEM);
    }
    let huge = json!({ "name": "x".repeat(300 * 1024) }).to_string();
    harness.ask("POST", "/v1/campaigns", &[], &huge).await.expect(413);
    let campaign = harness.campaign(json!({ "name": "a" })).await;
    // A command takes no body, or an empty one; anything else may be a mistake.
    harness.ask("POST", &format!("/v1/campaigns/{campaign}/estimate"), &[("content-type", "")], "").await.expect(200);
    harness.ask("POST", &format!("/v1/campaigns/{campaign}/estimate"), &[], "{\"force\":true}").await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_problems_too() {
    let harness = Harness::new().await;
    for (method, path, status) in [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/campaigns/cmp_1", 404),
        ("GET", "/v1/campaigns/lst_00000000000000000000", 404),
        ("PUT", "/v1/campaigns", 405),
    ] {
        let answer = harness.ask(method, path, &[], "").await.expect(status);
        assert_eq!(answer.header("content-type"), PROBLEM, "{method} {path}");
    }
    harness.end().await;
}

#[tokio::test]
async fn pages_are_complete_and_cursors_are_opaque_and_verified() {
    let harness = Harness::new().await;
    for n in 0..5 {
        harness.campaign(json!({ "name": format!("Campagne {n}") })).await;
        harness.pass(std::time::Duration::from_secs(1)).await;
    }
    let mut names = Vec::new();
    let mut path = "/v1/campaigns?limit=2".to_owned();
    loop {
        let page = harness.get(&path).await.expect(200);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/campaigns?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Campagne 4", "Campagne 3", "Campagne 2", "Campagne 1", "Campagne 0"]);
    for query in ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "page=2", "view=old", "limit=1&limit=2"] {
        harness.get(&format!("/v1/campaigns?{query}")).await.expect(400);
    }
    let other = harness.get("/v1/campaigns?limit=2").await.text("next");
    harness.get(&format!("/v1/lists?cursor={other}")).await.expect(400);
    let found = harness.get("/v1/campaigns?q=CAMPAGNE%203").await.expect(200);
    assert_eq!((found.body["items"].as_array().unwrap().len(), found.text("items.0.name")), (1, "Campagne 3".into()));
    harness.end().await;
}

#[tokio::test]
async fn a_repeated_request_is_executed_once() {
    let harness = Harness::new().await;
    let (key, body) = ([("idempotency-key", "abc-1")], json!({ "name": "Une" }).to_string());
    let first = harness.ask("POST", "/v1/campaigns", &key, &body).await.expect(201);
    let again = harness.ask("POST", "/v1/campaigns", &key, "{ \"name\" : \"Une\" }").await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!((again.header("idempotency-replayed"), again.header("etag")), ("true", first.header("etag")));
    assert_eq!(again.header("location"), first.header("location"));
    let reused = harness.ask("POST", "/v1/campaigns", &key, &json!({ "name": "Autre" }).to_string()).await.expect(422);
    assert_eq!(reused.text("type"), "tag:envol.example,2026:problem/idempotency-key-reused");
    assert_eq!(harness.get("/v1/campaigns").await.body["items"].as_array().unwrap().len(), 1);
    // A day later the key can be used again.
    harness.skip(std::time::Duration::from_secs(24 * 3_600 + 60)).await;
    harness.ask("POST", "/v1/campaigns", &key, &json!({ "name": "Autre" }).to_string()).await.expect(201);
    harness.ask("POST", "/v1/campaigns", &[("idempotency-key", "é")], &body).await.expect(400);
    harness.end().await;
}

#[tokio::test]
async fn of_two_writers_with_the_same_version_one_gets_a_conflict() {
    let harness = Harness::new().await;
    let campaign = harness.campaign(json!({ "name": "Une" })).await;
    let path = format!("/v1/campaigns/{campaign}");
    let seen = harness.get(&path).await.expect(200).header("etag").to_owned();
    let renamed = json!({ "name": "Deux" }).to_string();
    let first = harness.ask("PATCH", &path, &[("if-match", &seen)], &renamed).await.expect(200);
    assert_ne!(first.header("etag"), seen);
    harness.ask("PATCH", &path, &[("if-match", &seen)], &json!({ "name": "Trois" }).to_string()).await.expect(412);
    harness.ask("DELETE", &path, &[("if-match", &seen)], "").await.expect(412);
    assert_eq!(harness.get(&path).await.text("name"), "Deux");
    harness.ask("DELETE", &path, &[("if-match", first.header("etag"))], "").await.expect(204);
    harness.get(&path).await.expect(404);
    harness.end().await;
}

#[tokio::test]
async fn the_document_describes_every_call_and_the_page_shows_it() {
    let harness = Harness::new().await;
    let document = harness.ask("GET", "/v1/openapi.json", &[("authorization", "")], "").await.expect(200);
    assert_eq!(document.text("openapi"), "3.1.0");
    assert_no_loose_references(&document.body, &document.body);
    let page = harness.ask("GET", "/docs", &[("authorization", "")], "").await.expect(200);
    let page = String::from_utf8(page.bytes.to_vec()).unwrap();
    assert!(page.contains("/v1/campaigns/{id}/validate") && !page.contains("<script"));
    harness.end().await;
}

fn assert_no_loose_references(document: &Value, value: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|value| assert_no_loose_references(document, value));
        }
        Value::Array(values) => values.iter().for_each(|value| assert_no_loose_references(document, value)),
        _ => {}
    }
}

#[tokio::test]
async fn a_browser_of_any_origin_may_call_and_sees_its_limits() {
    let harness = Harness::new().await;
    let preflight =
        [("origin", "https://app.example"), ("access-control-request-method", "PATCH"), ("authorization", "")];
    let answer = harness.ask("OPTIONS", "/v1/account", &preflight, "").await.expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    let answer = harness.get("/v1/account").await.expect(200);
    for name in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
        assert!(answer.header(name).parse::<u32>().is_ok(), "{name}");
    }
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"));
    harness.end().await;
}

#[tokio::test]
async fn of_two_simultaneous_requests_one_wins_and_the_other_gets_a_conflict() {
    let harness = Harness::new().await;
    let list = harness.list("a", stories::contacts(crate::numbers(0..20))).await;
    let settings = json!({ "name": "a", "lists": [list], "message": { "text": "x", "stop": true },
        "schedule": { "at": "2026-12-03T09:00:00" } });
    let campaign = harness.campaign(settings).await;
    let both = tokio::join!(harness.command(&campaign, "validate"), harness.command(&campaign, "validate"));
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(harness.get("/v1/account").await.number("credits.reserved"), 20);
    let (key, body) = ([("idempotency-key", "k")], json!({ "name": "Une" }).to_string());
    let ask = || harness.ask("POST", "/v1/campaigns", &key, &body);
    let both = tokio::join!(ask(), ask());
    for answer in [both.0, both.1] {
        assert!(answer.status == 201 || answer.status == 409, "{}", answer.body);
    }
    assert_eq!(harness.get("/v1/campaigns?q=Une").await.body["items"].as_array().unwrap().len(), 1);
    harness.end().await;
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let harness = Harness::new().await;
    let answer = harness.ask("HEAD", "/v1/account", &[], "").await.expect(200);
    assert!(answer.bytes.is_empty() && !answer.header("etag").is_empty());
    harness.end().await;
}
