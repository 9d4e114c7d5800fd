//! Contacts: the table of lists, a new list, its import, its page, and actions on it.

pub mod change;
pub mod import;
pub mod list;
pub mod new;
pub mod summary;
pub mod table;

use axum::Router;
use axum::routing::{get, post};
use domain::ids::ListId;
use domain::list::{List, Status};
use maud::{Markup, html};

use crate::App;
use crate::visitor::{PageError, Visitor};
use crate::words::{self, Word};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/lists", get(table::show))
        .route("/lists/new", get(new::show).post(new::create))
        .route("/lists/{id}", get(list::show))
        .route("/lists/{id}/import", get(import::show).post(import::save))
        .route("/lists/{id}/delete", get(change::ask).post(change::delete))
        .route("/lists/{id}/edit", get(change::edit))
        .route("/lists/{id}/change", post(change::save))
        .route("/lists/{id}/file/{kind}", get(change::download))
        .route("/campaigns/{id}/summary", get(summary::show))
}

pub async fn open(visitor: &Visitor, id: &str) -> Result<List, PageError> {
    let id: ListId = id.parse().map_err(|_| PageError::NotFound)?;
    visitor.context.store.list(&id).await?.ok_or(PageError::NotFound)
}

/// What can be chosen for a file: its phone column, and its sheet if there are several.
pub fn choice_label(list: &List) -> Word {
    if list.sheets.len() > 1 { words::contacts::COLUMN_AND_SHEET } else { words::contacts::PHONE_COLUMN }
}

pub fn status_word(status: Status) -> Word {
    match status {
        Status::AwaitingUpload => words::contacts::AWAITING,
        Status::Importing => words::contacts::IMPORTING,
        Status::Ready => words::contacts::READY,
        Status::Failed => words::contacts::FAILED,
        Status::Disabled => words::contacts::DISABLED,
    }
}

pub fn status(visitor: &Visitor, status: Status) -> Markup {
    let colour = if status == Status::Ready { "good" } else { status.code() };
    html! { span class={ "status " (colour) } { (visitor.text(status_word(status))) } }
}
