//! The document as one page for people, self-contained: no script, no external content, readable on a phone, in French
//! or English.

use std::fmt::Write;

use serde_json::Value;
use web::Language;
use web::problem::Kind;

use super::sketch::sketch;
use super::{french, openapi, reference};

/// Headers that allow the page's own style and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";

const STYLE: &str = include_str!("docs.css");

/// The page's own texts.
struct Words {
    lead: &'static str,
    calls: &'static str,
    problems: &'static str,
    limits: &'static str,
    stability: &'static str,
    parameters: &'static str,
    body: &'static str,
    shape: &'static str,
    answers: &'static str,
    scope: &'static str,
    nobody: &'static str,
    other: (&'static str, &'static str),
}

const ENGLISH: Words = Words {
    lead: "Contacts, messages, sending, statistics: everything that the console does.",
    calls: "Calls",
    problems: "Problems",
    limits: "Limits",
    stability: "Stability",
    parameters: "Parameters",
    body: "Body",
    shape: "Shape",
    answers: "Answers",
    scope: "Scope",
    nobody: "no key",
    other: ("fr", "Français"),
};

const FRENCH: Words = Words {
    lead: "Contacts, messages, envois, statistiques : tout ce que fait la console.",
    calls: "Appels",
    problems: "Problèmes",
    limits: "Limites",
    stability: "Stabilité",
    parameters: "Paramètres",
    body: "Corps",
    shape: "Forme",
    answers: "Réponses",
    scope: "Droit",
    nobody: "sans clé",
    other: ("en", "English"),
};

/// The page of a document in this language.
pub fn page(document: &Value, language: Language) -> String {
    let words = match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
    };
    let (other, name) = words.other;
    let mut page = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>Envol API</title><style>{STYLE}</style>\
         <header><h1>Envol API</h1><p>{}</p><p><a href=\"/v1/openapi.json\">openapi.json</a> · \
         <a href=\"?language={other}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a></p></header><main>",
        language.code(),
        words.lead,
    );
    about(&mut page, language);
    contents(&mut page, document, words, language);
    for tag in tags(document) {
        let _ = write!(page, "<section id=\"{tag}\"><h2>{}</h2>", escape(&french::tag(tag, language)));
        for (path, method, operation) in calls(document).filter(|(_, _, operation)| operation["tags"][0] == *tag) {
            describe(&mut page, document, (path, method, operation), words);
        }
        page.push_str("</section>");
    }
    problems(&mut page, words, language);
    limits(&mut page, words, language);
    stability(&mut page, words, language);
    page.push_str("</main>");
    page
}

fn tags(document: &Value) -> Vec<&str> {
    document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()).collect()
}

fn calls(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    // First the calls of clients, then the requests that we send.
    let groups = [&document["paths"], &document["webhooks"]];
    let paths = groups.into_iter().filter_map(Value::as_object).flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// What all calls have in common.
fn about(page: &mut String, language: Language) {
    for paragraph in openapi::about(language).split("\n\n") {
        let _ = write!(page, "<p>{}</p>", code(paragraph));
    }
}

fn contents(page: &mut String, document: &Value, words: &Words, language: Language) {
    let _ = write!(page, "<nav aria-label=\"{}\">", words.calls);
    for tag in tags(document) {
        let _ = write!(page, "<a href=\"#{tag}\">{}</a>", escape(&french::tag(tag, language)));
    }
    for (anchor, word) in [("problems", words.problems), ("limits", words.limits), ("stability", words.stability)] {
        let _ = write!(page, "<a href=\"#{anchor}\">{word}</a>");
    }
    page.push_str("</nav>");
}

fn describe(page: &mut String, document: &Value, (path, method, operation): (&str, &str, &Value), words: &Words) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let summary = operation["summary"].as_str().unwrap_or_default();
    let scope = operation["security"][0]["key"][0].as_str();
    let description = operation["description"].as_str().filter(|_| operation["security"] == Value::Array(vec![]));
    let _ = write!(
        page,
        "<details id=\"{id}\"><summary><span class=\"m {method}\">{}</span> <code>{}</code><span class=\"s\">{}</span>\
         </summary><p class=\"k\"><code>{id}</code> · {} <code>{}</code></p>",
        method.to_uppercase(),
        escape(path),
        code(summary),
        words.scope,
        scope.unwrap_or(words.nobody),
    );
    if let Some(description) = description {
        let _ = write!(page, "<p>{}</p>", code(description));
    }
    parameters(page, operation, words);
    let body = &operation["requestBody"]["content"]["application/json"];
    if body.is_object() {
        let _ = write!(page, "<h3>{}</h3>", words.body);
        example(page, &body["example"]);
        shape(page, document, words, &body["schema"]);
    }
    let _ = write!(page, "<h3>{}</h3>", words.answers);
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        if answer.get("$ref").is_some() {
            continue;
        }
        let status = if status == "2XX" { "2…" } else { status };
        let description = answer["description"].as_str().unwrap_or_default();
        let _ = write!(page, "<p><b>{}</b> {}</p>", escape(status), code(description));
        let content = &answer["content"]["application/json"];
        if content.is_object() {
            example(page, &content["example"]);
            shape(page, document, words, &content["schema"]);
        }
    }
    let problems = operation["responses"].as_object().into_iter().flatten();
    let problems = problems.filter(|(_, answer)| answer.get("$ref").is_some()).map(|(status, _)| status.as_str());
    let problems: Vec<_> = problems.map(|status| format!("<a href=\"#p{status}\">{status}</a>")).collect();
    let _ = write!(page, "<p>{}</p></details>", problems.join(" · "));
}

