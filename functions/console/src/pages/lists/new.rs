//! « Importer des contacts »: a name and a file, which the browser puts into the bucket itself; or pasted numbers.

use app::UseCase;
use app::lists::{self, Contents, ImportSource, NewList};
use axum::response::IntoResponse;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::country::Country;
use domain::ids::{CampaignId, ListId};
use domain::list::Purpose;
use http::{StatusCode, header};
use maud::html;
use support::random;

use crate::gate::{Answer, Fields, Visitor, see};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{Errors, Field, back, csrf};
use crate::words::{common as w, contacts as l};

pub async fn show(v: Visitor) -> Answer {
    v.needs(UseCase::CreateList)?;
    let campaign = v.query("campaign").unwrap_or_default();
    let is_exclusion = v.query("purpose").as_deref() == Some("exclusions");
    page(&v, &Typed { campaign: &campaign, is_exclusion, ..Typed::default() }, &Errors::default())
}

#[derive(Default)]
struct Typed<'a> {
    name: &'a str,
    values: &'a str,
    campaign: &'a str,
    is_exclusion: bool,
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    let typed = Typed {
        name: fields.get("name").trim(),
        values: fields.get("values"),
        campaign: fields.get("campaign"),
        is_exclusion: fields.get("purpose") == "exclusions",
    };
    let is_upload = fields.has("upload");
    let mut errors = Errors::default();
    if !(1..=NAME_CHARACTERS_MAX).contains(&typed.name.chars().count()) {
        errors.add("name", v.t(l::NAME_BAD));
    }
    if !is_upload && typed.values.trim().is_empty() {
        errors.add("values", v.t(l::PASTE_BAD));
    }
    if !errors.is_empty() {
        return page(&v, &typed, &errors);
    }
    let campaign = typed.campaign.parse::<CampaignId>().map(|id| format!("?campaign={id}")).unwrap_or_default();
    let wanted = NewList {
        id: fields.id(),
        name: typed.name.to_owned(),
        purpose: if typed.is_exclusion { Purpose::Exclusions } else { Purpose::Contacts },
        contents: match is_upload {
            true => Contents::Upload,
            false => Contents::Pasted(typed.values.lines().map(str::to_owned).collect()),
        },
        country: Country::default(),
        source: ImportSource::default(),
    };
    let made = lists::create(&v.context, wanted).await?;
    let next = format!("/lists/{}/import{campaign}", made.list.id);
    match made.upload {
        Some(address) => {
            let answer = serde_json::json!({ "url": address.url, "headers": address.headers, "next": next });
            Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
        }
        None => Ok(see(&next)),
    }
}

fn page(v: &Visitor, typed: &Typed<'_>, errors: &Errors) -> Answer {
    let (title, back_path, back_word, place) = match typed.is_exclusion {
        true => (v.t(l::EXCLUSION_IMPORT), "/exclusions", w::EXCLUSIONS, Place::Exclusions),
        false => (v.t(l::IMPORT_TITLE), "/lists", w::LISTS, Place::Lists),
    };
    let name = Field { name: "name", label: v.t(l::NAME), hint: None, error: errors.of("name") };
    let paste =
        Field { name: "values", label: v.t(l::PASTE), hint: Some(v.t(l::PASTE_HINT)), error: errors.of("values") };
    let content = html! {
        (back(back_path, v.t(back_word)))
        div.title { h1 { (title) } }
        form.card.narrow-card method="post" action="/lists/new" data-upload data-bad=(v.t(l::NAME_BAD)) {
            (csrf(v))
            input type="hidden" name="id" value=(ListId::new(v.now, random::octets()));
            input type="hidden" name="campaign" value=(typed.campaign);
            @if typed.is_exclusion { input type="hidden" name="purpose" value="exclusions"; }
            (errors.summary(v))
            (name.input("text", typed.name, "off"))
            noscript { p.note.info { (v.t(l::NO_SCRIPT)) } }
            div.field {
                label for="file" { (v.t(l::FILE)) }
                p.hint #file-hint { (v.t(l::FILE_HINT)) }
                input #file type="file" name="file" aria-describedby="file-hint"
                    accept=".csv,.txt,.tsv,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            }
            div.field hidden data-bar {
                span.label { (v.t(l::SENT)) }
                progress value="0" max="1" aria-label=(v.t(l::SENT)) {}
            }
            details.make open[!typed.values.is_empty() || errors.of("values").is_some()] {
                summary { (v.t(l::PASTE)) }
                (paste.area(typed.values, 5))
            }
            div.buttons.foot {
                a.button.plain href=(back_path) data-close { (v.t(w::CANCEL)) }
                button.button { (icons::upload()) (v.t(l::IMPORT)) }
            }
        }
    };
    let mut response = layout::page(v, title, place, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
