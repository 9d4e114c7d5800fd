//! The table of contact lists.

use app::UseCase;
use aws::store::Page;
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use domain::search::NamePart;
use maud::{Markup, html};

use super::status;
use crate::gate::{Answer, Visitor};
use crate::pages::guide;
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{self, csrf};
use crate::words::{common as w, contacts as l};

/// Lists of one page.
const ROWS: usize = 50;

pub async fn show(v: Visitor) -> Answer {
    let wanted = v.query("q").unwrap_or_default().trim().to_owned();
    let part = NamePart::new(&wanted);
    let after = v.query("after").filter(|after| after.parse::<ListId>().is_ok());
    let is_first = after.is_none();
    let is_wanted = |list: &List| part.is_in(&list.name);
    let Page { items: lists, next } = v.context.store.lists_wanted(Purpose::Contacts, is_wanted, after, ROWS).await?;
    let is_empty = lists.is_empty() && next.is_none() && is_first && wanted.is_empty();
    let is_importing = lists.iter().any(|list| list.status == Status::Importing);
    let content = html! {
        div.title {
            div { h1 { (v.t(w::LISTS)) } p.lead { (v.t(l::LISTS_LEAD)) } }
            @if v.may(UseCase::CreateList) && !is_empty {
                a.button href="/lists/new" data-dialog { (icons::plus()) (v.t(l::NEW_LIST)) }
            }
        }
        @if is_empty {
            section.invite {
                (icons::people())
                h2 { (v.t(l::EMPTY)) }
                p { (v.t(l::EMPTY_LEAD)) }
                @if v.may(UseCase::CreateList) { a.button href="/lists/new" data-dialog { (icons::plus()) (v.t(l::NEW_LIST)) } }
                (guide::invitation(&v))
            }
        } @else {
            div.tools { (parts::search(&v, "/lists", &wanted, l::SEARCH)) }
            div #results {
                @if lists.is_empty() { p.empty role="status" { (v.t(l::NONE_FOUND)) } }
                @else { (table(&v, &lists, is_importing)) }
                (parts::pages(&v, "/lists", &wanted, is_first, next.as_deref()))
            }
        }
    };
    Ok(layout::page(&v, v.t(w::LISTS), Place::Lists, content))
}

fn table(v: &Visitor, lists: &[List], is_importing: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(w::NAME)) }
                    th.right scope="col" { (v.t(l::CONTACTS)) }
                    th.right scope="col" { (v.t(l::EXCLUDED)) }
                    th scope="col" { (v.t(w::CREATED)) }
                    th scope="col" { (v.t(w::MODIFIED)) }
                    th scope="col" { (v.t(w::LAST_USED)) }
                    th scope="col" { (v.t(l::AUTHOR)) }
                    th scope="col" { (v.t(l::STATUS)) }
                    th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                } }
                tbody #lists data-rows data-refresh=[is_importing.then_some("2")] {
                    @for list in lists { (row(v, list)) }
                }
            }
        }
    }
}

fn row(v: &Visitor, list: &List) -> Markup {
    let excluded = list.report.as_ref().map_or_else(|| "—".to_owned(), |report| v.number(report.excluded));
    html! {
        tr id={ "row-" (list.id) } {
            td.name data-label=(v.t(w::NAME)) { a href={ "/lists/" (list.id) } { (list.name) } }
            td.right data-label=(v.t(l::CONTACTS)) { (v.number(list.contacts)) }
            td.right data-label=(v.t(l::EXCLUDED)) { (excluded) }
            td.day data-label=(v.t(w::CREATED)) { (v.date(list.created_at)) }
            td.day data-label=(v.t(w::MODIFIED)) { (v.date(list.modified_at)) }
            td.day data-label=(v.t(w::LAST_USED)) { @match list.last_used_at { Some(at) => (v.date(at)), None => "—" } }
            td.who data-label=(v.t(l::AUTHOR)) title=(list.author) { (list.author) }
            td data-label=(v.t(l::STATUS)) {
                div.state {
                    (status(v, list.status))
                    @if list.status == Status::Importing {
                        progress value=(list.done_per_mille) max="1000" aria-label=(v.t(l::IMPORTING)) {}
                    }
                }
            }
            td.actions {
                div.row-actions {
                    @if list.is_readable() {
                        a.action href={ "/lists/" (list.id) "/file/contacts" } title=(v.t(l::EXPORT)) {
                            (icons::download()) span { (v.t(l::EXPORT)) " " (list.name) }
                        }
                    }
                    @if v.may(UseCase::ChangeList) {
                        a.action href={ "/lists/" (list.id) "/edit" } data-dialog title=(v.t(w::EDIT)) {
                            (icons::pencil()) span { (v.t(w::EDIT)) " " (list.name) }
                        }
                        (switch(v, list))
                        a.action href={ "/lists/" (list.id) "/delete" } data-dialog title=(v.t(w::DELETE)) {
                            (icons::trash()) span { (v.t(w::DELETE)) " " (list.name) }
                        }
                    }
                }
            }
        }
    }
}

/// Disables a list, or enables it again.
fn switch(v: &Visitor, list: &List) -> Markup {
    let (to, word, icon) = match list.status {
        Status::Ready => ("disable", l::DISABLE, icons::pause()),
        Status::Disabled => ("enable", l::ENABLE, icons::play()),
        Status::AwaitingUpload | Status::Importing | Status::Failed => return html! {},
    };
    html! {
        form method="post" action={ "/lists/" (list.id) "/change" } data-live {
            (csrf(v))
            input type="hidden" name="back" value="/lists";
            button.action name="do" value=(to) title=(v.t(word)) { (icon) span { (v.t(word)) " " (list.name) } }
        }
    }
}
