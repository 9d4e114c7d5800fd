//! « Visualiser »: one list, its figures and its first contacts, and what can be changed.

use app::UseCase;
use aws::files::FileKey;
use axum::extract::Path;
use contacts::{ListHeader, Rows};
use domain::list::{List, Status};
use maud::{Markup, html};

use super::{import, open, status};
use crate::gate::{Answer, Failure, Visitor};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{back, csrf};
use crate::words::{Word, common as w, contacts as l};

/// Contacts shown, and how much of the file is read for them.
const SHOWN: usize = 50;
const HEAD_OCTETS: u64 = 128 * 1024;
/// Columns shown at most.
const COLUMNS: usize = 6;

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&v, &id).await?;
    let content = html! {
        (back("/lists", v.t(w::LISTS)))
        div.title {
            div {
                h1 { (list.name) }
                p.lead { (status(&v, list.status)) " " (v.tf(crate::words::draft::CREATED, &[v.at(list.created_at)])) " · " (list.author) }
            }
            @if v.may(UseCase::ChangeList) { (commands(&v, &list)) }
        }
        @if let Some(failure) = &list.failure {
            p.note.bad { (v.t(l::failure(failure))) }
            @if v.may(UseCase::ChangeList) && list.sheets.len() > 1 {
                p { a.button.plain href={ "/lists/" (list.id) "/import" } data-dialog { (icons::list()) (v.t(l::SHEET)) } }
            }
        }
        @if matches!(list.status, Status::Importing | Status::AwaitingUpload) {
            p { a href={ "/lists/" (list.id) "/import" } { (v.t(l::READING)) } }
        }
        @if let Some(report) = &list.report {
            section.card { (import::figures(&v, report)) (import::reasons(&v, &list, report)) }
        }
        @if list.is_readable() { (contacts(&v, &list).await?) }
    };
    Ok(layout::page(&v, &list.name, Place::Lists, content))
}

fn commands(v: &Visitor, list: &List) -> Markup {
    let change = |to: &str, word: Word, icon: Markup| {
        html! {
            form method="post" action={ "/lists/" (list.id) "/change" } {
                (csrf(v))
                button.button.plain name="do" value=(to) { (icon) (v.t(word)) }
            }
        }
    };
    html! {
        div.buttons {
            @if list.is_readable() {
                a.button.plain href={ "/lists/" (list.id) "/file/contacts" } { (icons::download()) (v.t(l::EXPORT)) }
                @if !list.is_pasted { a.button.plain href={ "/lists/" (list.id) "/import" } data-dialog { (icons::phone()) (v.t(super::place_word(list))) } }
            }
            a.button.plain href={ "/lists/" (list.id) "/edit" } data-dialog { (icons::pencil()) (v.t(w::EDIT)) }
            @if list.status == Status::Ready { (change("disable", l::DISABLE, icons::pause())) }
            @if list.status == Status::Disabled { (change("enable", l::ENABLE, icons::play())) }
            a.button.plain href={ "/lists/" (list.id) "/delete" } data-dialog { (icons::trash()) (v.t(w::DELETE)) }
        }
    }
}

async fn contacts(v: &Visitor, list: &List) -> Result<Markup, Failure> {
    let key = FileKey::Contacts { account: list.account.clone(), list: list.id.clone(), generation: list.generation };
    let head = v.context.files.get_range(&key, 0, HEAD_OCTETS).await?;
    let Ok(Some((header, begin))) = ListHeader::parse(&head) else { return Ok(html! {}) };
    let columns = header.columns().get(..COLUMNS.min(header.columns().len())).unwrap_or_default();
    let rows: Vec<_> = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).flatten().take(SHOWN).collect();
    Ok(html! {
        div.sheet tabindex="0" role="region" aria-label=(v.t(l::FIRST_CONTACTS)) {
            table {
                caption.unseen { (v.t(l::FIRST_CONTACTS)) }
                thead { tr { th scope="col" { (v.t(l::PHONE)) } @for name in columns { th scope="col" { (name) } } } }
                tbody {
                    @for row in &rows {
                        tr { td { (row.phone) } @for field in row.fields().take(columns.len()) { td { (field) } } }
                    }
                }
            }
        }
    })
}
