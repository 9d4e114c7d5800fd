//! « Modèles »: named senders and texts to start messages from.

use app::drafts::{DraftChanges, MessageChanges};
use app::templates::{self, TemplateError, TemplateText};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::account::MessageTemplate;
use domain::campaign::Settings;
use domain::ids::{CampaignId, TemplateId};
use domain::segments;
use http::StatusCode;
use maud::{Markup, html};
use support::random;

use crate::pages::commands::new_draft;
use crate::pages::draft::problems;
use crate::pages::preview::{self, Samples};
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{Ask, Errors, Field, back, csrf};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words;

const PAGE: usize = 500;

pub async fn show(visitor: Visitor) -> Answer {
    let templates = visitor.context.store.templates(None, PAGE).await?.items;
    let content = html! {
        div.title {
            div { h1 { (visitor.text(words::common::TEMPLATES)) } p.lead { (visitor.text(words::templates::LEAD)) } }
            @if visitor.may(UseCase::CreateTemplate) && !templates.is_empty() { a.button href="/templates/new" { (icons::plus()) (visitor.text(words::templates::NEW)) } }
        }
        @if templates.is_empty() {
            section.invite {
                (icons::bookmark())
                h2 { (visitor.text(words::templates::EMPTY)) }
                p { (visitor.text(words::templates::EMPTY_LEAD)) }
                @if visitor.may(UseCase::CreateTemplate) { a.button href="/templates/new" { (icons::plus()) (visitor.text(words::templates::NEW)) } }
            }
        }
        div.settings {
            @for template in &templates {
                section.card {
                    h2 { (template.name) }
                    p.hint { (template.sender.as_deref().unwrap_or(&visitor.account.default_sender)) " · " (visitor.at(template.modified_at)) }
                    p.bubble { (template.text) }
                    @if visitor.may(UseCase::ChangeTemplate) {
                        br;
                        div.buttons {
                            form method="post" action={ "/templates/" (template.id) "/use" } {
                                (csrf(&visitor))
                                input type="hidden" name="id" value=(CampaignId::new(visitor.now, random::bytes()));
                                button.button.small { (icons::plane()) (visitor.text(words::templates::USE)) }
                            }
                            a.button.plain.small href={ "/templates/" (template.id) } { (icons::pencil()) (visitor.text(words::common::EDIT)) }
                            a.button.plain.small href={ "/templates/" (template.id) "/delete" } data-dialog { (icons::trash()) (visitor.text(words::common::DELETE)) }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::page(&visitor, visitor.text(words::common::TEMPLATES), NavItem::Templates, content))
}

async fn open(visitor: &Visitor, id: &str) -> Result<MessageTemplate, PageError> {
    let id: TemplateId = id.parse().map_err(|_| PageError::NotFound)?;
    visitor.context.store.template(&id).await?.ok_or(PageError::NotFound)
}

pub async fn new(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::CreateTemplate)?;
    form(&visitor, None, "", "", "", &Errors::default())
}

pub async fn edit(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::ChangeTemplate)?;
    let template = open(&visitor, &id).await?;
    form(
        &visitor,
        Some(&template),
        &template.name,
        template.sender.as_deref().unwrap_or_default(),
        &template.text,
        &Errors::default(),
    )
}

pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    save(visitor, None, fields).await
}

pub async fn update(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let template = open(&visitor, &id).await?;
    save(visitor, Some(template), fields).await
}

async fn save(visitor: Visitor, template: Option<MessageTemplate>, fields: Fields) -> Answer {
    // A form sent twice finds the template that it created.
    let template = match (template, fields.id::<TemplateId>()) {
        (None, Some(id)) => visitor.context.store.template(&id).await?,
        (template, _) => template,
    };
    let (name, sender, text) = (fields.get("name").trim(), fields.get("sender").trim(), fields.lines("text"));
    if fields.get("do") == "replace" {
        return form(&visitor, template.as_ref(), name, sender, &segments::replace_unicode(&text), &Errors::default());
    }
    let new_text = TemplateText { name: name.to_owned(), sender: Some(sender.to_owned()), text: text.clone() };
    let kept = match &template {
        Some(template) => {
            templates::change(&visitor.context, &template.id, &Expected::Any, |_| Ok::<_, Error>(new_text.clone()))
                .await
        }
        None => templates::create(&visitor.context, new_text, fields.id()).await,
    };
    match kept {
        Err(Error::Template(problems)) => {
            let mut errors = Errors::default();
            for error in problems {
                let (field, text) = field_error(&visitor, error);
                errors.add(field, text);
            }
            form(&visitor, template.as_ref(), name, sender, &text, &errors)
        }
        kept => {
            kept?;
            visitor.done("/templates", "saved")
        }
    }
}

fn field_error(visitor: &Visitor, error: TemplateError) -> (&'static str, String) {
    match error {
        TemplateError::Name => ("name", visitor.text(words::templates::NAME_BAD).to_owned()),
        TemplateError::Sender(problem) => ("sender", problems::sender(visitor, problem)),
        TemplateError::NoText => ("text", visitor.text(words::draft::TEXT_MISSING).to_owned()),
        TemplateError::Text(problem) => ("text", problems::text(visitor, problem)),
    }
}

/// Creates a draft with the template's message.
pub async fn use_it(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let template = open(&visitor, &id).await?;
    let message = MessageChanges { template: Some(Some(template.id)), stop: Some(true), ..MessageChanges::default() };
    let changes = DraftChanges { name: Some(template.name), message, ..DraftChanges::default() };
    new_draft(&visitor, &changes, &fields).await
}

pub async fn ask(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::DeleteTemplate)?;
    let template = open(&visitor, &id).await?;
    let ask = Ask {
        title: &visitor.text_with(words::templates::DELETE_ASK, &[&template.name]),
        help: visitor.text(words::templates::DELETE_HELP),
        action: &format!("/templates/{}/delete", template.id),
        back: "/templates",
        yes: words::common::DELETE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&visitor, NavItem::Templates))
}

