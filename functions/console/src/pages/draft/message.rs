//! Step 3, « Message »: sender, text with variables and links, its length as one types, and how a phone shows it.

use axum::extract::Path;
use maud::{Markup, html};
use shared::domain::campaign::{Campaign, ImageLink, Kind, LINKS_MAX, Message, Settings, ShortLink};
use shared::domain::ids::{ImageId, TemplateId};
use shared::domain::segments;
use shared::domain::sender::Sender;
use shared::domain::stop_mention::stop_mention;
use shared::domain::template::Template;

use super::{Kept, Sheet, Step, differences, keep, leave, open, problems};
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::pages::preview::{self, Samples};
use crate::view::icons;
use crate::view::parts::{Errors, Field, tick};
use crate::words::draft as d;

/// What the page shows besides the message itself.
struct Making<'a> {
    /// A target that was typed.
    url: String,
    /// The address looks right: its short URL is shown, and waits to be confirmed.
    is_made: bool,
    /// What was sent, which names the contact looked at.
    fields: &'a Fields,
}

impl<'a> Making<'a> {
    fn of(fields: &'a Fields) -> Self {
        Self { url: fields.get("url").trim().to_owned(), is_made: false, fields }
    }
}

pub async fn show(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&v, &id).await?;
    page(&v, &campaign, &campaign.settings, &Making::of(&fields), &Errors::default(), false).await
}

/// Counter and phone for what stands in the form now; nothing is saved.
pub async fn preview(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&v, &id).await?;
    let samples = preview::samples(&v, &stored.settings.lists).await.at(&fields);
    Ok(preview::parts(&v, &typed(&stored, &fields), &samples))
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&v, &id).await?;
    let mut settings = typed(&stored, &fields);
    let mut making = Making::of(&fields);
    let mut errors = Errors::default();
    let act = fields.get("do");
    match act {
        "link" | "link-ok" => make_link(&v, &mut settings.message, &mut making, act == "link-ok", &mut errors),
        "image" => add_image(&v, &mut settings.message, &fields, &mut errors).await?,
        "replace" => settings.message.text = segments::replace_unicode(&settings.message.text),
        "model" => use_model(&v, &mut settings.message, &fields).await?,
        act => {
            if let Some(name) = act.strip_prefix("drop:") {
                settings.message.links.retain(|link| link.name != name);
                settings.message.images.retain(|link| link.name != name);
            }
        }
    }
    let stays = !act.is_empty();
    if !stays {
        check(&v, &settings, &mut errors);
    }
    match keep(&v, Step::Message, &stored, settings.clone(), &fields).await? {
        Kept::Stale(now) => page(&v, &now, &settings, &making, &errors, true).await,
        Kept::Saved(saved) if stays => page(&v, &saved, &settings, &making, &errors, false).await,
        Kept::Saved(saved) => match leave(&saved, Step::Message, &fields, &errors) {
            Some(answer) => answer,
            None => page(&v, &saved, &settings, &making, &errors, false).await,
        },
    }
}

fn typed(stored: &Campaign, fields: &Fields) -> Settings {
    let message = Message {
        sender: fields.some("sender").map(ToOwned::to_owned),
        text: fields.lines("text"),
        stop: fields.has("stop"),
        ..stored.settings.message.clone()
    };
    Settings { message, ..stored.settings.clone() }
}

fn check(v: &Visitor, settings: &Settings, errors: &mut Errors) {
    let message = &settings.message;
    let sender = message.sender.as_deref().unwrap_or(&v.account.default_sender);
    if let Err(problem) = Sender::parse(sender, &[v.account.stop_code.as_str()]) {
        errors.add("sender", problems::sender(v, problem));
    }
    if message.text.trim().is_empty() {
        errors.add("text", v.t(d::TEXT_MISSING));
    } else if let Err(problem) = Template::parse(&message.text) {
        errors.add("text", problems::text(v, problem));
    }
}

