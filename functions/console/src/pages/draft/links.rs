//! Short links and image links of a message: created, given an end, removed, and described.

use app::images;
use domain::campaign::{ImageLink, LINKS_MAX, Link, Message, ShortLink, Target, URL_CHARACTERS_MAX};
use domain::ids::ImageId;
use domain::local_time;
use domain::web_address::is_web_address;
use jiff::Timestamp;
use maud::{Markup, html};

use super::message::LinkForm;
use super::problems;
use crate::pages::preview;
use crate::view::icons;
use crate::view::parts::{Errors, Field};
use crate::visitor::{Fields, PageError, Visitor};
use crate::words;

/// « Créer » shows the short URL; « Valider » adds it as a button beside the text.
pub fn make(visitor: &Visitor, message: &mut Message, form: &mut LinkForm<'_>, confirms: bool, errors: &mut Errors) {
    if !is_target(&form.url) {
        return errors.add("url", visitor.text(words::draft::LINK_BAD));
    }
    if message.links.len() >= LINKS_MAX {
        return errors.add("url", visitor.text(words::draft::LINK_TOO_MANY));
    }
    form.is_made = true;
    if confirms {
        let name = free_name(message, "lien");
        let url = std::mem::take(&mut form.url);
        message.links.push(ShortLink { name, url, expires_at: None, fallback_url: None });
        form.is_made = false;
    }
}

fn is_target(url: &str) -> bool {
    is_web_address(url) && url.chars().count() <= URL_CHARACTERS_MAX
}

pub async fn add_image(
    visitor: &Visitor,
    message: &mut Message,
    fields: &Fields,
    errors: &mut Errors,
) -> Result<(), PageError> {
    let found = match fields.get("image").parse::<ImageId>() {
        Ok(id) => images::checked(&visitor.context, &id).await?.filter(|image| image.is_checked),
        Err(_) => None,
    };
    match found {
        Some(image) if message.images.len() < LINKS_MAX => {
            let name = free_name(message, "image");
            message.images.push(ImageLink { name, image: image.id, expires_at: None });
        }
        Some(_) => errors.add("image-file", visitor.text(words::draft::LINK_TOO_MANY)),
        None => errors.add("image-file", visitor.text(words::draft::IMAGE_BAD)),
    }
    Ok(())
}

/// `lien`, `lien2`, …: the first free name.
fn free_name(message: &Message, stem: &str) -> String {
    let taken = |name: &String| message.all_links().any(|link| link.name == name);
    let names = std::iter::once(stem.to_owned()).chain((2..).map(|number| format!("{stem}{number}")));
    names.take(100).find(|name| !taken(name)).unwrap_or_else(|| stem.to_owned())
}

pub fn drop(message: &mut Message, name: &str) {
    message.links.retain(|link| link.name != name);
    message.images.retain(|link| link.name != name);
}

/// Applies the typed ends to a message. If one cannot be read, its link is unchanged and an error is added.
pub fn read_ends(visitor: &Visitor, fields: &Fields, message: &mut Message, errors: &mut Errors) {
    for (index, link) in message.links.iter_mut().enumerate() {
        let (end, fallback) = (end_of("link", index), fallback_of(index));
        if fields.has(&end) {
            link.expires_at = instant(visitor, fields, &end, link.expires_at, errors);
        }
        if fields.has(&fallback) {
            let typed = fields.some(&fallback);
            match typed {
                Some(url) if !is_target(url) => errors.add(fallback, visitor.text(words::draft::LINK_BAD)),
                Some(_) if fields.some(&end).is_none() => {
                    errors.add(fallback, visitor.text(words::draft::LINK_AFTER_NO_END))
                }
                _ => link.fallback_url = typed.map(ToOwned::to_owned),
            }
        }
        // Without an end there is no fallback.
        if link.expires_at.is_none() {
            link.fallback_url = None;
        }
    }
    for (index, link) in message.images.iter_mut().enumerate() {
        let end = end_of("image", index);
        if fields.has(&end) {
            link.expires_at = instant(visitor, fields, &end, link.expires_at, errors);
        }
    }
}

fn end_of(kind: &str, index: usize) -> String {
    format!("{kind}-end-{index}")
}

fn fallback_of(index: usize) -> String {
    format!("link-after-{index}")
}

/// The instant of a typed local time; the stored one if it cannot be read, or is in the same minute.
fn instant(
    visitor: &Visitor,
    fields: &Fields,
    name: &str,
    now: Option<Timestamp>,
    errors: &mut Errors,
) -> Option<Timestamp> {
    let typed = fields.some(name)?;
    if now.is_some_and(|at| local(visitor, at) == typed) {
        return now;
    }
    match local_time::resolve(typed, &visitor.zone) {
        Ok(at) if at > visitor.now => return Some(at),
        Ok(_) => errors.add(name.to_owned(), visitor.text(words::draft::AT_PAST)),
        Err(problem) => errors.add(name.to_owned(), problems::time(visitor, problem)),
    }
    now
}

