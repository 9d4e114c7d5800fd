//! Templates: a named sender and text to start a message from.

use app::templates::{self, TemplateError, TemplateText};
use app::{Context, Error, UseCase};
use aws::store::filtered;
use domain::account::MessageTemplate;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::TemplateId;
use domain::search::NamePart;
use domain::template::{MAX_TEXT_CHARS, Template};
use serde_json::json;
use web::{FieldError, Text};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{line, text};
use crate::error::not_found;
use crate::gate::{Body, Id, IfMatch, NameFilter, Pages, Query};
use crate::words::{sender_problem, template_error};

const LISTING: &str = "templates";

pub fn operations() -> Vec<Operation> {
    let one = |operation: Operation| operation.answers::<TemplateView>(200, "The template", "Le modèle");
    vec![
        get("/templates", UseCase::ReadTemplates, page)
            .summary("Templates, newest first", "Modèles, du plus récent au plus ancien")
            .pages::<TemplateView>(),
        post("/templates", UseCase::CreateTemplate, create)
            .summary("Makes a template", "Crée un modèle")
            .example(json!({ "name": "Soldes", "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}" }))
            .answers::<TemplateView>(201, "The template", "Le modèle"),
        one(get("/templates/{id}", UseCase::ReadTemplates, show).summary("A template", "Un modèle")),
        one(patch("/templates/{id}", UseCase::ChangeTemplate, change)
            .summary(
                "Changes a template, and no campaign made from it",
                "Change un modèle, et aucune campagne qui en vient",
            )
            .never_conflicts()
            .example(json!({ "sender": null, "text": "Bonjour {{prenom}}, à samedi" }))),
        delete("/templates/{id}", UseCase::DeleteTemplate, remove)
            .summary("Removes a template", "Supprime un modèle")
            .answers_empty(204, "Removed", "Supprimé"),
    ]
}

shape! {
    struct SettingsView, patch SettingsPatch {
        name: String = line(NAME_CHARACTERS_MAX).such_as("Soldes"),
        /// The account's own when absent
        /// Celui du compte en son absence
        sender?: Option<String> = text(0, 40).such_as("MABOUTIQUE"),
        text: String = text(1, MAX_TEXT_CHARS).such_as("Bonjour {{prenom|cher client}}, -20%"),
    }
}

answers! {
    struct TemplateView as "Template" {
        ..settings: SettingsView,
        id: TemplateId,
        variables: Vec<String>,
        author: String,
        created_at: jiff::Timestamp,
        modified_at: jiff::Timestamp,
        version: u64,
    }
}

fn view(template: &MessageTemplate) -> TemplateView {
    let variables = Template::parse(&template.text).map(|parsed| parsed.variables().to_vec());
    TemplateView {
        settings: SettingsView {
            name: template.name.clone(),
            sender: Some(template.sender.clone()),
            text: template.text.clone(),
        },
        id: template.id.clone(),
        variables: variables.unwrap_or_default(),
        author: template.author.clone(),
        created_at: template.created_at,
        modified_at: template.modified_at,
        version: template.version,
    }
}

/// What is wrong with a template.
pub fn fault(fault: TemplateError) -> FieldError {
    match fault {
        TemplateError::Name => {
            let (least, most) = (1, NAME_CHARACTERS_MAX);
            let text = Text::new(format!("{least} to {most} characters"), format!("de {least} à {most} caractères"));
            FieldError::new("length", "/name", text)
        }
        TemplateError::Sender(problem) => FieldError::new(problem.code(), "/sender", sender_problem(problem)),
        TemplateError::NoText => {
            FieldError::new("no_text", "/text", Text::new("the text is empty", "le texte est vide"))
        }
        TemplateError::Text(problem) => FieldError::new(problem.fault.code(), "/text", template_error(problem)),
    }
}

async fn page(context: Context, pages: Pages, Query(filter): Query<NameFilter>) -> Answered {
    let store = &context.store;
    let part = NamePart::new(filter.q.as_deref().unwrap_or_default());
    let read = |after: Option<String>, limit| async move { store.templates(after.as_deref(), limit).await };
    let paging = pages.paging(LISTING)?;
    let is_wanted = |template: &MessageTemplate| part.is_in(&template.name);
    let page = filtered(paging.after, paging.limit, read, |template| template.id.to_string(), is_wanted).await?;
    pages.page(LISTING, page, |template| view(&template))
}

async fn create(context: Context, Body(body): Body<SettingsView>) -> Answered {
    let SettingsView { name, sender, text } = body;
    let made = templates::create(&context, TemplateText { name, sender: sender.flatten(), text }, None).await?;
    Ok(Answer::created(&format!("/templates/{}", made.id), &view(&made))?.version(made.version))
}

async fn show(context: Context, Id(id): Id<TemplateId>) -> Answered {
    let found = context.store.template(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&found))?.version(found.version))
}

async fn change(
    context: Context,
    Id(id): Id<TemplateId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<SettingsPatch>,
) -> Answered {
    let edit = |present: TemplateText| {
        Ok::<_, Error>(TemplateText {
            name: patch.name.clone().unwrap_or(present.name),
            sender: patch.sender.clone().unwrap_or(present.sender),
            text: patch.text.clone().unwrap_or(present.text),
        })
    };
    let changed = templates::change(&context, &id, &expected, edit).await?;
    Ok(Answer::ok(&view(&changed))?.version(changed.version))
}

async fn remove(context: Context, Id(id): Id<TemplateId>, IfMatch(expected): IfMatch) -> Answered {
    templates::remove(&context, &id, &expected).await?;
    Ok(Answer::empty())
}