/// « Créer » shows the short URL; « Valider » makes it a button beside the text.
fn make_link(v: &Visitor, message: &mut Message, making: &mut Making<'_>, confirms: bool, errors: &mut Errors) {
    let is_url = making.url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some_and(|host| host.contains('.'))
    });
    if !is_url || making.url.len() > 2_000 {
        return errors.add("url", v.t(d::LINK_BAD));
    }
    if message.links.len() >= LINKS_MAX {
        return errors.add("url", v.t(d::LINK_TOO_MANY));
    }
    making.is_made = true;
    if confirms {
        let name = free_name(message, "lien");
        let url = std::mem::take(&mut making.url);
        message.links.push(ShortLink { name, url, expires_at: None, fallback_url: None });
        making.is_made = false;
    }
}

async fn add_image(v: &Visitor, message: &mut Message, fields: &Fields, errors: &mut Errors) -> Result<(), Failure> {
    let found = match fields.get("image").parse::<ImageId>() {
        Ok(id) => crate::pages::images::checked(v, &id).await?,
        Err(_) => None,
    };
    match found {
        Some(image) if message.images.len() < LINKS_MAX => {
            let name = free_name(message, "image");
            message.images.push(ImageLink { name, image: image.id, expires_at: None });
        }
        Some(_) => errors.add("image-file", v.t(d::LINK_TOO_MANY)),
        None => errors.add("image-file", v.t(d::IMAGE_BAD)),
    }
    Ok(())
}

/// `lien`, `lien2`, …: the first that is not taken.
fn free_name(message: &Message, stem: &str) -> String {
    let taken = |name: &String| {
        message.links.iter().any(|link| link.name == *name) || message.images.iter().any(|link| link.name == *name)
    };
    let names = std::iter::once(stem.to_owned()).chain((2..).map(|number| format!("{stem}{number}")));
    names.take(100).find(|name| !taken(name)).unwrap_or_else(|| stem.to_owned())
}

async fn use_model(v: &Visitor, message: &mut Message, fields: &Fields) -> Result<(), Failure> {
    let Ok(id) = fields.get("model").parse::<TemplateId>() else { return Ok(()) };
    if let Some(model) = v.store.template(&id).await? {
        (message.text, message.template) = (model.text, Some(id));
        if model.sender.is_some() {
            message.sender = model.sender;
        }
    }
    Ok(())
}

async fn page(
    v: &Visitor,
    stored: &Campaign,
    typed: &Settings,
    making: &Making<'_>,
    errors: &Errors,
    is_stale: bool,
) -> Answer {
    let models = v.store.templates(None, 200).await?.items;
    let samples = preview::samples(v, &stored.settings.lists).await.at(making.fields);
    let message = &typed.message;
    let sender_hint = v.tf(d::SENDER_HINT, &[&v.account.default_sender]);
    let sender = Field { name: "sender", label: v.t(d::SENDER), hint: Some(&sender_hint), error: errors.of("sender") };
    let stop_hint = v.tf(d::STOP_HINT, &[stop_mention(&v.account.stop_code)]);
    let content = html! {
        div.writing data-ask={ "/campaigns/" (stored.id) "/message/preview" } {
            section.card {
                @if !models.is_empty() {
                    div.field {
                        label for="model" { (v.t(d::MODEL)) }
                        div.joined {
                            select #model name="model" {
                                option value="" { (v.t(d::MODEL_NONE)) }
                                @for model in &models {
                                    option value=(model.id) selected[message.template.as_ref() == Some(&model.id)] { (model.name) }
                                }
                            }
                            button.button.plain name="do" value="model" { (v.t(d::MODEL_USE)) }
                        }
                    }
                }
                (sender.input("text", message.sender.as_deref().unwrap_or_default(), "off"))
                (writing(v, typed, &samples, errors))
                @if typed.kind == Kind::Marketing { (tick("stop", message.stop, v.t(d::STOP_ADD), Some(&stop_hint))) }
                (links(v, message, making, errors))
            }
            (preview::phone(v, typed, &samples))
        }
    };
    let sheet = Sheet {
        step: Step::Message,
        stored: Some(stored),
        errors,
        stale: differences(v, Step::Message, typed, stored, is_stale),
    };
    Ok(sheet.page(v, &stored.settings.name, content))
}

