//! What can be done with a list: rename, disable, enable, delete, download.

use app::{exports, planning};
use aws::files::FileKey;
use axum::extract::Path;
use axum::response::Response;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::list::{List, Purpose, Status};
use http::StatusCode;
use maud::{Markup, html};

use super::open;
use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::words::{common as w, contacts as l};

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let list = open(&v, &id).await?;
    let name = fields.get("name").trim();
    let next = match (fields.get("do"), list.status) {
        ("rename", _) if (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) => {
            List { name: name.to_owned(), ..list }
        }
        ("rename", _) => {
            let mut errors = Errors::default();
            errors.add("name", v.t(l::NAME_BAD));
            return Ok(edit_page(&v, &list, name, &errors));
        }
        ("disable", Status::Ready) => List { status: Status::Disabled, ..list },
        ("enable", Status::Disabled) => List { status: Status::Ready, ..list },
        _ => return Ok(see(&format!("/lists/{id}"))),
    };
    let next = v.store.put_list(List { modified_at: v.now, ..next }).await?;
    v.note("list.changed", next.id.as_str(), fields.get("do")).await;
    let page = format!("/lists/{id}");
    v.done(if fields.get("back") == "/lists" { "/lists" } else { &page }, "saved")
}

/// Another name, or another phone column.
pub async fn edit(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_editor()?;
    let list = open(&v, &id).await?;
    Ok(edit_page(&v, &list, &list.name, &Errors::default()))
}

fn edit_page(v: &Visitor, list: &List, typed: &str, errors: &Errors) -> Response {
    let name = Field { name: "name", label: v.t(l::NAME), hint: None, error: errors.of("name") };
    let content = html! {
        section.ask {
            h1 { (v.t(l::RENAME_TITLE)) }
            form method="post" action={ "/lists/" (list.id) "/change" } {
                (csrf(v))
                input type="hidden" name="back" value="/lists";
                (name.input("text", typed, "off"))
                @if list.is_readable() && !list.is_pasted {
                    p { a.quiet href={ "/lists/" (list.id) "/import" } data-dialog { (icons::phone()) (v.t(super::place_word(list))) } }
                }
                div.buttons {
                    a.button.plain href="/lists" data-close { (v.t(w::CANCEL)) }
                    button.button name="do" value="rename" { (v.t(w::SAVE)) }
                }
            }
        }
    };
    let mut response = layout::page(v, v.t(l::RENAME_TITLE), Place::Lists, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_editor()?;
    let list = open(&v, &id).await?;
    let title = v.tf(l::DELETE_ASK, &[&list.name]);
    let back = home(&list);
    if let Some(campaign) = planning::campaign_using(&v.store, &list.id, v.now).await? {
        let content = html! {
            section.ask {
                h1 { (title) }
                p.note.warn { (v.tf(l::IN_USE, &[campaign])) }
                div.buttons { a.button.plain href=(back) data-close { (v.t(w::BACK)) } }
            }
        };
        return Ok(layout::page(&v, &title, Place::Lists, content));
    }
    let ask = Ask {
        title: &title,
        help: v.t(l::DELETE_HELP),
        action: &format!("/lists/{}/delete", list.id),
        back,
        yes: w::DELETE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&v, Place::Lists))
}

fn home(list: &List) -> &'static str {
    if list.purpose == Purpose::Exclusions { "/exclusions" } else { "/lists" }
}

pub async fn delete(v: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&v, &id).await?;
    let (purpose, list_id) = (home(&list), list.id.clone());
    match planning::remove_list(&v.store, &v.app.files, list, v.now).await {
        Err(planning::Error::ListInUse { .. }) => return Ok(see(&format!("/lists/{id}/delete"))),
        removed => removed?,
    }
    v.note("list.deleted", list_id.as_str(), "").await;
    v.done(purpose, "deleted")
}

/// The contacts, or the rejected rows, as a file that Excel opens well.
pub async fn download(v: Visitor, Path((id, kind)): Path<(String, String)>) -> Answer {
    let list = open(&v, &id).await?;
    if !list.is_readable() {
        return Err(Failure::NotFound);
    }
    match kind.as_str() {
        "contacts" => Ok(see(&exports::list(&v.app.files, &list).await?)),
        "rejects" => {
            let (account, name) = (list.account, v.tf(l::REJECTS_FILE, &[&list.name]));
            let file = FileKey::Rejects { account, list: list.id, generation: list.generation };
            Ok(see(&v.app.files.download_address(&file, &name).await?))
        }
        _ => Err(Failure::NotFound),
    }
}
