//! The contract is consistent: names are unique, examples are valid, everything is described.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use web::Language;

use super::check::check;
use super::example::example;
use super::openapi::operation_id;
use super::operation::OperationSpec;
use super::schema::{Schema, Type};
use super::shape::{Side, component, shape};

fn specs() -> Vec<OperationSpec> {
    crate::operations().into_iter().map(|operation| operation.spec).collect()
}

/// Every schema of an operation, with its place.
fn schemas(spec: &OperationSpec) -> Vec<(String, Side, &Schema)> {
    let at = |what: &str| format!("{} {} {what}", spec.method, spec.path);
    let query = spec.query().map(|param| (at(param.name), Side::Request, &param.schema));
    let body = spec.body.iter().map(|body| (at("body"), Side::Request, &**body));
    let answers =
        spec.answers.iter().filter_map(|answer| Some((at("answer"), Side::Answer, &**answer.schema.as_ref()?)));
    query.chain(body).chain(answers).collect()
}

#[test]
fn every_call_has_a_name_of_its_own() {
    let mut names = BTreeMap::new();
    for spec in specs() {
        let call = format!("{} {}", spec.method, spec.path);
        if let Some(other) = names.insert(operation_id(&spec), call.clone()) {
            panic!("{call} is named like {other}: {}", operation_id(&spec));
        }
    }
    for expected in ["list_campaigns", "create_campaign", "get_campaign", "update_campaign", "delete_campaign"] {
        assert!(names.contains_key(expected), "{expected} of {names:?}");
    }
}

#[test]
fn examples_fit_what_they_show() {
    let mut errors = Vec::new();
    for spec in specs() {
        for (at, _, schema) in schemas(&spec) {
            let wrong = check(schema, &example(schema));
            errors.extend(wrong.iter().map(|fault| format!("{at} {} {}", fault.pointer, fault.detail.english)));
        }
        match (&spec.body, &spec.example) {
            (Some(body), Some(example)) => {
                let wrong = check(body, example);
                errors.extend(
                    wrong.iter().map(|fault| format!("{} {} {}", spec.path, fault.pointer, fault.detail.english)),
                );
            }
            (Some(_), None) => errors.push(format!("{} {} shows no body", spec.method, spec.path)),
            (None, _) => {}
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// Collects the named schemas below one, each with its shape.
fn named(schema: &Schema, side: Side, found: &mut Vec<(String, String)>) {
    if let Some(name) = schema.name {
        let mut components = Map::new();
        let name = component(name, side);
        shape(&Schema { is_nullable: false, ..schema.clone() }, side, &mut components, Language::English);
        let shape = components[&name].to_string();
        found.push((name, shape));
    }
    match &schema.of {
        Type::List { items, .. } | Type::Map(items) => named(items, side, found),
        Type::Object(fields) => fields.iter().for_each(|field| named(&field.schema, side, found)),
        Type::OneOf(schemas) => schemas.iter().for_each(|schema| named(schema, side, found)),
        Type::Text { .. } | Type::Word(_) | Type::Integer { .. } | Type::Number { .. } | Type::Boolean => {}
    }
}

#[test]
fn a_name_means_one_shape() {
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    for spec in specs() {
        for (at, side, schema) in schemas(&spec) {
            let mut found = Vec::new();
            named(schema, side, &mut found);
            for (name, shape) in found {
                let first = shapes.entry(name.clone()).or_insert_with(|| shape.clone());
                assert_eq!(*first, shape, "{name} means something else in {at}");
            }
        }
    }
}

/// Whether the objects below a schema of the document take fields that it does not name.
fn openness(document: &Value, schema: &Value, found: &mut BTreeSet<bool>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return openness(document, &document["components"]["schemas"][name], found);
    }
    if schema["properties"].is_object() {
        found.insert(schema["additionalProperties"] != Value::Bool(false));
    }
    for key in ["properties", "anyOf", "items", "additionalProperties"] {
        match &schema[key] {
            one @ Value::Object(_) if key != "properties" => openness(document, one, found),
            Value::Object(many) => many.values().for_each(|one| openness(document, one, found)),
            Value::Array(many) => many.iter().for_each(|one| openness(document, one, found)),
            _ => {}
        }
    }
}

#[test]
fn objects_of_requests_are_closed_and_those_of_answers_are_open() {
    let document = crate::openapi(Language::English);
    let (mut sent, mut got) = (BTreeSet::new(), BTreeSet::new());
    for operation in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        openness(&document, &operation["requestBody"]["content"]["application/json"]["schema"], &mut sent);
        for answer in operation["responses"].as_object().unwrap().values() {
            openness(&document, &answer["content"]["application/json"]["schema"], &mut got);
        }
    }
    for call in document["webhooks"].as_object().unwrap().values() {
        openness(&document, &call["post"]["requestBody"]["content"]["application/json"]["schema"], &mut got);
    }
    openness(&document, &document["components"]["schemas"]["Problem"], &mut got);
    assert_eq!((sent, got), ([false].into(), [true].into()));
}

#[test]
fn every_success_and_every_problem_is_documented_by_its_own_status() {
    for spec in specs() {
        let statuses: BTreeSet<u16> = spec.answers.iter().map(|answer| answer.status).collect();
        assert!(!statuses.is_empty() && statuses.len() == spec.answers.len(), "{} {}", spec.method, spec.path);
        assert!(statuses.iter().all(|status| (200..400).contains(status)), "{} {}", spec.method, spec.path);
    }
    let document = crate::openapi(Language::English);
    let operations = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
    for (_, operation) in operations {
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert!(statuses.iter().all(|status| status.parse::<u16>().is_ok()), "{statuses:?}");
    }
    assert!(document["components"]["responses"]["UnsupportedMediaType"]["content"].is_object());
}

#[test]
fn the_french_page_is_in_french() {
    let page = super::docs::page(&crate::openapi(Language::French), Language::French);
    assert!(page.contains("Modèles") && !page.contains("<script") && !page.contains("Authenticate"));
}

/// The texts for people in a document, by their pointer.
fn texts<'a>(value: &'a Value, place: &str, found: &mut BTreeMap<String, &'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !name.starts_with("example")) {
                let place = format!("{place}/{name}");
                match member.as_str().filter(|_| matches!(name.as_str(), "description" | "summary")) {
                    Some(text) => drop(found.insert(place, text)),
                    None => texts(member, &place, found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| texts(item, &format!("{place}/{at}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Texts that are equal in both languages: names of fields.
const NAMES: [&str; 1] = ["delivered + failed + expired + rejected + unknown + excluded + cancelled + pending"];

#[test]
fn the_french_document_says_everything_in_french() {
    let (english, french) = (crate::openapi(Language::English), crate::openapi(Language::French));
    let (mut said, mut dit) = (BTreeMap::new(), BTreeMap::new());
    texts(&english, "", &mut said);
    texts(&french, "", &mut dit);
    assert_eq!(said.keys().collect::<Vec<_>>(), dit.keys().collect::<Vec<_>>());
    let is_wrong = |place: &str, text: &str| dit[place].is_empty() || (dit[place] == text && !NAMES.contains(&text));
    let wrong: Vec<_> = said.iter().filter(|(place, text)| is_wrong(place, text)).collect();
    assert!(said.len() > 300 && wrong.is_empty(), "{} texts, English in French: {wrong:#?}", said.len());
}
