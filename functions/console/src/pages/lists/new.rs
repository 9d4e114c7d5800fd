//! « Importer des contacts »: a name and a file, which the browser uploads to the bucket directly; or pasted numbers.

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

use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{Errors, Field, back, csrf};
use crate::visitor::{Answer, Fields, Visitor, redirect_to};
use crate::words;

pub async fn show(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::CreateList)?;
    let campaign = visitor.query("campaign").unwrap_or_default();
    let is_exclusion = visitor.query("purpose").as_deref() == Some("exclusions");
    page(&visitor, &Typed { campaign: &campaign, is_exclusion, ..Typed::default() }, &Errors::default())
}

#[derive(Default)]
struct Typed<'a> {
    name: &'a str,
    values: &'a str,
    campaign: &'a str,
    is_exclusion: bool,
}

pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    let typed = Typed {
        name: fields.get("name").trim(),
        values: fields.get("values"),
        campaign: fields.get("campaign"),
        is_exclusion: fields.get("purpose") == "exclusions",
    };
    let is_upload = fields.has("upload");
    let mut errors = Errors::default();
    if !(1..=NAME_CHARACTERS_MAX).contains(&typed.name.chars().count()) {
        errors.add("name", visitor.text(words::contacts::NAME_BAD));
    }
    if !is_upload && typed.values.trim().is_empty() {
        errors.add("values", visitor.text(words::contacts::PASTE_BAD));
    }
    if !errors.is_empty() {
        return page(&visitor, &typed, &errors);
    }
    let campaign = typed.campaign.parse::<CampaignId>().map(|id| format!("?campaign={id}")).unwrap_or_default();
    let new_list = NewList {
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
    let made = lists::create(&visitor.context, new_list).await?;
    let next = format!("/lists/{}/import{campaign}", made.list.id);
    match made.upload {
        Some(address) => {
            let answer = serde_json::json!({ "url": address.url, "headers": address.headers, "next": next });
            Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response())
        }
        None => Ok(redirect_to(&next)),
    }
}

fn page(visitor: &Visitor, typed: &Typed<'_>, errors: &Errors) -> Answer {
    let (title, back_path, back_word, index) = match typed.is_exclusion {
        true => (
            visitor.text(words::contacts::EXCLUSION_IMPORT),
            "/exclusions",
            words::common::EXCLUSIONS,
            NavItem::Exclusions,
        ),
        false => (visitor.text(words::contacts::IMPORT_TITLE), "/lists", words::common::LISTS, NavItem::Lists),
    };
    let name = Field { name: "name", label: visitor.text(words::contacts::NAME), hint: None, error: errors.of("name") };
    let paste = Field {
        name: "values",
        label: visitor.text(words::contacts::PASTE),
        hint: Some(visitor.text(words::contacts::PASTE_HINT)),
        error: errors.of("values"),
    };
    let content = html! {
        (back(back_path, visitor.text(back_word)))
        div.title { h1 { (title) } }
        form.card.narrow-card method="post" action="/lists/new" data-upload data-bad=(visitor.text(words::contacts::NAME_BAD)) {
            (csrf(visitor))
            input type="hidden" name="id" value=(ListId::new(visitor.now, random::bytes()));
            input type="hidden" name="campaign" value=(typed.campaign);
            @if typed.is_exclusion { input type="hidden" name="purpose" value="exclusions"; }
            (errors.summary(visitor))
            (name.input("text", typed.name, "off"))
            noscript { p.note.info { (visitor.text(words::contacts::NO_SCRIPT)) } }
            div.field {
                label for="file" { (visitor.text(words::contacts::FILE)) }
                p.hint #file-hint { (visitor.text(words::contacts::FILE_HINT)) }
                input #file type="file" name="file" aria-describedby="file-hint"
                    accept=".csv,.txt,.tsv,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            }
            div.field hidden data-bar {
                span.label { (visitor.text(words::contacts::SENT)) }
                progress value="0" max="1" aria-label=(visitor.text(words::contacts::SENT)) {}
            }
            details.make open[!typed.values.is_empty() || errors.of("values").is_some()] {
                summary { (visitor.text(words::contacts::PASTE)) }
                (paste.area(typed.values, 5))
            }
            div.buttons.foot {
                a.button.plain href=(back_path) data-close { (visitor.text(words::common::CANCEL)) }
                button.button { (icons::upload()) (visitor.text(words::contacts::IMPORT)) }
            }
        }
    };
    let mut response = layout::page(visitor, title, index, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}
