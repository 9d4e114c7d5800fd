//! Example values for the document: those of the schemas, and otherwise generated from the type.

use serde_json::{Map, Value, json};

use super::schema::{Field, Format, Schema, Type};

/// The end of ids in examples.
pub const TAIL: &str = "06h0n5zeykq28f98a5t0";

/// A value that fits.
pub fn example(schema: &Schema) -> Value {
    if let Some(example) = &schema.example {
        return example.clone();
    }
    match &schema.of {
        Type::Text { min, max, format } => text(*min, *max, *format).into(),
        Type::Word(words) => words.first().copied().unwrap_or_default().into(),
        Type::Integer { min, max } => 0.clamp(*min, *max).into(),
        Type::Number { min, max } => json!(1.0_f64.clamp(*min, *max)),
        Type::Boolean => false.into(),
        Type::List { items, min, max } => vec![example(items); (*min).max(1).min(*max)].into(),
        Type::Object(fields) => object(fields),
        Type::Map(values) => json!({ "name": example(values) }),
        Type::OneOf(schemas) => schemas.first().map(example).unwrap_or_default(),
    }
}

fn object(fields: &[Field]) -> Value {
    fields.iter().map(|field| (field.name.to_owned(), example(&field.schema))).collect::<Map<_, _>>().into()
}

fn text(min: usize, max: usize, format: Format) -> String {
    match format {
        Format::Instant => "2026-12-01T08:00:00Z".into(),
        Format::Phone => "+33612345678".into(),
        Format::Id(prefix) => format!("{prefix}{TAIL}"),
        Format::Uri => "https://example.com/soldes".into(),
        Format::Free | Format::Line => "Texte".chars().cycle().take(min.max(5).min(max)).collect(),
    }
}
