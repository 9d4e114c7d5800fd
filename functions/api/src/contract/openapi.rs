//! The contract as an OpenAPI 3.1 document.

use serde_json::{Map, Value, json};
use shared::domain::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use shared::http::Language;
use shared::http::problem::{CONTENT_TYPE_PROBLEM, Kind};

use super::operation::{Answers, Rule};
use super::schema::{Format, Schema, Type};
use crate::account::Call;

const ABOUT: &str = "SMS campaigns: contacts, messages, sending, statistics. \
Authenticate with `Authorization: Bearer envol_…`. Listings answer `{items, next}`; pass `next` as `cursor`. \
Problems follow RFC 9457, in French or English by `Accept-Language`. Every `POST` takes an `Idempotency-Key`: the same \
key with the same body answers the same for 24 hours. `PATCH` is a JSON merge patch (RFC 7396): a field that is absent \
stays, `null` takes it away. Single resources carry an `ETag`; changes honour `If-Match`.";

/// The document of these operations, and of the calls that we make to webhooks.
pub fn document(rules: &[&Rule], calls: &[Call]) -> Value {
    let mut components = Map::new();
    let mut paths = Map::new();
    for rule in rules {
        let operation = operation(rule, &mut components);
        let path = paths.entry(rule.route()).or_insert_with(|| json!({}));
        path[rule.method.as_str().to_ascii_lowercase()] = operation;
    }
    let webhooks: Map<_, _> =
        calls.iter().map(|call| (call.kind.code().to_owned(), webhook(call, &mut components))).collect();
    components.insert("Problem".into(), problem());
    let kinds: Vec<_> = Kind::ALL
        .iter()
        .map(|kind| format!("- `{}` ({}): {}", kind.type_uri(), kind.status(), kind.title(Language::English)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Envol",
            "version": "1",
            "summary": "SMS campaigns over HTTPS",
            "description": format!("{ABOUT}\n\nTypes of problems:\n\n{}", kinds.join("\n")),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": components,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "envol_<id>_<secret>" } },
        },
    })
}

fn operation(rule: &Rule, components: &mut Map<String, Value>) -> Value {
    let mut parameters: Vec<Value> = rule
        .path_parameters()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    for param in &rule.query {
        let schema = schema(&param.schema, components);
        parameters.push(json!({ "name": param.name, "in": "query", "required": false, "schema": schema }));
    }
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "required": false, "description": about, "schema": { "type": "string" } });
    match rule.method {
        http::Method::POST => parameters.push(header("Idempotency-Key", "The same request twice is done once")),
        http::Method::PATCH | http::Method::DELETE => {
            parameters.push(header("If-Match", "The ETag that is to be changed; another answers 412"));
        }
        _ => {}
    }
    let mut responses = Map::new();
    for answer in &rule.answers {
        responses.insert(answer.status.to_string(), response(answer, components));
    }
    let problem = json!({
        "description": "A problem",
        "content": { CONTENT_TYPE_PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    responses.insert("4XX".into(), problem.clone());
    responses.insert("5XX".into(), problem);
    let mut operation = json!({
        "tags": [rule.tag],
        "operationId": operation_id(rule),
        "summary": rule.summary,
        "parameters": parameters,
        "responses": responses,
    });
    match rule.scope {
        Some(scope) => operation["description"] = format!("Scope `{}`.", scope.code()).into(),
        None => operation["security"] = json!([]),
    }
    if let Some(body) = &rule.body {
        let schema = schema(body, components);
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

const CALLS: &str = "Standard Webhooks: `webhook-id` is the same at every try, so that a repeat can be dropped; \
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256, by the secret after `whsec_` decoded from base64, over \
`<webhook-id>.<webhook-timestamp>.<body>`; for a day after a rotation there are two, apart by a space. Any 2xx within 10 \
seconds is a delivery; anything else is tried again, 8 times over a day. 410 disables the webhook.";

/// A call to a webhook.
fn webhook(call: &Call, components: &mut Map<String, Value>) -> Value {
    let header = |name: &str| json!({ "name": name, "in": "header", "required": true, "schema": { "type": "string" } });
    let headers = [ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER].map(header);
    let content = json!({ "schema": schema(&call.body, components), "example": call.example });
    json!({ "post": {
        "tags": ["webhooks"],
        "operationId": format!("on_{}", call.kind.code().replace('.', "_")),
        "summary": call.about,
        "description": CALLS,
        "security": [],
        "parameters": headers,
        "requestBody": { "required": true, "content": { "application/json": content } },
        "responses": {
            "2XX": { "description": "Delivered" },
            "410": { "description": "Gone: the webhook is disabled" },
        },
    } })
}

fn operation_id(rule: &Rule) -> String {
    let parts = rule.path.split('/').filter(|part| !part.is_empty()).map(|part| match part.strip_prefix('{') {
        Some(name) => format!("by_{}", name.trim_end_matches('}')),
        None => part.replace(['-', '.'], "_"),
    });
    let parts: Vec<_> = parts.collect();
    format!("{}_{}", rule.method.as_str().to_ascii_lowercase(), parts.join("_"))
}

fn response(answer: &Answers, components: &mut Map<String, Value>) -> Value {
    let mut response = json!({ "description": answer.about });
    if let Some(body) = &answer.schema {
        response["content"] = json!({ "application/json": { "schema": schema(body, components) } });
    }
    response
}

fn problem() -> Value {
    let fault = json!({
        "type": "object",
        "required": ["code", "pointer", "detail"],
        "properties": {
            "code": { "type": "string", "description": "Stable, for programs" },
            "pointer": { "type": "string", "description": "JSON pointer into the body, or ?parameter" },
            "detail": { "type": "string", "description": "For people, in the language of the request" },
        },
    });
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.type_uri()).collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": { "type": "string", "format": "uri", "enum": kinds },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string", "description": "Id of the request" },
            "errors": { "type": "array", "items": fault },
        },
    })
}

