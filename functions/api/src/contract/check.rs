//! Validates a JSON value: reports every error with its pointer, in both languages.

use std::fmt::Write;

use domain::ids::CampaignId;
use domain::phone::PhoneNumber;
use serde_json::Value;
use web::{FieldError, Text};

use super::schema::{Field, Format, Schema, Type};

/// Most errors listed: enough to correct a request, without huge responses.
pub const ERRORS_MAX: usize = 50;

/// All errors of a value; empty if it is valid.
pub fn check(schema: &Schema, value: &Value) -> Vec<FieldError> {
    let mut check = Check { at: String::new(), errors: Vec::new() };
    check.value(schema, value);
    check.errors
}

/// A pointer below another, as a JSON pointer (RFC 6901).
pub fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

struct Check {
    at: String,
    errors: Vec<FieldError>,
}

impl Check {
    fn fault(&mut self, code: &'static str, english: impl Into<String>, french: impl Into<String>) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(FieldError::new(code, self.at.clone(), Text::new(english, french)));
        }
    }

    fn within(&mut self, key: &str, inner: impl FnOnce(&mut Self)) {
        let outer = self.at.len();
        self.at = below(&self.at, key);
        inner(self);
        self.at.truncate(outer);
    }

    fn value(&mut self, schema: &Schema, value: &Value) {
        if schema.is_nullable && value.is_null() {
            return;
        }
        match (&schema.of, value) {
            (Type::Text { min, max, format }, Value::String(text)) => self.text(*min, *max, *format, text),
            (Type::Word(words), Value::String(word)) => self.word(words, word),
            (Type::Integer { min, max }, Value::Number(number)) => self.integer(*min, *max, number),
            (Type::Number { min, max }, Value::Number(number)) => {
                if !number.as_f64().is_some_and(|number| (*min..=*max).contains(&number)) {
                    self.fault("out_of_range", format!("from {min} to {max}"), format!("de {min} à {max}"));
                }
            }
            (Type::Boolean, Value::Bool(_)) => {}
            (Type::List { items, min, max }, Value::Array(values)) => self.list(items, *min, *max, values),
            (Type::Object(fields), Value::Object(values)) => self.object(fields, values),
            (Type::Map(of), Value::Object(values)) => {
                for (key, value) in values {
                    self.within(key, |check| check.value(of, value));
                }
            }
            (Type::OneOf(schemas), value) => self.one_of(schemas, value),
            (of, value) => {
                let (english, french) = kind_of(of);
                let (got, recu) = kind_of_value(value);
                self.fault(
                    "wrong_type",
                    format!("{english} is needed, not {got}"),
                    format!("{french} attendu, pas {recu}"),
                );
            }
        }
    }

    fn text(&mut self, min: usize, max: usize, format: Format, text: &str) {
        let characters = text.chars().count();
        if characters > max {
            self.fault(
                "too_long",
                format!("at most {max} characters; these are {characters}"),
                format!("{max} caractères au plus ; il y en a {characters}"),
            );
            return;
        }
        if characters < min || (format == Format::Line && text.trim().is_empty()) {
            let min = min.max(1);
            self.fault("too_short", format!("at least {min} character(s)"), format!("au moins {min} caractère(s)"));
            return;
        }
        let fits = match format {
            Format::Free => !text.contains('\0'),
            Format::Line => !text.chars().any(char::is_control),
            Format::Instant => text.parse::<jiff::Timestamp>().is_ok(),
            Format::Phone => text.parse::<PhoneNumber>().is_ok(),
            // The tail of every kind of id is the same.
            Format::Id(prefix) => text.strip_prefix(prefix).is_some_and(|tail| CampaignId::from_tail(tail).is_ok()),
            Format::Uri => text.parse::<http::Uri>().is_ok(),
        };
        if !fits {
            let (english, french) = wanted(format);
            self.fault("malformed", english, french);
        }
    }

    fn word(&mut self, words: &[&'static str], word: &str) {
        if !words.contains(&word) {
            let words = words.join(", ");
            self.fault("not_one_of", format!("one of: {words}"), format!("l’un de : {words}"));
        }
    }

    fn integer(&mut self, min: i64, max: i64, number: &serde_json::Number) {
        match number.as_i64() {
            Some(number) if (min..=max).contains(&number) => {}
            // Counters exceed i64 in theory only.
            None if number.is_u64() && max == i64::MAX => {}
            None if !number.is_u64() => self.fault("wrong_type", "a whole number is needed", "nombre entier attendu"),
            Some(_) | None => {
                self.fault("out_of_range", format!("from {min} to {max}"), format!("de {min} à {max}"));
            }
        }
    }

    fn list(&mut self, items: &Schema, min: usize, max: usize, values: &[Value]) {
        if values.len() < min {
            self.fault("too_few", format!("at least {min} item(s)"), format!("au moins {min} élément(s)"));
        }
        if values.len() > max {
            self.fault("too_many", format!("at most {max} items"), format!("{max} éléments au plus"));
            return;
        }
        for (index, value) in values.iter().enumerate() {
            self.within(&index.to_string(), |check| check.value(items, value));
        }
    }

    fn object(&mut self, fields: &[Field], values: &serde_json::Map<String, Value>) {
        for field in fields {
            match values.get(field.name) {
                Some(value) => self.within(field.name, |check| check.value(&field.schema, value)),
                None if field.is_required => {
                    self.within(field.name, |check| {
                        check.fault("required", "this field is needed", "champ obligatoire")
                    });
                }
                None => {}
            }
        }
        for key in values.keys().filter(|key| !fields.iter().any(|field| field.name == **key)) {
            let near = nearest(fields, key);
            self.within(key, |check| {
                let (mut english, mut french) =
                    ("there is no such field".to_owned(), "ce champ n’existe pas".to_owned());
                if let Some(near) = near {
                    let _ = write!(english, "; did you mean `{near}`?");
                    let _ = write!(french, " ; vouliez-vous dire `{near}` ?");
                }
                check.fault("unknown_field", english, french);
            });
        }
    }

    /// The errors of the alternative that fits best.
    fn one_of(&mut self, schemas: &[Schema], value: &Value) {
        let errors = schemas.iter().map(|schema| {
            let mut check = Self { at: self.at.clone(), errors: Vec::new() };
            check.value(schema, value);
            check.errors
        });
        self.errors.extend(errors.min_by_key(Vec::len).unwrap_or_default());
    }
}

