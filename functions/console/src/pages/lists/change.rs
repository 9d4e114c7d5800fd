//! What can be done with a list: rename, disable, enable, delete, download.

use app::lists::{self, ListChanges};
use app::{Error, Expected, UseCase, exports};
use aws::files::FileKey;
use axum::extract::Path;
use axum::response::Response;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::list::{List, Purpose};
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
    let changes = match fields.get("do") {
        "rename" if (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) => {
            ListChanges { name: Some(name.to_owned()), ..ListChanges::default() }
        }
        "rename" => {
            let mut errors = Errors::default();
            errors.add("name", v.t(l::NAME_BAD));
            return Ok(edit_page(&v, &list, name, &errors));
        }
        "disable" => ListChanges { disabled: Some(true), ..ListChanges::default() },
        "enable" => ListChanges { disabled: Some(false), ..ListChanges::default() },
        _ => return Ok(see(&format!("/lists/{id}"))),
    };
    let page = format!("/lists/{id}");
    match lists::change(&v.context, &list.id, &Expected::Any, &changes).await {
        Err(Error::ListNotReady) => Ok(see(&page)),
        changed => {
            changed?;
            v.done(if fields.get("back") == "/lists" { "/lists" } else { &page }, "saved")
        }
    }
}

/// Another name, or another phone column.
pub async fn edit(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs(UseCase::ChangeList)?;
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
    let list = open(&v, &id).await?;
    v.needs(deletion(&list))?;
    let title = v.tf(l::DELETE_ASK, &[&list.name]);
    let back = home(&list);
    if let Some(campaign) = lists::campaign_using(&v.context.store, &list.id, v.now).await? {
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

/// What deleting a list is: the numbers of imported exclusions would get marketing again.
pub fn deletion(list: &List) -> UseCase {
    match list.purpose {
        Purpose::Contacts => UseCase::DeleteList,
        Purpose::Exclusions => UseCase::DeleteImportedExclusions,
    }
}

fn home(list: &List) -> &'static str {
    if list.purpose == Purpose::Exclusions { "/exclusions" } else { "/lists" }
}

pub async fn delete(v: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&v, &id).await?;
    match lists::remove(&v.context, &list.id, &Expected::Any).await {
        Err(Error::ListInUse { .. }) => Ok(see(&format!("/lists/{id}/delete"))),
        removed => {
            removed?;
            v.done(home(&list), "deleted")
        }
    }
}

/// The contacts, or the rejected rows, as a file that Excel opens well.
pub async fn download(v: Visitor, Path((id, kind)): Path<(String, String)>) -> Answer {
    let list = open(&v, &id).await?;
    if !list.is_readable() {
        return Err(Failure::NotFound);
    }
    match kind.as_str() {
        "contacts" => Ok(see(&exports::list(&v.context.files, &list).await?)),
        "rejects" => {
            let (account, name) = (list.account, v.tf(l::REJECTS_FILE, &[&list.name]));
            let file = FileKey::Rejects { account, list: list.id, generation: list.generation };
            Ok(see(&v.context.files.download_address(&file, &name).await?))
        }
        _ => Err(Failure::NotFound),
    }
}
