//! « Importer des contacts »: a name and a file, which the browser puts into the bucket itself; or pasted numbers.

use app::planning;
use aws::files::FileKey;
use axum::response::IntoResponse;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::{CampaignId, ListId};
use domain::list::{List, Purpose, Status};
use http::{StatusCode, header};
use maud::html;
use support::random;

use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{Errors, Field, back, csrf};
use crate::words::{common as w, contacts as l};

pub async fn show(v: Visitor) -> Answer {
    v.needs_editor()?;
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
    let purpose = if typed.is_exclusion { Purpose::Exclusions } else { Purpose::Contacts };
    let id = fields.id().unwrap_or_else(|| ListId::new(v.now, random::octets()));
    let mut list = List::awaiting(v.account.id.clone(), id, typed.name.to_owned(), purpose, v.author(), v.now);
    list.is_pasted = !is_upload;
    let written = match is_upload {
        true => v.store.put_list(list.clone()).await,
        false => {
            let number = list.upload;
            planning::begin_import(&v.store, list.clone().asked(number, v.now), v.now).await
        }
    };
    let list = match written {
        Ok(list) => list,
        // Sent before: an upload that broke off is tried again, anything else is under way.
        Err(aws::store::Error::Conflict { .. }) => {
            let first = v.store.list(&list.id).await?.ok_or(Failure::NotFound)?;
            if first.status != Status::AwaitingUpload || !is_upload {
                return Ok(see(&format!("/lists/{}/import{campaign}", first.id)));
            }
            first
        }
        Err(error) => return Err(error.into()),
    };
    v.note("list.created", list.id.as_str(), "").await;
    let next = format!("/lists/{}/import{campaign}", list.id);
    let file = FileKey::Upload { account: v.account.id.clone(), list: list.id.clone(), generation: list.upload };
    if is_upload {
        let address = v.app.files.upload_address(&file, None).await?;
        let answer = serde_json::json!({ "url": address.url, "headers": address.headers, "next": next });
        return Ok(([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response());
    }
    // Pasted values take the way of every upload: its arrival starts the import.
    v.app.files.put(&file, contacts::pasted(typed.values.lines()), "text/csv; charset=utf-8").await?;
    Ok(see(&next))
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
