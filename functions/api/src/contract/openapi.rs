//! The contract as an OpenAPI 3.1 document: every status, header and schema by name; others do not occur.

use domain::delivery::TRIES_MAX;
use domain::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use serde_json::{Map, Value, json};
use web::Language;
use web::problem::{CONTENT_TYPE_PROBLEM, Kind};

use super::example::{TAIL, example};
use super::operation::{Answers, OperationSpec};
use super::schema::Localized;
use super::shape::{ID_TAIL, Side, shape};
use super::{french, headers, reference};
use crate::account::Call;

const ABOUT: &str = "SMS campaigns: contacts, messages, sending, statistics.\n\n\
Authenticate with `Authorization: Bearer envol_…`. A key carries scopes; each call names the one that it needs.\n\n\
Listings answer `{items, next}`; pass `next` as `cursor`. A `GET` may be a `HEAD`. Unknown fields and parameters are \
refused.\n\n\
Problems follow RFC 9457, in French or English by `Accept-Language`; `errors` names every fault with its `code`, JSON \
`pointer` and `detail`.\n\n\
Every `POST` takes an `Idempotency-Key`: the same key with the same body gets the same answer for 24 hours. 4xx answers \
are replayed too: fix the request and use a new key. Temporary errors are not stored (429, 5xx, 202, and a 409 because \
another request was faster): retry with the same key. A secret is shown once, so a replay has `null` in its place.\n\n\
`PATCH` is a JSON merge patch (RFC 7396): an absent field stays as it is, `null` removes it. Single resources carry an \
`ETag`; changes honour `If-Match`.\n\n\
Each account has a limit of requests a second; `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say how \
many are left, and 429 comes with `Retry-After`. An address that fails to authenticate too often has to wait too. On \
AWS the gateway may answer before Envol, with `{\"message\": …}` instead of a problem: 413, 429, 431, 500 and 503.";

/// What all calls have in common.
pub fn about(language: Language) -> &'static str {
    Localized { english: ABOUT, french: french::ABOUT }.of(language)
}

/// The document of these operations, and of the requests that we send to webhooks.
pub fn document(specs: &[&OperationSpec], calls: &[Call], language: Language) -> Value {
    let mut components = Map::new();
    let mut paths = Map::new();
    for spec in specs {
        let operation = operation(spec, &mut components, language);
        let path = paths.entry(spec.route()).or_insert_with(|| json!({}));
        path[spec.method.as_str().to_ascii_lowercase()] = operation;
    }
    let webhooks: Map<_, _> =
        calls.iter().map(|call| (call.kind.code().to_owned(), webhook(call, &mut components, language))).collect();
    components.insert("Problem".into(), problem(language));
    let statuses = [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503];
    let responses: Map<_, _> =
        statuses.map(|status| (response_name(status), problem_response(status, language))).into_iter().collect();
    let said = |english, french| Localized { english, french }.of(language);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Envol",
            "version": "1",
            "summary": said("SMS campaigns over HTTPS", "Campagnes SMS par HTTPS"),
            "description": format!("{}\n\n{}", about(language), reference::markdown(language)),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "tags": tags(specs, calls),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": components,
            "responses": responses,
            "headers": headers::components(language),
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "envol_<id>_<secret>" } },
        },
    })
}

fn tags(specs: &[&OperationSpec], calls: &[Call]) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    let tags = specs.iter().map(|spec| spec.tag).chain(calls.first().map(|_| WEBHOOKS));
    tags.filter(|tag| seen.insert(*tag)).map(|tag| json!({ "name": tag })).collect()
}

