//! What all calls have in common: authentication, invalid requests, missing resources, conflicts, repeats, rate limits,
//! unavailable tables.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use stories::{Answer, Harness};

use super::tour::{Call, Ids, Seen, calls, filled, own, unknown};

/// Larger than any body that is read, and smaller than the limits of API Gateway and Lambda.
const TOO_LARGE_BYTES: usize = 5 * 1024 * 1024 + 1;

async fn ask(harness: &Harness, call: &Call, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    harness.ask(&call.method, path, headers, body).await
}

/// Keys that each lack one scope.
async fn keys_without(harness: &Harness) -> BTreeMap<&'static str, String> {
    let all = ["read", "write", "send", "admin"];
    let mut keys = BTreeMap::new();
    for lacking in all {
        let scopes: Vec<_> = all.into_iter().filter(|scope| *scope != lacking).collect();
        let made = harness.post("/v1/account/keys", json!({ "name": lacking, "scopes": scopes })).await.expect(201);
        keys.insert(lacking, format!("Bearer {}", made.text("key")));
    }
    keys
}

/// The errors that every call with a key has in common.
pub async fn errors(harness: &Harness, ids: &Ids, seen: &mut Seen) {
    let keys = keys_without(harness).await;
    for call in calls(harness).await {
        let (path, example) = (filled(&call.path, ids), call.example());
        let Some(scope) = call.scope() else { continue };
        // This many requests exceed an account's burst.
        harness.pass(Duration::from_secs(2)).await;
        seen.expect(&call, &ask(harness, &call, &path, &[("authorization", "")], &example).await, 401);
        let lacking = [("authorization", keys[scope].as_str())];
        seen.expect(&call, &ask(harness, &call, &path, &lacking, &example).await, 403);
        seen.expect(&call, &ask(harness, &call, &format!("{path}?no_such=1"), &[], &example).await, 400);
        if call.is_about_one() {
            let nowhere = filled(&call.path, &unknown());
            seen.expect(&call, &ask(harness, &call, &nowhere, &[], &example).await, 404);
            let nonsense = filled(&call.path, &ids.keys().map(|of| (*of, "%00x".to_owned())).collect());
            seen.expect(&call, &ask(harness, &call, &nonsense, &[], &example).await, 404);
        }
        if call.answers(413) {
            bodies(harness, &call, &path, seen).await;
        }
        if call.answers(412) {
            let other = [("if-match", "\"another\"")];
            seen.expect(&call, &ask(harness, &call, &path, &other, &example).await, 412);
        }
    }
}

/// Bodies that do not match the document.
async fn bodies(harness: &Harness, call: &Call, path: &str, seen: &mut Seen) {
    for broken in ["{", "{\"a\":1,}", "nul", "\u{feff}{}", "{} {}"] {
        let answer = ask(harness, call, path, &[], broken).await;
        seen.expect(call, &answer, 400);
        assert!(answer.text("detail").contains("line 1, column"), "{}", answer.body);
    }
    let huge = json!({ "x": "x".repeat(TOO_LARGE_BYTES) }).to_string();
    seen.expect(call, &ask(harness, call, path, &[], &huge).await, 413);
    for content_type in ["text/plain", "application/json; charset=iso-8859-1", ""] {
        seen.expect(call, &ask(harness, call, path, &[("content-type", content_type)], "{}").await, 415);
    }
    let strange = ask(harness, call, path, &[], "{\"no_such_field\":1}").await;
    seen.expect(call, &strange, 422);
    let errors = strange.body["errors"].as_array().unwrap();
    let is_named = |error: &serde_json::Value| error["pointer"] == "/no_such_field" && error["code"] == "unknown_field";
    assert!(errors.iter().any(is_named), "{} {}", call.name(), strange.body);
    for value in ["null", "[]", "\"x\"", "1", "true"] {
        seen.expect(call, &ask(harness, call, path, &[], value).await, 422);
    }
}

