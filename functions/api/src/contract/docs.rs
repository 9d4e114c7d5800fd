//! The document as one page for people, self-contained: no script, nothing from elsewhere.

use std::fmt::Write;

use serde_json::Value;

/// Headers that let the page style itself and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem \
auto;padding:0 1rem}h2{margin-top:2.5rem;text-transform:capitalize}summary{cursor:pointer;padding:.4rem 0}code,pre{font:\
14px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.8rem;border:1px solid #8884;border-radius:6px}.m{display:\
inline-block;min-width:4.5rem;font-weight:700}details{border-bottom:1px solid #8883}";

/// The page of a document.
pub fn page(document: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Envol API</title><style>{STYLE}</style><h1>Envol API</h1>"
    );
    for paragraph in document["info"]["description"].as_str().unwrap_or_default().split("\n\n") {
        let _ = write!(page, "<p>{}</p>", escape(paragraph).replace('\n', "<br>"));
    }
    page.push_str("<p><a href=\"/v1/openapi.json\">openapi.json</a></p>");
    let mut tag = String::new();
    // What clients call, then what calls them.
    let rooms = [&document["paths"], &document["webhooks"]];
    for (path, methods) in rooms.into_iter().filter_map(Value::as_object).flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let own = operation["tags"][0].as_str().unwrap_or_default();
            if own != tag {
                own.clone_into(&mut tag);
                let _ = write!(page, "<h2>{}</h2>", escape(own));
            }
            describe(&mut page, document, path, method, operation);
        }
    }
    page
}

fn describe(page: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let _ = write!(
        page,
        "<details><summary><code><span class=\"m\">{}</span>{}</code> — {}</summary><p>{}</p>",
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
        text(&operation["description"]),
    );
    let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
    if !parameters.is_empty() {
        page.push_str("<ul>");
        for parameter in parameters {
            let about = [&parameter["description"], &parameter["schema"]["description"]];
            let about = about.into_iter().find_map(Value::as_str).unwrap_or_default();
            let _ = write!(
                page,
                "<li><code>{}</code> ({}) {}</li>",
                text(&parameter["name"]),
                text(&parameter["in"]),
                escape(about)
            );
        }
        page.push_str("</ul>");
    }
    let body = &operation["requestBody"]["content"]["application/json"];
    shape(page, document, "Body", &body["schema"]);
    if let Some(example) = body.get("example") {
        let example = serde_json::to_string_pretty(example).unwrap_or_default();
        let _ = write!(page, "<p>Example</p><pre>{}</pre>", escape(&example));
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let _ = write!(page, "<p><b>{}</b> {}</p>", escape(status), text(&response["description"]));
        shape(page, document, "", &response["content"]["application/json"]["schema"]);
    }
    page.push_str("</details>");
}

fn shape(page: &mut String, document: &Value, title: &str, schema: &Value) {
    if schema.is_null() {
        return;
    }
    let mut text = String::new();
    sketch(&mut text, document, schema, 0);
    let _ = write!(page, "<p>{title}</p><pre>{}</pre>", escape(&text));
}

/// Writes a schema as people write JSON: names and types.
fn sketch(out: &mut String, document: &Value, schema: &Value, depth: usize) {
    let (indent, deeper) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return sketch(out, document, &document["components"]["schemas"][name], depth);
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        for (place, one) in alternatives.iter().enumerate() {
            out.push_str(if place > 0 { " | " } else { "" });
            sketch(out, document, one, depth);
        }
        return;
    }
    match schema["type"].as_str() {
        Some("object") if schema["properties"].is_object() => {
            out.push_str("{\n");
            let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let mark = if required.iter().any(|one| *one == name) { "" } else { "?" };
                let _ = write!(out, "{deeper}{name}{mark}: ");
                sketch(out, document, field, depth + 1);
                if let Some(about) = field["description"].as_str() {
                    let _ = write!(out, "   — {about}");
                }
                out.push('\n');
            }
            let _ = write!(out, "{indent}}}");
        }
        Some("object") => {
            out.push_str("{ *: ");
            sketch(out, document, &schema["additionalProperties"], depth);
            out.push_str(" }");
        }
        Some("array") => {
            out.push('[');
            sketch(out, document, &schema["items"], depth);
            out.push(']');
        }
        Some(plain) => match schema["enum"].as_array() {
            Some(words) => {
                let words: Vec<_> = words.iter().map(ToString::to_string).collect();
                out.push_str(&words.join(" | "));
            }
            None => out.push_str(schema["format"].as_str().unwrap_or(plain)),
        },
        None => {}
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
