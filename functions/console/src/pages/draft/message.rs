//! Step 3, « Message »: sender, text with variables and links, its length while typing, and a preview.

use app::drafts::{DraftChanges, MessageChanges, apply_template};
use axum::extract::Path;
use domain::campaign::{Campaign, Kind, Message, Settings};
use domain::ids::TemplateId;
use domain::segments;
use domain::sender::Sender;
use domain::stop_mention::stop_mention;
use domain::template::Template;
use maud::{Markup, html};

use super::{SaveResult, Sheet, Step, differences, keep, leave, links, open, problems};
use crate::pages::preview::{self, Samples};
use crate::view::icons;
use crate::view::parts::{Errors, Field, tick};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words;

/// What the page shows besides the message itself.
pub struct LinkForm<'a> {
    /// The typed target.
    pub url: String,
    /// The target is valid: its short URL is shown, and waits for confirmation.
    pub is_made: bool,
    /// The form as sent, which names the contact for the preview.
    pub fields: &'a Fields,
}

impl<'a> LinkForm<'a> {
    fn new(fields: &'a Fields) -> Self {
        Self { url: fields.get("url").trim().to_owned(), is_made: false, fields }
    }
}

pub async fn show(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&visitor, &id).await?;
    page(&visitor, &campaign, &campaign.settings, &LinkForm::new(&fields), &Errors::default(), false).await
}

/// Counter and preview for the form as it is; nothing is saved.
pub async fn preview(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let samples = preview::samples(&visitor, &stored.settings.lists).await.at(&fields);
    Ok(preview::parts(&visitor, &typed(&visitor, &stored, &fields, &mut Errors::default()), &samples))
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let mut errors = Errors::default();
    let mut settings = typed(&visitor, &stored, &fields, &mut errors);
    let mut form = LinkForm::new(&fields);
    let act = fields.get("do");
    match act {
        "link" | "link-ok" => links::make(&visitor, &mut settings.message, &mut form, act == "link-ok", &mut errors),
        "image" => links::add_image(&visitor, &mut settings.message, &fields, &mut errors).await?,
        "replace" => settings.message.text = segments::replace_unicode(&settings.message.text),
        "template" => use_template(&visitor, &mut settings.message, &fields).await?,
        act => {
            if let Some(name) = act.strip_prefix("drop:") {
                links::drop(&mut settings.message, name);
            }
        }
    }
    let stays = !act.is_empty();
    if !stays {
        check(&visitor, &settings, &mut errors);
    }
    let message = MessageChanges::to(settings.message.clone());
    let changes = DraftChanges { message, ..DraftChanges::default() };
    match keep(&visitor, Step::Message, &stored, &changes, &fields).await? {
        SaveResult::Stale(now) => page(&visitor, &now, &settings, &form, &errors, true).await,
        SaveResult::Saved(saved) if stays => page(&visitor, &saved, &settings, &form, &errors, false).await,
        SaveResult::Saved(saved) => match leave(&saved, Step::Message, &fields, &errors) {
            Some(answer) => answer,
            None => page(&visitor, &saved, &settings, &form, &errors, false).await,
        },
    }
}

fn typed(visitor: &Visitor, stored: &Campaign, fields: &Fields, errors: &mut Errors) -> Settings {
    let mut message = Message {
        sender: fields.some("sender").map(ToOwned::to_owned),
        text: fields.lines("text"),
        stop: fields.has("stop"),
        ..stored.settings.message.clone()
    };
    links::read_ends(visitor, fields, &mut message, errors);
    Settings { message, ..stored.settings.clone() }
}

fn check(visitor: &Visitor, settings: &Settings, errors: &mut Errors) {
    let message = &settings.message;
    let sender = message.sender.as_deref().unwrap_or(&visitor.account.default_sender);
    if let Err(problem) = Sender::parse(sender, &[visitor.account.stop_code.as_str()]) {
        errors.add("sender", problems::sender(visitor, problem));
    }
    if message.text.trim().is_empty() {
        errors.add("text", visitor.text(words::draft::TEXT_MISSING));
    } else if let Err(problem) = Template::parse(&message.text) {
        errors.add("text", problems::text(visitor, problem));
    }
}

