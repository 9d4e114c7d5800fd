//! « Modèles »: named senders and texts, to begin messages with.

use app::drafts::{DraftChanges, MessageChanges};
use app::templates::{self, TemplateFault, TemplateText};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::account::MessageTemplate;
use domain::campaign::Settings;
use domain::ids::{CampaignId, TemplateId};
use domain::segments;
use http::StatusCode;
use maud::{Markup, html};
use support::random;

use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::pages::commands::new_draft;
use crate::pages::draft::problems;
use crate::pages::preview::{self, Samples};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{Ask, Errors, Field, back, csrf};
use crate::words::{common as w, draft as d, models as m};

const PAGE: usize = 500;

pub async fn show(v: Visitor) -> Answer {
    let models = v.context.store.templates(None, PAGE).await?.items;
    let content = html! {
        div.title {
            div { h1 { (v.t(w::MODELS)) } p.lead { (v.t(m::LEAD)) } }
            @if v.may(UseCase::CreateTemplate) && !models.is_empty() { a.button href="/templates/new" { (icons::plus()) (v.t(m::NEW)) } }
        }
        @if models.is_empty() {
            section.invite {
                (icons::bookmark())
                h2 { (v.t(m::EMPTY)) }
                p { (v.t(m::EMPTY_LEAD)) }
                @if v.may(UseCase::CreateTemplate) { a.button href="/templates/new" { (icons::plus()) (v.t(m::NEW)) } }
            }
        }
        div.settings {
            @for model in &models {
                section.card {
                    h2 { (model.name) }
                    p.hint { (model.sender.as_deref().unwrap_or(&v.account.default_sender)) " · " (v.at(model.modified_at)) }
                    p.bubble { (model.text) }
                    @if v.may(UseCase::ChangeTemplate) {
                        br;
                        div.buttons {
                            form method="post" action={ "/templates/" (model.id) "/use" } {
                                (csrf(&v))
                                input type="hidden" name="id" value=(CampaignId::new(v.now, random::octets()));
                                button.button.small { (icons::plane()) (v.t(m::USE)) }
                            }
                            a.button.plain.small href={ "/templates/" (model.id) } { (icons::pencil()) (v.t(w::EDIT)) }
                            a.button.plain.small href={ "/templates/" (model.id) "/delete" } data-dialog { (icons::trash()) (v.t(w::DELETE)) }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::page(&v, v.t(w::MODELS), Place::Models, content))
}

async fn open(v: &Visitor, id: &str) -> Result<MessageTemplate, Failure> {
    let id: TemplateId = id.parse().map_err(|_| Failure::NotFound)?;
    v.context.store.template(&id).await?.ok_or(Failure::NotFound)
}

pub async fn new(v: Visitor) -> Answer {
    v.needs(UseCase::CreateTemplate)?;
    form(&v, None, "", "", "", &Errors::default())
}

pub async fn edit(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs(UseCase::ChangeTemplate)?;
    let model = open(&v, &id).await?;
    form(&v, Some(&model), &model.name, model.sender.as_deref().unwrap_or_default(), &model.text, &Errors::default())
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    save(v, None, fields).await
}

pub async fn update(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let model = open(&v, &id).await?;
    save(v, Some(model), fields).await
}

async fn save(v: Visitor, model: Option<MessageTemplate>, fields: Fields) -> Answer {
    // A form sent twice finds what it made.
    let model = match (model, fields.id::<TemplateId>()) {
        (None, Some(id)) => v.context.store.template(&id).await?,
        (model, _) => model,
    };
    let (name, sender, text) = (fields.get("name").trim(), fields.get("sender").trim(), fields.lines("text"));
    if fields.get("do") == "replace" {
        return form(&v, model.as_ref(), name, sender, &segments::replace_unicode(&text), &Errors::default());
    }
    let wanted = TemplateText { name: name.to_owned(), sender: Some(sender.to_owned()), text: text.clone() };
    let kept = match &model {
        Some(model) => {
            templates::change(&v.context, &model.id, &Expected::Any, |_| Ok::<_, Error>(wanted.clone())).await
        }
        None => templates::create(&v.context, wanted, fields.id()).await,
    };
    match kept {
        Err(Error::Template(faults)) => {
            let mut errors = Errors::default();
            for fault in faults {
                let (field, text) = fault_text(&v, fault);
                errors.add(field, text);
            }
            form(&v, model.as_ref(), name, sender, &text, &errors)
        }
        kept => {
            kept?;
            v.done("/templates", "saved")
        }
    }
}

fn fault_text(v: &Visitor, fault: TemplateFault) -> (&'static str, String) {
    match fault {
        TemplateFault::Name => ("name", v.t(m::NAME_BAD).to_owned()),
        TemplateFault::Sender(problem) => ("sender", problems::sender(v, problem)),
        TemplateFault::NoText => ("text", v.t(d::TEXT_MISSING).to_owned()),
        TemplateFault::Text(problem) => ("text", problems::text(v, problem)),
    }
}

/// A new draft that begins with the template.
pub async fn use_it(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let model = open(&v, &id).await?;
    let message = MessageChanges { template: Some(Some(model.id)), stop: Some(true), ..MessageChanges::default() };
    let changes = DraftChanges { name: Some(model.name), message, ..DraftChanges::default() };
    new_draft(&v, &changes, &fields).await
}

pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs(UseCase::DeleteTemplate)?;
    let model = open(&v, &id).await?;
    let ask = Ask {
        title: &v.tf(m::DELETE_ASK, &[&model.name]),
        help: v.t(m::DELETE_HELP),
        action: &format!("/templates/{}/delete", model.id),
        back: "/templates",
        yes: w::DELETE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&v, Place::Models))
}

pub async fn delete(v: Visitor, Path(id): Path<String>) -> Answer {
    let model = open(&v, &id).await?;
    templates::remove(&v.context, &model.id, &Expected::Any).await?;
    v.done("/templates", "deleted")
}

fn shown(sender: &str, text: &str) -> Settings {
    let mut shown = Settings::default();
    shown.message.text = text.to_owned();
    shown.message.sender = Some(sender.to_owned()).filter(|sender| !sender.is_empty());
    shown
}

/// Counter and phone for what stands in the form now.
pub async fn preview(v: Visitor, fields: Fields) -> Answer {
    Ok(preview::parts(&v, &shown(fields.get("sender").trim(), &fields.lines("text")), &Samples::default()))
}

fn form(v: &Visitor, model: Option<&MessageTemplate>, name: &str, sender: &str, text: &str, errors: &Errors) -> Answer {
    let title = if model.is_some() { v.t(m::EDIT) } else { v.t(m::NEW) };
    let path = model.map_or("/templates".to_owned(), |model| format!("/templates/{}", model.id));
    let hint = v.tf(d::SENDER_HINT, &[&v.account.default_sender]);
    let shown = shown(sender, text);
    let samples = Samples::default();
    let name_field = Field { name: "name", label: v.t(m::NAME), hint: None, error: errors.of("name") };
    let sender_field = Field { name: "sender", label: v.t(d::SENDER), hint: Some(&hint), error: errors.of("sender") };
    let text_field =
        Field { name: "text", label: v.t(d::TEXT), hint: Some(v.t(d::VARIABLES_HINT)), error: errors.of("text") };
    let content = html! {
        (back("/templates", v.t(w::MODELS)))
        div.title { h1 { (title) } }
        form method="post" action=(path) data-live data-dirty {
            (csrf(v))
            @if model.is_none() { input type="hidden" name="id" value=(TemplateId::new(v.now, random::octets())); }
            (errors.summary(v))
            div.writing data-ask="/templates/preview" {
                section.card {
                    (name_field.input("text", name, "off"))
                    (sender_field.input("text", sender, "off"))
                    (text_field.area(text, 7))
                    (preview::counter(v, &shown, &samples))
                }
                (preview::phone(v, &shown, &samples))
            }
            div.buttons.foot {
                a.button.plain href="/templates" { (v.t(w::CANCEL)) }
                button.button { (v.t(w::SAVE)) }
            }
        }
    };
    let mut response = layout::page(v, title, Place::Models, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
