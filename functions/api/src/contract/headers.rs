//! What travels beside the bodies: headers of requests and of answers, as the document has them.

use serde_json::{Map, Value, json};

use super::operation::{Answers, Rule};

/// A key is printable ASCII (`gate::once`).
const IDEMPOTENCY_KEY: &str = "^[!-~]+$";

/// The headers of answers, once for all.
pub fn components() -> Value {
    let header = |about: &str, schema: Value| json!({ "description": about, "schema": schema });
    let count = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "RequestId": header("Names the request here, in problems and in the log", json!({ "type": "string", "pattern": "^req_[0-9a-f]{24}$" })),
        "RateLimitLimit": header("Requests that the account may make at once, at one running instance", count()),
        "RateLimitRemaining": header("How many of them are left", count()),
        "RateLimitReset": header("Seconds until all of them are back", count()),
        "RetryAfter": header("Seconds after which trying again makes sense", json!({ "type": "integer", "minimum": 1 })),
        "ETag": header("The version; pass it as `If-Match`", json!({ "type": "string", "pattern": "^\"[0-9a-z]+\"$" })),
        "Location": header("Where it is", json!({ "type": "string", "format": "uri-reference" })),
        "IdempotencyReplayed": header("`true` when the answer was kept from before", json!({ "type": "string", "enum": ["true"] })),
        "WwwAuthenticate": header("How to authenticate", json!({ "type": "string" })),
    })
}

/// A header by its name among the components. A reference has no siblings that count, so what is always there is
/// written out.
fn reference(name: &str, is_always_there: bool) -> Value {
    if !is_always_there {
        return json!({ "$ref": format!("#/components/headers/{name}") });
    }
    let mut header = components()[name].take();
    header["required"] = true.into();
    header
}

/// The headers of an answer that is no problem.
pub fn of_answer(rule: &Rule, answer: &Answers) -> Value {
    let mut headers = Map::new();
    headers.insert("X-Request-Id".into(), reference("RequestId", true));
    if rule.scope.is_some() {
        limits(&mut headers, true);
    }
    if rule.is_single(answer) {
        headers.insert("ETag".into(), reference("ETag", true));
    }
    if matches!(answer.status, 201 | 303) {
        headers.insert("Location".into(), reference("Location", true));
    }
    if answer.status == 202 {
        headers.insert("Retry-After".into(), reference("RetryAfter", true));
    }
    if rule.method == http::Method::POST {
        headers.insert("Idempotency-Replayed".into(), reference("IdempotencyReplayed", false));
    }
    headers.into()
}

/// The headers of a problem.
pub fn of_problem(status: u16) -> Value {
    let mut headers = Map::new();
    headers.insert("X-Request-Id".into(), reference("RequestId", true));
    match status {
        401 => {
            headers.insert("WWW-Authenticate".into(), reference("WwwAuthenticate", true));
        }
        429 | 500 | 503 => limits(&mut headers, false),
        _ => limits(&mut headers, true),
    }
    if matches!(status, 409 | 429 | 503) {
        headers.insert("Retry-After".into(), reference("RetryAfter", status != 409));
    }
    headers.into()
}

fn limits(headers: &mut Map<String, Value>, are_always_there: bool) {
    for (header, name) in [
        ("RateLimit-Limit", "RateLimitLimit"),
        ("RateLimit-Remaining", "RateLimitRemaining"),
        ("RateLimit-Reset", "RateLimitReset"),
    ] {
        headers.insert(header.into(), reference(name, are_always_there));
    }
}

/// The headers that an operation reads, as parameters.
pub fn of_request(rule: &Rule) -> Vec<Value> {
    let header = |name: &str, about: &str, schema: Value| json!({ "name": name, "in": "header", "required": false, "description": about, "schema": schema });
    let mut headers = Vec::new();
    if rule.method == http::Method::POST && rule.scope.is_some() {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 200, "pattern": IDEMPOTENCY_KEY });
        headers.push(header("Idempotency-Key", "The same request twice is done once, for 24 hours", schema));
    }
    if rule.is_conditional {
        let about = "The `ETag` of what is to be changed; 412 when it is another by now";
        headers.push(header("If-Match", about, json!({ "type": "string" })));
    }
    headers
}