fn schema(of: &Schema, components: &mut Map<String, Value>) -> Value {
    let Some(name) = of.name else { return nullable(of, inline(of, components)) };
    if !components.contains_key(name) {
        // Before its content, so that a shape that holds itself would end.
        components.insert(name.into(), Value::Null);
        let content = inline(of, components);
        components.insert(name.into(), content);
    }
    nullable(of, json!({ "$ref": format!("#/components/schemas/{name}") }))
}

fn nullable(of: &Schema, content: Value) -> Value {
    if of.is_nullable { json!({ "anyOf": [content, { "type": "null" }] }) } else { content }
}

fn inline(of: &Schema, components: &mut Map<String, Value>) -> Value {
    let mut document = match &of.of {
        Type::Text { min, max, format } => text(*min, *max, *format),
        Type::Word(words) => json!({ "type": "string", "enum": words }),
        Type::Integer { min, max: i64::MAX } => json!({ "type": "integer", "minimum": min }),
        Type::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Type::Number { min, .. } if *min == f64::MIN => json!({ "type": "number" }),
        Type::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::List { items, min, max } => {
            json!({ "type": "array", "items": schema(items, components), "minItems": min, "maxItems": max })
        }
        Type::Object(fields) => {
            let properties: Map<_, _> =
                fields.iter().map(|field| (field.name.to_owned(), schema(&field.schema, components))).collect();
            let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
        }
        Type::Map(values) => json!({ "type": "object", "additionalProperties": schema(values, components) }),
        Type::OneOf(schemas) => {
            json!({ "anyOf": schemas.iter().map(|one| schema(one, components)).collect::<Vec<_>>() })
        }
    };
    if !of.about.is_empty() {
        document["description"] = of.about.into();
    }
    document
}

fn text(min: usize, max: usize, format: Format) -> Value {
    match format {
        Format::Free | Format::Line => json!({ "type": "string", "minLength": min, "maxLength": max }),
        Format::Instant => json!({ "type": "string", "format": "date-time" }),
        Format::Phone => json!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" }),
        Format::Id(prefix) => json!({ "type": "string", "pattern": format!("^{prefix}[0-9a-z]{{20}}$") }),
        Format::Uri => json!({ "type": "string", "format": "uri", "maxLength": max }),
    }
}
