//! Schemas as JSON Schema 2020-12, the dialect of OpenAPI 3.1. Named schemas are among the components, once.

use serde_json::{Map, Value, json};
use web::Language;

use super::example::example;
use super::schema::{Format, Localized, Schema, Type};

/// Text of a response without a limit.
const UNLIMITED: usize = 100_000;
/// Neither control characters nor nothing but spaces.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
const FREE: &str = r"^[^\u0000]*$";
/// Crockford's base 32, as ids are written (`domain::ids`).
pub const ID_TAIL: &str = "[0-9a-hjkmnp-tv-z]{20}";

/// What a schema describes: what clients send, or what they get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Request,
    Answer,
}

/// The schema, or where it stands.
pub fn shape(of: &Schema, side: Side, components: &mut Map<String, Value>, language: Language) -> Value {
    let Some(name) = of.name else { return nullable(of, inline(of, side, components, language)) };
    let name = &component(name, side);
    if !components.contains_key(name) {
        // Before its content, so that a recursive schema would end.
        components.insert(name.clone(), Value::Null);
        // Its meaning in this place is described where it is used.
        let mut content = inline(&Schema { about: Localized::default(), ..of.clone() }, side, components, language);
        content["examples"] = json!([example(of)]);
        components.insert(name.clone(), content);
    }
    let mut reference = nullable(of, json!({ "$ref": format!("#/components/schemas/{name}") }));
    if of.is_nullable && of.about != Localized::default() {
        reference["description"] = of.about.of(language).into();
    }
    reference
}

/// The name of a component. What a client sends is another thing than what it gets: less has to be there.
pub fn component(name: &str, side: Side) -> String {
    match side {
        Side::Request => format!("{name}Input"),
        Side::Answer => name.to_owned(),
    }
}

fn nullable(of: &Schema, content: Value) -> Value {
    if of.is_nullable { json!({ "anyOf": [content, { "type": "null" }] }) } else { content }
}

fn inline(of: &Schema, side: Side, components: &mut Map<String, Value>, language: Language) -> Value {
    let mut document = match &of.of {
        Type::Text { min, max, format } => text(*min, *max, *format),
        Type::Word(words) => json!({ "type": "string", "enum": words }),
        Type::Integer { min, max } => integer(*min, *max),
        Type::Number { min, .. } if *min == f64::MIN => json!({ "type": "number" }),
        Type::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::List { items, min, max } => list(shape(items, side, components, language), *min, *max),
        Type::Object(fields) => {
            let properties: Map<_, _> = fields
                .iter()
                .map(|field| (field.name.to_owned(), shape(&field.schema, side, components, language)))
                .collect();
            let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
            let mut object = json!({ "type": "object", "properties": properties });
            // Fields of answers may be added within `/v1` (`reference::stability`); what nobody knows in a request is
            // refused.
            if side == Side::Request {
                object["additionalProperties"] = false.into();
            }
            if !required.is_empty() {
                object["required"] = required.into();
            }
            object
        }
        Type::Map(values) => {
            json!({ "type": "object", "additionalProperties": shape(values, side, components, language) })
        }
        Type::OneOf(schemas) => {
            json!({ "anyOf": schemas.iter().map(|one| shape(one, side, components, language)).collect::<Vec<_>>() })
        }
    };
    if of.about != Localized::default() {
        document["description"] = of.about.of(language).into();
    }
    document
}

fn integer(min: i64, max: i64) -> Value {
    let mut integer = json!({ "type": "integer", "format": "int64" });
    if min != i64::MIN {
        integer["minimum"] = min.into();
    }
    if max != i64::MAX {
        integer["maximum"] = max.into();
    }
    integer
}

fn list(items: Value, min: usize, max: usize) -> Value {
    let mut list = json!({ "type": "array", "items": items });
    if min > 0 {
        list["minItems"] = min.into();
    }
    if max < super::schema::ALL_MAX {
        list["maxItems"] = max.into();
    }
    list
}

fn text(min: usize, max: usize, format: Format) -> Value {
    match format {
        Format::Free if max == UNLIMITED => json!({ "type": "string" }),
        Format::Free => json!({ "type": "string", "minLength": min, "maxLength": max, "pattern": FREE }),
        Format::Line => json!({ "type": "string", "minLength": min, "maxLength": max, "pattern": LINE }),
        Format::Instant => json!({ "type": "string", "format": "date-time" }),
        Format::Phone => json!({ "type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$" }),
        Format::Id(prefix) => json!({ "type": "string", "pattern": format!("^{prefix}{ID_TAIL}$") }),
        Format::Uri => json!({ "type": "string", "format": "uri", "maxLength": max }),
    }
}
