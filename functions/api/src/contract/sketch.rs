//! A schema in JSON-like notation for people: names and types, followed by their meaning.

use std::fmt::Write;

use serde_json::Value;

/// The sketch of a schema of a document.
pub fn sketch(document: &Value, schema: &Value) -> String {
    let mut text = String::new();
    draw(&mut text, document, schema, 0);
    text
}

fn draw(out: &mut String, document: &Value, schema: &Value, depth: usize) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return draw(out, document, &document["components"]["schemas"][name], depth);
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        for (index, one) in alternatives.iter().enumerate() {
            out.push_str(if index > 0 { " | " } else { "" });
            draw(out, document, one, depth);
        }
        return;
    }
    match schema["type"].as_str() {
        Some("object") if schema["properties"].is_object() => object(out, document, schema, depth),
        Some("object") => {
            out.push_str("{ *: ");
            draw(out, document, &schema["additionalProperties"], depth);
            out.push_str(" }");
        }
        Some("array") => {
            out.push('[');
            draw(out, document, &schema["items"], depth);
            out.push(']');
        }
        Some(plain) => match schema["enum"].as_array() {
            Some(words) => {
                let words: Vec<_> = words.iter().map(ToString::to_string).collect();
                out.push_str(&words.join(" | "));
            }
            None => out.push_str(plain_name(schema, plain)),
        },
        None => {}
    }
}

fn plain_name<'a>(schema: &'a Value, plain: &'a str) -> &'a str {
    match schema["format"].as_str() {
        Some("int64") | None => plain,
        Some(format) => format,
    }
}

fn object(out: &mut String, document: &Value, schema: &Value, depth: usize) {
    let (indent, deeper) = ("  ".repeat(depth), "  ".repeat(depth + 1));
    out.push_str("{\n");
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required.iter().any(|one| *one == name) { "" } else { "?" };
        let _ = write!(out, "{deeper}{name}{mark}: ");
        draw(out, document, field, depth + 1);
        let about = field["description"].as_str().or_else(|| field["anyOf"][0]["description"].as_str());
        if let Some(about) = about {
            let _ = write!(out, "   — {about}");
        }
        out.push('\n');
    }
    let _ = write!(out, "{indent}}}");
}