fn writing(v: &Visitor, typed: &Settings, samples: &Samples, errors: &Errors) -> Markup {
    let message = &typed.message;
    let names: Vec<_> = message.links.iter().map(|link| (&link.name, icons::link())).collect();
    let images = message.images.iter().map(|link| (&link.name, icons::image()));
    let text = Field { name: "text", label: v.t(d::TEXT), hint: None, error: errors.of("text") };
    html! {
        div.compose {
            div { (text.area(&message.text, 7)) (preview::counter(v, typed, samples)) }
            div.insert role="group" aria-label=(v.t(d::INSERT)) {
                span.label { (v.t(d::INSERT)) }
                @for (name, icon) in names.into_iter().chain(images) {
                    button.chip.link type="button" data-insert={ "{{" (name) "}}" } { (icon) (v.t(d::TINY)) " " (name) }
                }
                @for name in &samples.columns {
                    button.chip type="button" data-insert={ "{{" (name) "}}" } { "{{" (name) "}}" }
                }
                p.hint { @if samples.columns.is_empty() { (v.t(d::VARIABLES_NONE)) } @else { (v.t(d::VARIABLES_HINT)) } }
            }
        }
    }
}

fn links(v: &Visitor, message: &Message, making: &Making<'_>, errors: &Errors) -> Markup {
    let url = Field { name: "url", label: v.t(d::LINK_TARGET), hint: Some(v.t(d::LINK_HINT)), error: errors.of("url") };
    let image = errors.of("image-file");
    html! {
        @if !message.links.is_empty() || !message.images.is_empty() {
            ul.links {
                @for (name, target) in message.links.iter().map(|link| (&link.name, &link.url)) {
                    li { (icons::link()) code { "{{" (name) "}}" } span { (target) } (drop_link(v, name)) }
                }
                @for name in message.images.iter().map(|link| &link.name) {
                    li { (icons::image()) code { "{{" (name) "}}" } span {} (drop_link(v, name)) }
                }
            }
        }
        details.make open[making.is_made || !making.url.is_empty()] {
            summary { (icons::link()) (v.t(d::LINK)) }
            (url.input("text", &making.url, "off"))
            @if making.is_made {
                p.note.good role="status" {
                    (v.t(d::LINK_READY)) " " code { (preview::short(&v.app.short_url)) } " – " (v.t(d::LINK_EACH))
                }
                button.button name="do" value="link-ok" { (v.t(d::LINK_VALIDATE)) }
            } @else {
                button.button.plain name="do" value="link" { (v.t(d::LINK_CREATE)) }
            }
        }
        details.make open[image.is_some()] {
            summary { (icons::image()) (v.t(d::IMAGE)) }
            div.field.bad[image.is_some()] {
                label for="image-file" { (v.t(d::IMAGE_FILE)) }
                p.hint { (v.t(d::IMAGE_HINT)) }
                input #image-file type="file" accept="image/jpeg,image/png,image/gif,image/webp"
                    data-image="/images" data-bad=(v.t(d::IMAGE_BAD));
                @if let Some(error) = image { p.error { (error) } }
            }
            input type="hidden" name="image" value="";
            button.button.plain name="do" value="image" { (v.t(d::LINK_CREATE)) }
        }
    }
}

fn drop_link(v: &Visitor, name: &str) -> Markup {
    html! {
        button.round name="do" value={ "drop:" (name) } aria-label=(v.tf(d::LINK_DROP, &[name])) { (icons::trash()) }
    }
}
