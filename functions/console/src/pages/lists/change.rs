//! Actions on a list: rename, disable, enable, delete, download.

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
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let list = open(&visitor, &id).await?;
    let name = fields.get("name").trim();
    let changes = match fields.get("do") {
        "rename" if (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) => {
            ListChanges { name: Some(name.to_owned()), ..ListChanges::default() }
        }
        "rename" => {
            let mut errors = Errors::default();
            errors.add("name", visitor.text(words::contacts::NAME_BAD));
            return Ok(edit_page(&visitor, &list, name, &errors));
        }
        "disable" => ListChanges { disabled: Some(true), ..ListChanges::default() },
        "enable" => ListChanges { disabled: Some(false), ..ListChanges::default() },
        _ => return Ok(redirect_to(&format!("/lists/{id}"))),
    };
    let page = format!("/lists/{id}");
    match lists::change(&visitor.context, &list.id, &Expected::Any, &changes).await {
        Err(Error::ListNotReady) => Ok(redirect_to(&page)),
        changed => {
            changed?;
            visitor.done(if fields.get("back") == "/lists" { "/lists" } else { &page }, "saved")
        }
    }
}

/// The form for another name or phone column.
pub async fn edit(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::ChangeList)?;
    let list = open(&visitor, &id).await?;
    Ok(edit_page(&visitor, &list, &list.name, &Errors::default()))
}

fn edit_page(visitor: &Visitor, list: &List, typed: &str, errors: &Errors) -> Response {
    let name = Field { name: "name", label: visitor.text(words::contacts::NAME), hint: None, error: errors.of("name") };
    let content = html! {
        section.ask {
            h1 { (visitor.text(words::contacts::RENAME_TITLE)) }
            form method="post" action={ "/lists/" (list.id) "/change" } {
                (csrf(visitor))
                input type="hidden" name="back" value="/lists";
                (name.input("text", typed, "off"))
                @if list.is_readable() && !list.is_pasted {
                    p { a.quiet href={ "/lists/" (list.id) "/import" } data-dialog { (icons::phone()) (visitor.text(super::choice_label(list))) } }
                }
                div.buttons {
                    a.button.plain href="/lists" data-close { (visitor.text(words::common::CANCEL)) }
                    button.button name="do" value="rename" { (visitor.text(words::common::SAVE)) }
                }
            }
        }
    };
    let mut response = layout::page(visitor, visitor.text(words::contacts::RENAME_TITLE), NavItem::Lists, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

pub async fn ask(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&visitor, &id).await?;
    visitor.needs(deletion(&list))?;
    let title = visitor.text_with(words::contacts::DELETE_ASK, &[&list.name]);
    let back = home(&list);
    if let Some(campaign) = lists::campaign_using(&visitor.context.store, &list.id, visitor.now).await? {
        let content = html! {
            section.ask {
                h1 { (title) }
                p.note.warn { (visitor.text_with(words::contacts::IN_USE, &[campaign])) }
                div.buttons { a.button.plain href=(back) data-close { (visitor.text(words::common::BACK)) } }
            }
        };
        return Ok(layout::page(&visitor, &title, NavItem::Lists, content));
    }
    let ask = Ask {
        title: &title,
        help: visitor.text(words::contacts::DELETE_HELP),
        action: &format!("/lists/{}/delete", list.id),
        back,
        yes: words::common::DELETE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&visitor, NavItem::Lists))
}

/// The use case of deleting a list: deleting imported exclusions allows marketing to their numbers again.
pub fn deletion(list: &List) -> UseCase {
    match list.purpose {
        Purpose::Contacts => UseCase::DeleteList,
        Purpose::Exclusions => UseCase::DeleteImportedExclusions,
    }
}

fn home(list: &List) -> &'static str {
    if list.purpose == Purpose::Exclusions { "/exclusions" } else { "/lists" }
}

pub async fn delete(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&visitor, &id).await?;
    match lists::remove(&visitor.context, &list.id, &Expected::Any).await {
        Err(Error::ListInUse { .. }) => Ok(redirect_to(&format!("/lists/{id}/delete"))),
        removed => {
            removed?;
            visitor.done(home(&list), "deleted")
        }
    }
}

/// The contacts or the rejected rows, as a CSV file for Excel.
pub async fn download(visitor: Visitor, Path((id, kind)): Path<(String, String)>) -> Answer {
    let list = open(&visitor, &id).await?;
    if !list.is_readable() {
        return Err(PageError::NotFound);
    }
    match kind.as_str() {
        "contacts" => Ok(redirect_to(&exports::list(&visitor.context.files, &list).await?)),
        "rejects" => {
            let (account, name) = (list.account, visitor.text_with(words::contacts::REJECTS_FILE, &[&list.name]));
            let file = FileKey::Rejects { account, list: list.id, generation: list.generation };
            Ok(redirect_to(&visitor.context.files.download_address(&file, &name).await?))
        }
        _ => Err(PageError::NotFound),
    }
}
