//! « Visualiser »: one list, its figures, its first contacts, and its settings.

use app::UseCase;
use aws::files::FileKey;
use axum::extract::Path;
use contacts::{ListHeader, Rows};
use domain::list::{List, Status};
use maud::{Markup, html};

use super::{import, open, status};
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{back, csrf};
use crate::visitor::{Answer, PageError, Visitor};
use crate::words::{self, Word};

/// Contacts shown, and bytes of the file read for them.
const SHOWN: usize = 50;
const HEAD_BYTES: u64 = 128 * 1024;
/// Most columns shown.
const COLUMNS: usize = 6;

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&visitor, &id).await?;
    let content = html! {
        (back("/lists", visitor.text(words::common::LISTS)))
        div.title {
            div {
                h1 { (list.name) }
                p.lead { (status(&visitor, list.status)) " " (visitor.text_with(words::draft::CREATED, &[visitor.at(list.created_at)])) " · " (list.author) }
            }
            @if visitor.may(UseCase::ChangeList) { (commands(&visitor, &list)) }
        }
        @if let Some(failure) = &list.failure {
            p.note.bad { (visitor.text(words::contacts::failure(failure))) }
            @if visitor.may(UseCase::ChangeList) && list.sheets.len() > 1 {
                p { a.button.plain href={ "/lists/" (list.id) "/import" } data-dialog { (icons::list()) (visitor.text(words::contacts::SHEET)) } }
            }
        }
        @if matches!(list.status, Status::Importing | Status::AwaitingUpload) {
            p { a href={ "/lists/" (list.id) "/import" } { (visitor.text(words::contacts::READING)) } }
        }
        @if let Some(report) = &list.report {
            section.card { (import::figures(&visitor, report)) (import::reasons(&visitor, &list, report)) }
        }
        @if list.is_readable() { (contacts(&visitor, &list).await?) }
    };
    Ok(layout::page(&visitor, &list.name, NavItem::Lists, content))
}

fn commands(visitor: &Visitor, list: &List) -> Markup {
    let change = |to: &str, word: Word, icon: Markup| {
        html! {
            form method="post" action={ "/lists/" (list.id) "/change" } {
                (csrf(visitor))
                button.button.plain name="do" value=(to) { (icon) (visitor.text(word)) }
            }
        }
    };
    html! {
        div.buttons {
            @if list.is_readable() {
                a.button.plain href={ "/lists/" (list.id) "/file/contacts" } { (icons::download()) (visitor.text(words::contacts::EXPORT)) }
                @if !list.is_pasted { a.button.plain href={ "/lists/" (list.id) "/import" } data-dialog { (icons::phone()) (visitor.text(super::choice_label(list))) } }
            }
            a.button.plain href={ "/lists/" (list.id) "/edit" } data-dialog { (icons::pencil()) (visitor.text(words::common::EDIT)) }
            @if list.status == Status::Ready { (change("disable", words::contacts::DISABLE, icons::pause())) }
            @if list.status == Status::Disabled { (change("enable", words::contacts::ENABLE, icons::play())) }
            a.button.plain href={ "/lists/" (list.id) "/delete" } data-dialog { (icons::trash()) (visitor.text(words::common::DELETE)) }
        }
    }
}

async fn contacts(visitor: &Visitor, list: &List) -> Result<Markup, PageError> {
    let key = FileKey::Contacts { account: list.account.clone(), list: list.id.clone(), generation: list.generation };
    let head = visitor.context.files.get_range(&key, 0, HEAD_BYTES).await?;
    let Ok(Some((header, begin))) = ListHeader::parse(&head) else { return Ok(html! {}) };
    let columns = header.columns().get(..COLUMNS.min(header.columns().len())).unwrap_or_default();
    let rows: Vec<_> = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).flatten().take(SHOWN).collect();
    Ok(html! {
        div.sheet tabindex="0" role="region" aria-label=(visitor.text(words::contacts::FIRST_CONTACTS)) {
            table {
                caption.unseen { (visitor.text(words::contacts::FIRST_CONTACTS)) }
                thead { tr { th scope="col" { (visitor.text(words::contacts::PHONE)) } @for name in columns { th scope="col" { (name) } } } }
                tbody {
                    @for row in &rows {
                        tr { td { (row.phone) } @for field in row.fields().take(columns.len()) { td { (field) } } }
                    }
                }
            }
        }
    })
}