fn parameters(page: &mut String, operation: &Value, words: &Words) {
    let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
    if parameters.is_empty() {
        return;
    }
    let _ = write!(page, "<h3>{}</h3><ul>", words.parameters);
    for parameter in parameters {
        let about = [&parameter["description"], &parameter["schema"]["description"]];
        let about = about.into_iter().find_map(Value::as_str).unwrap_or_default();
        let name = parameter["name"].as_str().unwrap_or_default();
        let place = parameter["in"].as_str().unwrap_or_default();
        let _ = write!(page, "<li><code>{}</code> ({place}) {}</li>", escape(name), code(about));
    }
    page.push_str("</ul>");
}

fn example(page: &mut String, example: &Value) {
    let text = serde_json::to_string_pretty(example).unwrap_or_default();
    let _ = write!(page, "<pre tabindex=\"0\">{}</pre>", escape(&text));
}

fn shape(page: &mut String, document: &Value, words: &Words, schema: &Value) {
    let text = sketch(document, schema);
    let _ = write!(
        page,
        "<details><summary>{}</summary><pre tabindex=\"0\">{}</pre></details>",
        words.shape,
        escape(&text)
    );
}

fn problems(page: &mut String, words: &Words, language: Language) {
    let _ = write!(page, "<section id=\"problems\"><h2>{}</h2><dl>", words.problems);
    let mut last = 0;
    for kind in Kind::ALL {
        let anchor = if kind.status() == last { String::new() } else { format!(" id=\"p{}\"", kind.status()) };
        last = kind.status();
        let (uri, title) = (kind.type_uri(), kind.title(language));
        let advice = code(reference::advice(*kind).of(language));
        let _ = write!(
            page,
            "<dt{anchor}><b>{}</b> <code>{uri}</code></dt><dd><b>{}.</b> {advice}</dd>",
            kind.status(),
            escape(title)
        );
    }
    page.push_str("</dl></section>");
}

fn limits(page: &mut String, words: &Words, language: Language) {
    let _ = write!(page, "<section id=\"limits\"><h2>{}</h2><table>", words.limits);
    for limit in reference::limits() {
        let (about, value) = (code(limit.about.of(language)), code(limit.value.in_language(language)));
        let _ = write!(page, "<tr><th scope=\"row\">{about}</th><td>{value}</td></tr>");
    }
    page.push_str("</table></section>");
}

fn stability(page: &mut String, words: &Words, language: Language) {
    let _ = write!(page, "<section id=\"stability\"><h2>{}</h2><ul>", words.stability);
    for text in reference::stability() {
        let _ = write!(page, "<li>{}</li>", code(text.in_language(language)));
    }
    page.push_str("</ul></section>");
}

/// Text with its `code` marked up.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| match place % 2 {
            0 => escape(part).replace('\n', "<br>"),
            _ => format!("<code>{}</code>", escape(part)),
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