/// The field that a misspelt key most likely means: equal except for case and separators, one a part of the other, or
/// one typing error away.
fn nearest(fields: &[Field], key: &str) -> Option<&'static str> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(key);
    let is_near = |name: &str| {
        let name = plain(name);
        let is_part = || name.starts_with(&wanted) || wanted.starts_with(&name);
        name == wanted || (wanted.len() > 2 && (is_part() || is_one_slip(&name, &wanted)))
    };
    fields.iter().map(|field| field.name).find(|name| is_near(name))
}

/// One character too many, too few, different, or two in the wrong order.
fn is_one_slip(name: &str, typed: &str) -> bool {
    let (name, typed) = (name.as_bytes(), typed.as_bytes());
    let same = name.iter().zip(typed).take_while(|(one, other)| one == other).count();
    let (name, typed) = (&name[same..], &typed[same..]);
    match (name, typed) {
        ([_, rest @ ..], typed) if rest == typed => true,
        (name, [_, rest @ ..]) if rest == name => true,
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([a, b, one @ ..], [c, d, other @ ..]) => a == d && b == c && one == other,
        _ => false,
    }
}

fn wanted(format: Format) -> (String, String) {
    match format {
        Format::Free | Format::Line => {
            ("no control characters, please".into(), "les caractères de contrôle ne sont pas admis".into())
        }
        Format::Instant => {
            ("an instant such as 2026-12-01T08:00:00Z".into(), "un instant tel que 2026-12-01T08:00:00Z".into())
        }
        Format::Phone => ("a number such as +33612345678".into(), "un numéro tel que +33612345678".into()),
        Format::Id(prefix) => (format!("an identifier such as {prefix}…"), format!("un identifiant tel que {prefix}…")),
        Format::Uri => ("a URL".into(), "une URL".into()),
    }
}

