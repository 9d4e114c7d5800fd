//! `POST /v1/messages/preview`: what a text becomes, what it costs, and what forces Unicode.

use app::{Context, UseCase};
use std::collections::BTreeMap;

use domain::campaign::{Message, ShortLink};
use domain::compose::{Composer, SAMPLE_CODE, SEGMENTS_MAX, Values};
use domain::segments::{self, unicode_because};
use domain::sender::Sender;
use domain::template::{MAX_NAME_CHARS, MAX_TEXT_CHARS, variable_name};
use serde::Deserialize;
use serde_json::{Value, json};
use web::{FieldError, Problem};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{all, any_text, boolean, count, field, line, list, map, maybe, object, text, word};
use crate::gate::{Body, Caller};
use crate::words::{sender_problem, template_error};

/// Links of a previewed text at most.
const LINKS_MAX: usize = 20;

pub fn operations() -> Vec<Operation> {
    let forcing = object([
        field("character", any_text()),
        field("at", count().about("In characters from the beginning", "En caractères depuis le début")),
        field(
            "replacement",
            any_text().or_null().about("What GSM-7 can say instead", "Ce que GSM-7 peut dire à la place"),
        ),
    ]);
    let problem = object([field("code", any_text()), field("detail", any_text())]);
    let body = object([
        field("text", text(0, MAX_TEXT_CHARS)),
        maybe("sender", text(0, 40).or_null()),
        maybe("fields", map(text(0, 1_000)).or_null().about("Values of the variables", "Valeurs des variables")),
        maybe(
            "links",
            list(line(MAX_NAME_CHARS), 0, LINKS_MAX)
                .or_null()
                .about("Names of links: each becomes a short URL", "Noms de liens : chacun devient une URL courte"),
        ),
        maybe(
            "stop",
            boolean().or_null().about(
                "Appends the STOP mention if the text lacks it",
                "Ajoute la mention STOP si le texte ne l’a pas",
            ),
        ),
    ]);
    let preview = object([
        field("text", any_text()),
        field("encoding", word(["gsm7", "ucs2"])),
        field("characters", count()),
        field("units", count().about("Septets, or UTF-16 units", "Septets, ou unités UTF-16")),
        field("segments", count().about("One credit each", "Un crédit chacun")),
        field("units_left", count().about("In the last segment", "Dans le dernier SMS")),
        field("too_long", boolean()),
        field("variables", all(any_text())),
        field("unicode_because", all(forcing)),
        maybe("sender_problem", problem),
    ]);
    vec![
        post(
            "/messages/preview",
            UseCase::PreviewMessage,
            "Writes a text as one recipient would get it, and counts it",
            preview_message,
        )
        .takes(body)
        .named("preview_message")
        .example(json!({
            "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
            "sender": "MABOUTIQUE", "fields": { "prenom": "Zoé" }, "links": ["lien"], "stop": true
        }))
        .answers(200, "The preview", "L’aperçu", preview.named("Preview")),
    ]
}

#[derive(Deserialize)]
struct PreviewBody {
    text: String,
    sender: Option<String>,
    fields: Option<BTreeMap<String, String>>,
    links: Option<Vec<String>>,
    stop: Option<bool>,
}

async fn preview_message(context: Context, caller: Caller, Body(wanted): Body<PreviewBody>) -> Answered {
    let account = context.account().await?;
    let link = |name: String| ShortLink { name, url: String::new(), expires_at: None, fallback_url: None };
    let message = Message {
        text: wanted.text,
        links: wanted.links.unwrap_or_default().into_iter().map(link).collect(),
        stop: wanted.stop.unwrap_or_default(),
        ..Message::default()
    };
    let composer = Composer::new(&message, &account.stop_code, &context.short_url).map_err(|problem| {
        Problem::invalid(vec![FieldError::new(problem.fault.code(), "/text", template_error(problem))])
    })?;
    let fields: BTreeMap<String, String> =
        wanted.fields.unwrap_or_default().into_iter().map(|(name, value)| (variable_name(&name), value)).collect();
    let value = |name: &String| fields.get(name).cloned().unwrap_or_default();
    let values: Vec<String> = composer.columns().iter().map(value).collect();
    let codes = vec![SAMPLE_CODE; composer.links()];
    let mut text = String::new();
    composer.write(&Values { fields: &values, codes: &codes }, &mut Vec::new(), &mut text);
    let counted = Composer::count(&text);
    let because: Vec<Value> = unicode_because(&text)
        .into_iter()
        .map(|found| json!({ "character": found.character.to_string(), "at": found.at, "replacement": found.replacement }))
        .collect();
    let mut preview = json!({
        "characters": segments::characters(&text),
        "text": text,
        "encoding": counted.encoding.code(),
        "units": counted.units,
        "segments": counted.segments,
        "units_left": counted.units_left,
        "too_long": counted.segments > SEGMENTS_MAX,
        "variables": composer.columns(),
        "unicode_because": because,
    });
    if let Some(Err(problem)) = wanted.sender.map(|sender| Sender::parse(&sender, &[account.stop_code.as_str()])) {
        let detail = sender_problem(problem);
        preview["sender_problem"] = json!({ "code": problem.code(), "detail": detail.in_language(caller.language) });
    }
    Answer::ok(&preview)
}