/// In the format of the browser's control.
fn local(visitor: &Visitor, at: Timestamp) -> String {
    visitor.zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Every link with its end, and the two ways to create one.
pub fn show(visitor: &Visitor, message: &Message, form: &LinkForm<'_>, errors: &Errors) -> Markup {
    let url = Field {
        name: "url",
        label: visitor.text(words::draft::LINK_TARGET),
        hint: Some(visitor.text(words::draft::LINK_HINT)),
        error: errors.of("url"),
    };
    let image = errors.of("image-file");
    html! {
        @if message.all_links().next().is_some() {
            ul.links {
                @for (index, link) in message.links.iter().enumerate() {
                    li {
                        div.link-line { (icons::link()) code { "{{" (link.name) "}}" } span { (link.url) } (drop_button(visitor, &link.name)) }
                        (ends(visitor, &link.name, index, link.expires_at, Some(link.fallback_url.as_deref()), form, errors))
                    }
                }
                @for (index, link) in message.images.iter().enumerate() {
                    li {
                        div.link-line { (icons::image()) code { "{{" (link.name) "}}" } span { (visitor.text(words::draft::IMAGE)) } (drop_button(visitor, &link.name)) }
                        (ends(visitor, &link.name, index, link.expires_at, None, form, errors))
                    }
                }
            }
        }
        details.make open[form.is_made || !form.url.is_empty()] {
            summary { (icons::link()) (visitor.text(words::draft::LINK)) }
            (url.input("url", &form.url, "off"))
            @if form.is_made {
                p.note.good role="status" {
                    (visitor.text(words::draft::LINK_READY)) " " code { (preview::short(&visitor.context.short_url)) } " – " (visitor.text(words::draft::LINK_EACH))
                }
                button.button name="do" value="link-ok" { (visitor.text(words::draft::LINK_VALIDATE)) }
            } @else {
                button.button.plain name="do" value="link" { (visitor.text(words::draft::LINK_CREATE)) }
            }
        }
        details.make open[image.is_some()] {
            summary { (icons::image()) (visitor.text(words::draft::IMAGE)) }
            div.field.bad[image.is_some()] {
                label for="image-file" { (visitor.text(words::draft::IMAGE_FILE)) }
                p.hint { (visitor.text(words::draft::IMAGE_HINT)) }
                input #image-file type="file" accept="image/jpeg,image/png,image/gif,image/webp"
                    data-image="/images" data-bad=(visitor.text(words::draft::IMAGE_BAD));
                @if let Some(error) = image { p.error { (error) } }
            }
            input type="hidden" name="image" value="";
            button.button.plain name="do" value="image" { (visitor.text(words::draft::LINK_CREATE)) }
        }
    }
}

/// The end of a link and its fallback; an image link has no fallback.
fn ends(
    visitor: &Visitor,
    name: &str,
    index: usize,
    stored: Option<Timestamp>,
    fallback: Option<Option<&str>>,
    form: &LinkForm<'_>,
    errors: &Errors,
) -> Markup {
    let end = end_of(if fallback.is_some() { "link" } else { "image" }, index);
    let after = fallback_of(index);
    // If one of the two is rejected, both are shown as typed.
    let is_refused = errors.of(&end).is_some() || errors.of(&after).is_some();
    let typed = |field: &str, stored: String| if is_refused { form.fields.get(field).to_owned() } else { stored };
    let utc = stored.map(|at| visitor.text_with(words::draft::LINK_END_UTC, &[visitor.utc(at)])).unwrap_or_default();
    let hint = format!("{} {utc}", visitor.text_with(words::draft::LINK_END_HINT, &[&visitor.account.time_zone]));
    let label = if fallback.is_some() { words::draft::LINK_END } else { words::draft::IMAGE_END };
    let until = Field { name: &end, label: visitor.text(label), hint: Some(hint.trim()), error: errors.of(&end) };
    let then = Field {
        name: &after,
        label: visitor.text(words::draft::LINK_AFTER),
        hint: Some(visitor.text(words::draft::LINK_AFTER_HINT)),
        error: errors.of(&after),
    };
    html! {
        details.end open[is_refused] {
            summary {
                span.unseen { (visitor.text_with(words::draft::LINK_LIMIT, &[name])) ", " }
                (until_words(visitor, stored, fallback.flatten()))
            }
            div.columns.low {
                (until.input("datetime-local", &typed(&end, stored.map(|at| local(visitor, at)).unwrap_or_default()), "off"))
                @if let Some(url) = fallback {
                    (then.input("url", &typed(&after, url.unwrap_or_default().to_owned()), "off"))
                }
            }
        }
    }
}

fn drop_button(visitor: &Visitor, name: &str) -> Markup {
    html! {
        button.round name="do" value={ "drop:" (name) } aria-label=(visitor.text_with(words::draft::LINK_DROP, &[name])) { (icons::trash()) }
    }
}

/// `jusqu’au 1er déc. 2026, 09:00, puis https://…`.
fn until_words(visitor: &Visitor, end: Option<Timestamp>, fallback: Option<&str>) -> String {
    let Some(end) = end else { return visitor.text(words::draft::LINK_FOREVER).to_owned() };
    let until = visitor.text_with(words::draft::LINK_UNTIL, &[visitor.at(end)]);
    match fallback {
        Some(url) => format!("{until}, {}", visitor.text_with(words::draft::LINK_THEN, &[url])),
        None => until,
    }
}

/// A link in words: its target, and its end.
pub fn description(visitor: &Visitor, link: &Link<'_>) -> String {
    let (target, fallback) = match link.target {
        Target::Url { url, fallback_url } => (url, fallback_url),
        Target::Image(_) => (visitor.text(words::draft::IMAGE), None),
    };
    match link.expires_at {
        Some(_) => format!("{target}, {}", until_words(visitor, link.expires_at, fallback)),
        None => target.to_owned(),
    }
}
