//! `POST /v1/messages/preview`: the rendered text, its cost, and the characters that force Unicode.

use app::{Context, UseCase};
use std::collections::BTreeMap;

use domain::campaign::{Message, ShortLink};
use domain::compose::{Composer, SAMPLE_CODE, SEGMENTS_MAX, Values};
use domain::segments::{self, Encoding, unicode_because};
use domain::sender::Sender;
use domain::template::{MAX_NAME_CHARS, MAX_TEXT_CHARS, variable_name};
use serde_json::json;
use web::{FieldError, Problem};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{line, list, map, text};
use crate::gate::{Body, Caller};
use crate::words::{sender_problem, template_error};

/// Links of a previewed text at most.
const LINKS_MAX: usize = 20;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/messages/preview", UseCase::PreviewMessage, preview_message)
            .summary(
                "Writes a text as one recipient would get it, and counts it",
                "Écrit un texte tel qu’un destinataire le recevrait, et le compte",
            )
            .named("preview_message")
            .example(json!({
                "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
                "sender": "MABOUTIQUE", "fields": { "prenom": "Zoé" }, "links": ["lien"], "stop": true
            }))
            .answers::<PreviewView>(200, "The preview", "L’aperçu"),
    ]
}

requests! {
    struct PreviewBody {
        text: String = text(0, MAX_TEXT_CHARS),
        sender?: Option<String> = text(0, 40),
        /// Values of the variables
        /// Valeurs des variables
        fields?: Option<BTreeMap<String, String>> = map(text(0, 1_000)),
        /// Names of links: each becomes a short URL
        /// Noms de liens : chacun devient une URL courte
        links?: Option<Vec<String>> = list(line(MAX_NAME_CHARS), 0, LINKS_MAX),
        /// Appends the STOP mention if the text lacks it
        /// Ajoute la mention STOP si le texte ne l’a pas
        stop?: Option<bool>,
    }
}

answers! {
    struct PreviewView as "Preview" {
        text: String,
        encoding: Encoding,
        characters: u32,
        /// Septets, or UTF-16 units
        /// Septets, ou unités UTF-16
        units: u32,
        /// One credit each
        /// Un crédit chacun
        segments: u32,
        /// In the last segment
        /// Dans le dernier SMS
        units_left: u32,
        too_long: bool,
        variables: Vec<String>,
        unicode_because: Vec<ForcingView>,
        sender_problem?: SenderProblemView,
    }

    struct ForcingView {
        character: char,
        /// In characters from the beginning
        /// En caractères depuis le début
        at: usize,
        /// What GSM-7 can say instead
        /// Ce que GSM-7 peut dire à la place
        replacement: Option<&'static str>,
    }

    struct SenderProblemView {
        code: &'static str,
        detail: String,
    }
}

async fn preview_message(context: Context, caller: Caller, Body(wanted): Body<PreviewBody>) -> Answered {
    let account = context.account().await?;
    let link = |name: String| ShortLink { name, url: String::new(), expires_at: None, fallback_url: None };
    let message = Message {
        text: wanted.text,
        links: wanted.links.flatten().unwrap_or_default().into_iter().map(link).collect(),
        stop: wanted.stop.flatten().unwrap_or_default(),
        ..Message::default()
    };
    let composer = Composer::new(&message, &account.stop_code, &context.short_url).map_err(|problem| {
        Problem::invalid(vec![FieldError::new(problem.fault.code(), "/text", template_error(problem))])
    })?;
    let fields: BTreeMap<String, String> = wanted
        .fields
        .flatten()
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (variable_name(&name), value))
        .collect();
    let value = |name: &String| fields.get(name).cloned().unwrap_or_default();
    let values: Vec<String> = composer.columns().iter().map(value).collect();
    let codes = vec![SAMPLE_CODE; composer.links()];
    let mut text = String::new();
    composer.write(&Values { fields: &values, codes: &codes }, &mut Vec::new(), &mut text);
    let counted = Composer::count(&text);
    let sender = wanted.sender.flatten().map(|sender| Sender::parse(&sender, &[account.stop_code.as_str()]));
    let forcing = unicode_because(&text).into_iter();
    Answer::ok(&PreviewView {
        characters: segments::characters(&text),
        encoding: counted.encoding,
        units: counted.units,
        segments: counted.segments,
        units_left: counted.units_left,
        too_long: counted.segments > SEGMENTS_MAX,
        variables: composer.columns().to_vec(),
        unicode_because: forcing
            .map(|found| ForcingView { character: found.character, at: found.at, replacement: found.replacement })
            .collect(),
        sender_problem: sender.and_then(Result::err).map(|problem| SenderProblemView {
            code: problem.code(),
            detail: sender_problem(problem).in_language(caller.language).to_owned(),
        }),
        text,
    })
}