fn operation(spec: &OperationSpec, components: &mut Map<String, Value>, language: Language) -> Value {
    let mut parameters: Vec<Value> = spec.path_parameters().map(|(of, name)| path_parameter(of, name)).collect();
    for param in spec.query() {
        let schema = shape(&param.schema, Side::Request, components, language);
        parameters.push(json!({ "name": param.name, "in": "query", "required": false, "schema": schema }));
    }
    parameters.extend(headers::of_request(spec, language));
    let mut responses = Map::new();
    for answer in &spec.answers {
        responses.insert(answer.status.to_string(), response(spec, answer, components, language));
    }
    for status in spec.problems() {
        let reference = format!("#/components/responses/{}", response_name(status));
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    let id = operation_id(spec);
    let mut operation = json!({
        "tags": [spec.tag],
        "operationId": id,
        "summary": spec.summary.of(language),
        "parameters": parameters,
        "responses": responses,
    });
    match spec.scope() {
        Some(scope) => {
            operation["description"] =
                format!("{} `{}`.", Localized { english: "Scope", french: "Droit" }.of(language), scope.code()).into();
            operation["security"] = json!([{ "key": [scope.code()] }]);
        }
        None => operation["security"] = json!([]),
    }
    if let Some(body) = &spec.body {
        let schema = shape(body, Side::Request, components, language);
        let example = spec.example.clone().unwrap_or_else(|| example(body));
        let content = json!({ "application/json": { "schema": schema, "example": example } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// The group of the requests that we send.
const WEBHOOKS: &str = "webhooks";
const CALLS: &str = "Standard Webhooks: `webhook-id` is the same at every try, so that a repeat can be dropped; \
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256, by the secret after `whsec_` decoded from base64, over \
`<webhook-id>.<webhook-timestamp>.<body>`; for a day after a rotation there are two, separated by a space. Any 2xx within \
10 seconds is a delivery; anything else is tried again: {tries} tries in all, over a day. 410 disables the webhook.";

/// A request to a webhook.
fn webhook(call: &Call, components: &mut Map<String, Value>, language: Language) -> Value {
    let header = |name: &str| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" } });
    let headers = [ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER].map(header);
    let content = json!({ "schema": shape(&call.body, Side::Answer, components, language), "example": call.example });
    let said = |english, french| Localized { english, french }.of(language);
    let id = format!("on_{}", call.kind.code().replace('.', "_"));
    json!({ "post": {
        "tags": [WEBHOOKS],
        "operationId": id,
        "summary": call.about.of(language),
        "description": said(CALLS, french::CALLS).replace("{tries}", &TRIES_MAX.to_string()),
        "security": [],
        "parameters": headers,
        "requestBody": { "required": true, "content": { "application/json": content } },
        "responses": {
            "2XX": { "description": said("Delivered", "Remis") },
            "410": { "description": said("Gone: the webhook is disabled", "Disparu : le webhook est désactivé") },
        },
    } })
}

/// What the ids below a part of a path begin with.
const PREFIXES: [(&str, &str); 9] = [
    ("campaigns", "cmp_"),
    ("lists", "lst_"),
    ("templates", "tpl_"),
    ("images", "img_"),
    ("keys", "key_"),
    ("users", "usr_"),
    ("webhooks", "whk_"),
    ("links", "lnk_"),
    ("deliveries", "dlv_"),
];

fn path_parameter(of: &str, name: &str) -> Value {
    let prefix = PREFIXES.iter().find(|(part, _)| *part == of).map(|(_, prefix)| *prefix);
    let (schema, example) = match (prefix, name) {
        (Some(prefix), _) => {
            (json!({ "type": "string", "pattern": format!("^{prefix}{ID_TAIL}$") }), format!("{prefix}{TAIL}"))
        }
        (None, "phone") => (json!({ "type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$" }), "+33612345678".to_owned()),
        (None, _) => (json!({ "type": "string", "minLength": 1 }), TAIL.to_owned()),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "example": example })
}

/// The name of a call: a verb and an object, for generated clients.
pub fn operation_id(spec: &OperationSpec) -> String {
    if let Some(named) = spec.named {
        return named.into();
    }
    let parts: Vec<&str> = spec.path.split('/').filter(|part| !part.is_empty() && *part != "account").collect();
    let words = |parts: &[&str]| -> String {
        let names = parts.iter().filter(|part| !part.starts_with('{')).map(|part| part.replace(['-', '.'], "_"));
        names.collect::<Vec<_>>().join("_")
    };
    let one = |name: &str| name.strip_suffix('s').unwrap_or(name).replace('-', "_");
    let is_page = spec.is_listing;
    match (spec.method.as_str(), parts.as_slice()) {
        ("GET", []) => "get_account".into(),
        ("PATCH", []) => "update_account".into(),
        ("GET", [all]) if is_page || all.ends_with('s') => format!("list_{}", words(&[all])),
        ("POST", [all]) => format!("create_{}", one(all)),
        ("POST", [all, id, verb]) if id.starts_with('{') => format!("{}_{}", verb.replace('-', "_"), one(all)),
        ("GET", [all, id]) if id.starts_with('{') => format!("get_{}", one(all)),
        ("PATCH", [all, id]) if id.starts_with('{') => format!("update_{}", one(all)),
        ("DELETE", [all, id]) if id.starts_with('{') => format!("delete_{}", one(all)),
        ("GET", [all, _, rest]) if is_page => format!("list_{}_{}", one(all), words(&[rest])),
        ("PATCH", [all, _, rest]) => format!("update_{}_{}", one(all), words(&[rest])),
        ("GET", [all, rest @ ..]) if !rest.is_empty() => format!("get_{}_{}", one(all), words(rest)),
        (method, parts) => format!("{}_{}", method.to_ascii_lowercase(), words(parts)),
    }
}

fn response(spec: &OperationSpec, answer: &Answers, components: &mut Map<String, Value>, language: Language) -> Value {
    let headers = headers::of_answer(spec, answer, language);
    let mut response = json!({ "description": answer.about.of(language), "headers": headers });
    if let Some(body) = &answer.schema {
        let content = json!({ "schema": shape(body, Side::Answer, components, language), "example": example(body) });
        response["content"] = json!({ "application/json": content });
    }
    response
}

fn kinds_of(status: u16) -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(move |kind| kind.status() == status)
}

/// `UnsupportedMediaType` for 415.
fn response_name(status: u16) -> String {
    kinds_of(status).next().map(|kind| format!("{kind:?}")).unwrap_or_default()
}

fn problem_response(status: u16, language: Language) -> Value {
    let titles: Vec<_> = kinds_of(status).map(|kind| kind.title(language)).collect();
    let mut content = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    if let Some(kind) = kinds_of(status).next() {
        content["example"] = problem_example(kind, language);
    }
    json!({
        "description": titles.join(Localized { english: ", or: ", french: ", ou : " }.of(language)),
        "headers": headers::of_problem(status, language),
        "content": { CONTENT_TYPE_PROBLEM: content },
    })
}

fn problem_example(kind: Kind, language: Language) -> Value {
    let mut example = json!({
        "type": kind.type_uri(),
        "title": kind.title(language),
        "status": kind.status(),
        "instance": "req_6b1f0e4d8c2a4f5e9d7c3b21",
    });
    if kind == Kind::Invalid {
        let detail = Localized {
            english: "there is no such field; did you mean `text`?",
            french: "ce champ n’existe pas ; vouliez-vous dire `text` ?",
        };
        let detail = detail.of(language);
        example["detail"] = detail.into();
        example["errors"] = json!([{ "code": "unknown_field", "pointer": "/message/txt", "detail": detail }]);
    }
    example
}

fn problem(language: Language) -> Value {
    let said = |english, french| Localized { english, french }.of(language);
    let fault = json!({
        "type": "object",
        "required": ["code", "pointer", "detail"],
        "properties": {
            "code": { "type": "string", "description": said("Stable, for programs", "Stable, pour les programmes") },
            "pointer": { "type": "string", "description": said("JSON pointer into the body, or ?parameter", "Pointeur JSON dans le corps, ou ?paramètre") },
            "detail": { "type": "string", "description": said("For people, in the language of the request", "Pour les humains, dans la langue de la requête") },
        },
    });
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.type_uri()).collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": { "type": "string", "format": "uri", "enum": kinds },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string" },
            "instance": { "type": "string", "description": said("Id of the request, as in `X-Request-Id`", "Identifiant de la requête, comme dans `X-Request-Id`") },
            "errors": { "type": "array", "items": fault },
        },
    })
}