pub async fn delete(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let template = open(&visitor, &id).await?;
    templates::remove(&visitor.context, &template.id, &Expected::Any).await?;
    visitor.done("/templates", "deleted")
}

fn shown(sender: &str, text: &str) -> Settings {
    let mut shown = Settings::default();
    shown.message.text = text.to_owned();
    shown.message.sender = Some(sender.to_owned()).filter(|sender| !sender.is_empty());
    shown
}

/// Counter and preview for the form as it is.
pub async fn preview(visitor: Visitor, fields: Fields) -> Answer {
    Ok(preview::parts(&visitor, &shown(fields.get("sender").trim(), &fields.lines("text")), &Samples::default()))
}

fn form(
    visitor: &Visitor,
    template: Option<&MessageTemplate>,
    name: &str,
    sender: &str,
    text: &str,
    errors: &Errors,
) -> Answer {
    let title =
        if template.is_some() { visitor.text(words::templates::EDIT) } else { visitor.text(words::templates::NEW) };
    let path = template.map_or("/templates".to_owned(), |template| format!("/templates/{}", template.id));
    let hint = visitor.text_with(words::draft::SENDER_HINT, &[&visitor.account.default_sender]);
    let shown = shown(sender, text);
    let samples = Samples::default();
    let name_field =
        Field { name: "name", label: visitor.text(words::templates::NAME), hint: None, error: errors.of("name") };
    let sender_field = Field {
        name: "sender",
        label: visitor.text(words::draft::SENDER),
        hint: Some(&hint),
        error: errors.of("sender"),
    };
    let text_field = Field {
        name: "text",
        label: visitor.text(words::draft::TEXT),
        hint: Some(visitor.text(words::draft::VARIABLES_HINT)),
        error: errors.of("text"),
    };
    let content = html! {
        (back("/templates", visitor.text(words::common::TEMPLATES)))
        div.title { h1 { (title) } }
        form method="post" action=(path) data-live data-dirty {
            (csrf(visitor))
            @if template.is_none() { input type="hidden" name="id" value=(TemplateId::new(visitor.now, random::bytes())); }
            (errors.summary(visitor))
            div.writing data-ask="/templates/preview" {
                section.card {
                    (name_field.input("text", name, "off"))
                    (sender_field.input("text", sender, "off"))
                    (text_field.area(text, 7))
                    (preview::counter(visitor, &shown, &samples))
                }
                (preview::phone(visitor, &shown, &samples))
            }
            div.buttons.foot {
                a.button.plain href="/templates" { (visitor.text(words::common::CANCEL)) }
                button.button { (visitor.text(words::common::SAVE)) }
            }
        }
    };
    let mut response = layout::page(visitor, title, NavItem::Templates, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