/// Two simultaneous requests with one idempotency key: one is executed, the other gets a conflict.
pub async fn twice_at_once(harness: &Harness, ids: &Ids, seen: &mut Seen) {
    for call in calls(harness).await.into_iter().filter(|call| call.method == "POST" && call.scope().is_some()) {
        harness.pass(Duration::from_secs(1)).await;
        let (path, body, key) = (filled(&call.path, ids), call.example(), format!("twice-{}", call.name()));
        let headers = [("idempotency-key", key.as_str())];
        let both =
            tokio::join!(ask(harness, &call, &path, &headers, &body), ask(harness, &call, &path, &headers, &body));
        let refused = [&both.0, &both.1].into_iter().find(|answer| answer.header("retry-after") == "1");
        seen.expect(&call, refused.unwrap_or_else(|| panic!("{} was done twice at once", call.name())), 409);
        // A repeat gets the stored response, with its status and headers.
        let done = if both.0.header("retry-after") == "1" { both.1 } else { both.0 };
        seen.note(&call, &done);
        let again = ask(harness, &call, &path, &headers, &body).await;
        assert_eq!(again.status, done.status, "{} {}", call.name(), again.body);
        if done.status != 202 {
            assert_eq!(again.header("idempotency-replayed"), "true", "{}", call.name());
            let named = ["etag", "location", "content-type", "content-language"];
            assert_eq!(named.map(|name| again.header(name)), named.map(|name| done.header(name)), "{}", call.name());
        }
        let other = ask(harness, &call, &path, &headers, "{\"no_such_field\":1}").await;
        seen.expect(&call, &other, 422);
    }
    harness.settle().await;
}

/// Every call of an API with a very low rate limit, and of one without tables.
pub async fn outages(harness: &Harness, ids: &Ids, seen: &mut Seen) {
    let slow = super::limits::router(harness, &[("RATE_PER_SECOND", "1"), ("RATE_BURST", "1")]);
    let blind = super::limits::router(harness, &[("ACCOUNTS_TABLE", "no-such-table")]);
    for call in calls(harness).await.into_iter().filter(|call| call.scope().is_some()) {
        let path = filled(&call.path, ids);
        super::limits::ask(&slow, harness, "GET", "/v1/account", "").await;
        let answer = super::limits::ask(&slow, harness, &call.method, &path, &call.example()).await;
        seen.expect(&call, &answer, 429);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
        let answer = super::limits::ask(&blind, harness, &call.method, &path, &call.example()).await;
        seen.expect(&call, &answer, 503);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    }
}

#[tokio::test]
async fn a_path_says_what_may_be_done_with_it() {
    let harness = Harness::new().await;
    let ids = own(&harness).await;
    let calls = calls(&harness).await;
    for call in &calls {
        let path = filled(&call.path, &ids);
        let allow = harness.ask("OPTIONS", &path, &[], "").await.expect(204).header("allow").to_owned();
        let same_path = calls.iter().filter(|other| other.path == call.path);
        for method in same_path.map(|other| other.method.as_str()).chain(["OPTIONS"]) {
            assert!(allow.split(',').any(|allowed| allowed == method), "{method} {path}: {allow}");
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            if !allow.split(',').any(|allowed| allowed == method) {
                let refused = harness.ask(method, &path, &[], "").await.expect(405);
                assert_eq!(format!("{},OPTIONS", refused.header("allow")), allow, "{method} {path}");
            }
        }
        let asked = [("origin", "https://app.example"), ("access-control-request-method", call.method.as_str())];
        let headers = ("access-control-request-headers", "authorization,idempotency-key,if-match,content-type");
        let preflight = harness.ask("OPTIONS", &path, &[asked[0], asked[1], headers, ("authorization", "")], "").await;
        let allowed = preflight.expect(204).header("access-control-allow-headers").to_owned();
        for name in ["authorization", "idempotency-key", "if-match", "content-type"] {
            assert!(allowed.contains(name), "{allowed}");
        }
    }
    harness.end().await;
}
