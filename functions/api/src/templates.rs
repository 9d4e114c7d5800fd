//! Templates: a named sender and text, to begin a message with.

use aws::store::{AccountStore, filtered};
use domain::account::{MessageTemplate, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::TemplateId;
use domain::template::{MAX_TEXT_CHARS, Template};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::{Fault, Problem};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{Schema, any_text, count, field, id, instant, line, maybe, object, text};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id, IfMatch, Query, merge};
use crate::search;
use crate::words::template_fault;

const LISTING: &str = "templates";

pub fn operations() -> Vec<Operation> {
    let one = |operation: Operation| operation.answers(200, "The template", "Le modèle", template());
    vec![
        get("/templates", Scope::Read, "Templates, newest first", page)
            .query(
                "q",
                text(0, 100).about(
                    "Part of the name; case and accents do not matter",
                    "Une partie du nom, sans égard à la casse ni aux accents",
                ),
            )
            .pages(template()),
        post("/templates", Scope::Write, "Makes a template", create)
            .takes(settings())
            .example(json!({ "name": "Soldes", "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}" }))
            .answers(201, "The template", "Le modèle", template()),
        one(get("/templates/{id}", Scope::Read, "A template", show)),
        one(patch("/templates/{id}", Scope::Write, "Changes a template, and no campaign made from it", change)
            .takes(settings().patch())
            .example(json!({ "sender": null, "text": "Bonjour {{prenom}}, à samedi" }))),
        delete("/templates/{id}", Scope::Write, "Removes a template", remove).answers_empty(204, "Removed", "Supprimé"),
    ]
}

fn settings() -> Schema {
    object([
        field("name", line(NAME_CHARACTERS_MAX).such_as("Soldes")),
        maybe(
            "sender",
            text(0, 40)
                .or_null()
                .such_as("MABOUTIQUE")
                .about("The account's own when absent", "Celui du compte en son absence"),
        ),
        field("text", text(1, MAX_TEXT_CHARS).such_as("Bonjour {{prenom|cher client}}, -20%")),
    ])
}

fn template() -> Schema {
    settings()
        .with([
            field("id", id("tpl_")),
            field("variables", crate::contract::schema::all(any_text())),
            field("author", any_text()),
            field("created_at", instant()),
            field("modified_at", instant()),
            field("version", count()),
        ])
        .named("Template")
}

#[derive(Serialize, Deserialize)]
struct Settings {
    name: String,
    sender: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct TemplateView {
    id: String,
    #[serde(flatten)]
    settings: Settings,
    variables: Vec<String>,
    author: String,
    created_at: jiff::Timestamp,
    modified_at: jiff::Timestamp,
    version: u64,
}

fn settings_of(template: &MessageTemplate) -> Settings {
    let MessageTemplate { name, sender, text, .. } = template;
    Settings { name: name.clone(), sender: sender.clone(), text: text.clone() }
}

fn view(template: &MessageTemplate) -> TemplateView {
    let variables = Template::parse(&template.text).map(|parsed| parsed.variables().to_vec());
    TemplateView {
        id: template.id.to_string(),
        settings: settings_of(template),
        variables: variables.unwrap_or_default(),
        author: template.author.clone(),
        created_at: template.created_at,
        modified_at: template.modified_at,
        version: template.version,
    }
}

/// A template with these settings, if they can be one.
fn with(template: MessageTemplate, settings: Settings) -> Result<MessageTemplate, Problem> {
    if let Err(problem) = Template::parse(&settings.text) {
        return Err(Problem::invalid(vec![Fault::new(problem.fault.code(), "/text", template_fault(problem))]));
    }
    let sender = settings.sender.map(|sender| sender.trim().to_owned()).filter(|sender| !sender.is_empty());
    Ok(MessageTemplate { name: settings.name.trim().into(), sender, text: settings.text, ..template })
}

async fn find(store: &AccountStore, id: &TemplateId) -> Result<MessageTemplate, Failure> {
    store.template(id).await?.ok_or_else(|| not_found().into())
}

async fn page(app: App, caller: Caller, query: Query) -> Answered {
    let store = app.store_of(&caller);
    let wanted = query.get("q").map(search::folded);
    let is_wanted = |template: &MessageTemplate| {
        wanted.as_ref().is_none_or(|wanted| search::folded(&template.name).contains(wanted))
    };
    let read = |after: Option<String>, limit| {
        let store = store.clone();
        async move { store.templates(after.as_deref(), limit).await }
    };
    let paging = query.paging(LISTING)?;
    let page = filtered(paging.after, paging.limit, read, |template| template.id.to_string(), is_wanted).await?;
    query.page(LISTING, page, |template| view(&template))
}

async fn create(app: App, caller: Caller, Body(settings): Body<Settings>) -> Answered {
    let now = app.clock.now();
    let blank = MessageTemplate {
        id: TemplateId::new(now, app.random()),
        name: String::new(),
        sender: None,
        text: String::new(),
        author: caller.author.clone(),
        created_at: now,
        modified_at: now,
        version: 0,
    };
    let made = app.store_of(&caller).put_template(with(blank, settings)?).await?;
    app.trail(&caller).note("template.created", made.id.as_str(), "").await;
    Ok(Answer::created(&format!("/templates/{}", made.id), &view(&made))?.version(made.version))
}

async fn show(app: App, caller: Caller, Id(id): Id<TemplateId>) -> Answered {
    let found = find(&app.store_of(&caller), &id).await?;
    Ok(Answer::ok(&view(&found))?.version(found.version))
}

async fn change(
    app: App,
    caller: Caller,
    Id(id): Id<TemplateId>,
    if_match: IfMatch,
    Body(patch): Body<Value>,
) -> Answered {
    let store = app.store_of(&caller);
    let found = find(&store, &id).await?;
    if_match.holds(found.version)?;
    let mut merged = serde_json::to_value(settings_of(&found)).map_err(Failure::Unwritable)?;
    merge(&mut merged, &patch);
    let settings = serde_json::from_value(merged).map_err(Failure::Unread)?;
    let next = MessageTemplate { modified_at: app.clock.now(), ..with(found, settings)? };
    let changed = store.put_template(next).await?;
    app.trail(&caller).note("template.changed", id.as_str(), "").await;
    Ok(Answer::ok(&view(&changed))?.version(changed.version))
}

async fn remove(app: App, caller: Caller, Id(id): Id<TemplateId>, if_match: IfMatch) -> Answered {
    let store = app.store_of(&caller);
    let found = find(&store, &id).await?;
    if_match.holds(found.version)?;
    store.delete_template(&found).await?;
    app.trail(&caller).note("template.deleted", id.as_str(), found.name).await;
    Ok(Answer::empty())
}