fn kind_of(of: &Type) -> (&'static str, &'static str) {
    match of {
        Type::Text { .. } | Type::Word(_) => ("a text", "texte"),
        Type::Integer { .. } => ("a whole number", "nombre entier"),
        Type::Number { .. } => ("a number", "nombre"),
        Type::Boolean => ("true or false", "booléen"),
        Type::List { .. } => ("a list", "tableau"),
        Type::Object(_) | Type::Map(_) | Type::OneOf(_) => ("an object", "objet"),
    }
}

fn kind_of_value(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("null", "null"),
        Value::Bool(_) => ("true or false", "booléen"),
        Value::Number(_) => ("a number", "nombre"),
        Value::String(_) => ("a text", "texte"),
        Value::Array(_) => ("a list", "tableau"),
        Value::Object(_) => ("an object", "objet"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::*;
    use super::*;

    fn found(schema: &Schema, value: &Value) -> Vec<(&'static str, String)> {
        check(schema, value).into_iter().map(|fault| (fault.code, fault.pointer)).collect()
    }

    fn campaign() -> Schema {
        object([
            field("name", line(5)),
            maybe("kind", word(["marketing", "alert"])),
            maybe("lists", list(id("lst_"), 0, 2)),
            maybe("schedule", object([maybe("pace_per_hour", integer(1, 10).or_null())]).or_null()),
        ])
    }

    #[test]
    fn what_fits_has_no_faults() {
        let value = json!({
            "name": "été", "kind": "alert", "lists": ["lst_00000000000000000001"], "schedule": { "pace_per_hour": null }
        });
        assert_eq!(found(&campaign(), &value), []);
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let value = json!({
            "kind": "x", "lists": ["lst_1", 2], "schedule": { "pacePerHour": 5, "pace_per_hour": 11 }, "a/b~": 1
        });
        let expected = [
            ("required", "/name"),
            ("not_one_of", "/kind"),
            ("malformed", "/lists/0"),
            ("wrong_type", "/lists/1"),
            ("out_of_range", "/schedule/pace_per_hour"),
            ("unknown_field", "/schedule/pacePerHour"),
            ("unknown_field", "/a~1b~0"),
        ];
        let expected: Vec<_> = expected.into_iter().map(|(code, at)| (code, at.to_owned())).collect();
        assert_eq!(found(&campaign(), &value), expected);
    }

    #[test]
    fn a_slip_of_the_fingers_is_guessed() {
        let fields = [field("message", boolean()), field("pace_per_hour", boolean())];
        for typed in ["mesage", "messsage", "messagr", "mesasge", "Message", "msg_message", "pacePerHour", "pace"] {
            let expected = if typed == "msg_message" { None } else { Some(()) };
            assert_eq!(nearest(&fields, typed).map(drop), expected, "{typed}");
        }
        assert_eq!(nearest(&fields, "sender"), None);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(found(&line(5), &json!("ééééé")), []);
        assert_eq!(found(&line(5), &json!("éééééé")), [("too_long", String::new())]);
        assert_eq!(found(&line(5), &json!("  ")), [("too_short", String::new())]);
        assert_eq!(found(&line(5), &json!("a\nb")), [("malformed", String::new())]);
    }

    #[test]
    fn an_id_has_the_letters_that_ids_have() {
        for (text, errors) in
            [("lst_06h0n5zeykq28f98a5t0", 0), ("lst_06h0n5zeykq28f98a5tu", 1), ("cmp_06h0n5zeykq28f98a5t0", 1)]
        {
            assert_eq!(found(&id("lst_"), &json!(text)).len(), errors, "{text}");
        }
    }

    #[test]
    fn numbers_are_whole_and_within_limits() {
        for (value, code) in [(json!(1.5), "wrong_type"), (json!(0), "out_of_range"), (json!(u64::MAX), "out_of_range")]
        {
            assert_eq!(found(&integer(1, 10), &value), [(code, String::new())], "{value}");
        }
        assert_eq!(found(&count(), &json!(u64::MAX)), []);
    }

    #[test]
    fn faults_do_not_grow_without_end() {
        let value = json!(vec![1; 1_000]);
        assert_eq!(check(&list(any_text(), 0, 1_000), &value).len(), ERRORS_MAX);
    }
}