async fn use_template(visitor: &Visitor, message: &mut Message, fields: &Fields) -> Result<(), PageError> {
    let Ok(id) = fields.get("template").parse::<TemplateId>() else { return Ok(()) };
    if let Some(template) = visitor.context.store.template(&id).await? {
        apply_template(message, &template);
    }
    Ok(())
}

async fn page(
    visitor: &Visitor,
    stored: &Campaign,
    typed: &Settings,
    form: &LinkForm<'_>,
    errors: &Errors,
    is_stale: bool,
) -> Answer {
    let templates = visitor.context.store.templates(None, 200).await?.items;
    let samples = preview::samples(visitor, &stored.settings.lists).await.at(form.fields);
    let message = &typed.message;
    let sender_hint = visitor.text_with(words::draft::SENDER_HINT, &[&visitor.account.default_sender]);
    let sender = Field {
        name: "sender",
        label: visitor.text(words::draft::SENDER),
        hint: Some(&sender_hint),
        error: errors.of("sender"),
    };
    let stop_hint = visitor.text_with(words::draft::STOP_HINT, &[stop_mention(&visitor.account.stop_code)]);
    let content = html! {
        div.writing data-ask={ "/campaigns/" (stored.id) "/message/preview" } {
            section.card {
                @if !templates.is_empty() {
                    div.field {
                        label for="template" { (visitor.text(words::draft::TEMPLATE)) }
                        div.joined {
                            select #template name="template" {
                                option value="" { (visitor.text(words::draft::TEMPLATE_NONE)) }
                                @for template in &templates {
                                    option value=(template.id) selected[message.template.as_ref() == Some(&template.id)] { (template.name) }
                                }
                            }
                            button.button.plain name="do" value="template" { (visitor.text(words::draft::TEMPLATE_USE)) }
                        }
                    }
                }
                (sender.input("text", message.sender.as_deref().unwrap_or_default(), "off"))
                (writing(visitor, typed, &samples, errors))
                @if typed.kind == Kind::Marketing { (tick("stop", message.stop, visitor.text(words::draft::STOP_ADD), Some(&stop_hint))) }
                (links::show(visitor, message, form, errors))
            }
            (preview::phone(visitor, typed, &samples))
        }
    };
    let sheet = Sheet {
        step: Step::Message,
        stored: Some(stored),
        errors,
        stale: differences(visitor, Step::Message, typed, stored, is_stale),
    };
    Ok(sheet.page(visitor, &stored.settings.name, content))
}

fn writing(visitor: &Visitor, typed: &Settings, samples: &Samples, errors: &Errors) -> Markup {
    let message = &typed.message;
    let names: Vec<_> = message.links.iter().map(|link| (&link.name, icons::link())).collect();
    let images = message.images.iter().map(|link| (&link.name, icons::image()));
    let text = Field { name: "text", label: visitor.text(words::draft::TEXT), hint: None, error: errors.of("text") };
    html! {
        div.compose {
            div { (text.area(&message.text, 7)) (preview::counter(visitor, typed, samples)) }
            div.insert role="group" aria-label=(visitor.text(words::draft::INSERT)) {
                span.label { (visitor.text(words::draft::INSERT)) }
                div.chips {
                    @for (name, icon) in names.into_iter().chain(images) {
                        button.chip.link type="button" data-insert={ "{{" (name) "}}" } { (icon) (visitor.text(words::draft::TINY)) " " (name) }
                    }
                    @for name in &samples.columns {
                        button.chip type="button" data-insert={ "{{" (name) "}}" } { "{{" (name) "}}" }
                    }
                }
                p.hint { @if samples.columns.is_empty() { (visitor.text(words::draft::VARIABLES_NONE)) } @else { (visitor.text(words::draft::VARIABLES_HINT)) } }
            }
        }
    }
}
