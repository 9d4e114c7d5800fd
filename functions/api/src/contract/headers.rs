//! Headers of requests and responses, as in the document.

use serde_json::{Map, Value, json};
use web::Language;

use super::operation::{Answers, OperationSpec};
use super::schema::Localized;

/// A key is printable ASCII (`gate::idempotency`).
const IDEMPOTENCY_KEY: &str = "^[!-~]+$";

/// The headers of responses, defined once.
pub fn components(language: Language) -> Value {
    let header = |english, french, schema: Value| json!({ "description": Localized { english, french }.of(language), "schema": schema });
    let count = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "RequestId": header("Names the request here, in problems and in the log", "Nomme la requête ici, dans les problèmes et dans le journal", json!({ "type": "string", "pattern": "^req_[0-9a-f]{24}$" })),
        "RateLimitLimit": header("Requests that the account may make at once, at one running instance", "Requêtes que le compte peut faire d’un coup, auprès d’une instance en marche", count()),
        "RateLimitRemaining": header("How many of them are left", "Combien il en reste", count()),
        "RateLimitReset": header("Seconds until all of them are back", "Secondes jusqu’à ce que toutes soient revenues", count()),
        "RetryAfter": header("Seconds after which trying again makes sense", "Secondes après lesquelles réessayer a un sens", json!({ "type": "integer", "minimum": 1 })),
        "ETag": header("The version; pass it as `If-Match`", "La version ; à passer comme `If-Match`", json!({ "type": "string", "pattern": "^\"[0-9a-z]+\"$" })),
        "Location": header("Where it is", "Où il se trouve", json!({ "type": "string", "format": "uri-reference" })),
        "IdempotencyReplayed": header("`true` when the answer was kept from before", "`true` quand la réponse avait été gardée", json!({ "type": "string", "enum": ["true"] })),
        "WwwAuthenticate": header("How to authenticate", "Comment s’authentifier", json!({ "type": "string" })),
    })
}

/// A header by its name among the components. A reference must not have siblings, so headers that are always present
/// are written out.
fn reference(name: &str, is_always_there: bool, language: Language) -> Value {
    if !is_always_there {
        return json!({ "$ref": format!("#/components/headers/{name}") });
    }
    let mut header = components(language)[name].take();
    header["required"] = true.into();
    header
}

/// The headers of a response that is no problem.
pub fn of_answer(spec: &OperationSpec, answer: &Answers, language: Language) -> Value {
    let mut headers = Map::new();
    headers.insert("X-Request-Id".into(), reference("RequestId", true, language));
    if spec.use_case.is_some() {
        limits(&mut headers, true, language);
    }
    if spec.is_single(answer) {
        headers.insert("ETag".into(), reference("ETag", true, language));
    }
    if matches!(answer.status, 201 | 303) {
        headers.insert("Location".into(), reference("Location", true, language));
    }
    if answer.status == 202 {
        headers.insert("Retry-After".into(), reference("RetryAfter", true, language));
    }
    if spec.method == http::Method::POST {
        headers.insert("Idempotency-Replayed".into(), reference("IdempotencyReplayed", false, language));
    }
    headers.into()
}

/// The headers of a problem.
pub fn of_problem(status: u16, language: Language) -> Value {
    let mut headers = Map::new();
    headers.insert("X-Request-Id".into(), reference("RequestId", true, language));
    match status {
        401 => {
            headers.insert("WWW-Authenticate".into(), reference("WwwAuthenticate", true, language));
        }
        429 | 500 | 503 => limits(&mut headers, false, language),
        _ => limits(&mut headers, true, language),
    }
    if matches!(status, 409 | 429 | 503) {
        headers.insert("Retry-After".into(), reference("RetryAfter", status != 409, language));
    }
    headers.into()
}

fn limits(headers: &mut Map<String, Value>, are_always_there: bool, language: Language) {
    for (header, name) in [
        ("RateLimit-Limit", "RateLimitLimit"),
        ("RateLimit-Remaining", "RateLimitRemaining"),
        ("RateLimit-Reset", "RateLimitReset"),
    ] {
        headers.insert(header.into(), reference(name, are_always_there, language));
    }
}

/// The headers that an operation reads, as parameters.
pub fn of_request(spec: &OperationSpec, language: Language) -> Vec<Value> {
    let header = |name: &str, about: Localized, schema: Value| json!({ "name": name, "in": "header", "required": false, "description": about.of(language), "schema": schema });
    let mut headers = Vec::new();
    if spec.method == http::Method::POST && spec.use_case.is_some() {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 200, "pattern": IDEMPOTENCY_KEY });
        let about = Localized {
            english: "The same request twice is done once, for 24 hours",
            french: "La même requête deux fois n’est faite qu’une fois, pendant 24 heures",
        };
        headers.push(header("Idempotency-Key", about, schema));
    }
    if spec.is_conditional {
        let about = Localized {
            english: "The `ETag` of what is to be changed; 412 when it is another by now",
            french: "L’`ETag` de ce qui doit changer ; 412 s’il est autre désormais",
        };
        headers.push(header("If-Match", about, json!({ "type": "string" })));
    }
    headers
}
