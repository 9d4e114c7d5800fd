//! The table of contact lists.

use app::UseCase;
use aws::store::Page;
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use domain::search::NamePart;
use maud::{Markup, html};

use super::status;
use crate::pages::guide;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{self, csrf};
use crate::visitor::{Answer, Visitor};
use crate::words;

/// Lists per page.
const ROWS: usize = 50;

pub async fn show(visitor: Visitor) -> Answer {
    let query = visitor.query("q").unwrap_or_default().trim().to_owned();
    let part = NamePart::new(&query);
    let after = visitor.query("after").filter(|after| after.parse::<ListId>().is_ok());
    let is_first = after.is_none();
    let is_wanted = |list: &List| part.is_in(&list.name);
    let Page { items: lists, next } =
        visitor.context.store.lists_wanted(Purpose::Contacts, is_wanted, after, ROWS).await?;
    let is_empty = lists.is_empty() && next.is_none() && is_first && query.is_empty();
    let is_importing = lists.iter().any(|list| list.status == Status::Importing);
    let content = html! {
        div.title {
            div { h1 { (visitor.text(words::common::LISTS)) } p.lead { (visitor.text(words::contacts::LISTS_LEAD)) } }
            @if visitor.may(UseCase::CreateList) && !is_empty {
                a.button href="/lists/new" data-dialog { (icons::plus()) (visitor.text(words::contacts::NEW_LIST)) }
            }
        }
        @if is_empty {
            section.invite {
                (icons::people())
                h2 { (visitor.text(words::contacts::EMPTY)) }
                p { (visitor.text(words::contacts::EMPTY_LEAD)) }
                @if visitor.may(UseCase::CreateList) { a.button href="/lists/new" data-dialog { (icons::plus()) (visitor.text(words::contacts::NEW_LIST)) } }
                (guide::invitation(&visitor))
            }
        } @else {
            div.tools { (parts::search(&visitor, "/lists", &query, words::contacts::SEARCH)) }
            div #results {
                @if lists.is_empty() { p.empty role="status" { (visitor.text(words::contacts::NONE_FOUND)) } }
                @else { (table(&visitor, &lists, is_importing)) }
                (parts::pages(&visitor, "/lists", &query, is_first, next.as_deref()))
            }
        }
    };
    Ok(layout::page(&visitor, visitor.text(words::common::LISTS), NavItem::Lists, content))
}

fn table(visitor: &Visitor, lists: &[List], is_importing: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::common::NAME)) }
                    th.right scope="col" { (visitor.text(words::contacts::CONTACTS)) }
                    th.right scope="col" { (visitor.text(words::contacts::EXCLUDED)) }
                    th scope="col" { (visitor.text(words::common::CREATED)) }
                    th scope="col" { (visitor.text(words::common::MODIFIED)) }
                    th scope="col" { (visitor.text(words::common::LAST_USED)) }
                    th scope="col" { (visitor.text(words::contacts::AUTHOR)) }
                    th scope="col" { (visitor.text(words::contacts::STATUS)) }
                    th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                } }
                tbody #lists data-rows data-refresh=[is_importing.then_some("2")] {
                    @for list in lists { (row(visitor, list)) }
                }
            }
        }
    }
}

fn row(visitor: &Visitor, list: &List) -> Markup {
    let excluded = list.report.as_ref().map_or_else(|| "—".to_owned(), |report| visitor.number(report.excluded));
    html! {
        tr id={ "row-" (list.id) } {
            td.name data-label=(visitor.text(words::common::NAME)) { a href={ "/lists/" (list.id) } { (list.name) } }
            td.right data-label=(visitor.text(words::contacts::CONTACTS)) { (visitor.number(list.contacts)) }
            td.right data-label=(visitor.text(words::contacts::EXCLUDED)) { (excluded) }
            td.day data-label=(visitor.text(words::common::CREATED)) { (visitor.date(list.created_at)) }
            td.day data-label=(visitor.text(words::common::MODIFIED)) { (visitor.date(list.modified_at)) }
            td.day data-label=(visitor.text(words::common::LAST_USED)) { @match list.last_used_at { Some(at) => (visitor.date(at)), None => "—" } }
            td.who data-label=(visitor.text(words::contacts::AUTHOR)) title=(list.author) { (list.author) }
            td data-label=(visitor.text(words::contacts::STATUS)) {
                div.state {
                    (status(visitor, list.status))
                    @if list.status == Status::Importing {
                        progress value=(list.done_per_mille) max="1000" aria-label=(visitor.text(words::contacts::IMPORTING)) {}
                    }
                }
            }
            td.actions {
                div.row-actions {
                    @if list.is_readable() {
                        a.action href={ "/lists/" (list.id) "/file/contacts" } title=(visitor.text(words::contacts::EXPORT)) {
                            (icons::download()) span { (visitor.text(words::contacts::EXPORT)) " " (list.name) }
                        }
                    }
                    @if visitor.may(UseCase::ChangeList) {
                        a.action href={ "/lists/" (list.id) "/edit" } data-dialog title=(visitor.text(words::common::EDIT)) {
                            (icons::pencil()) span { (visitor.text(words::common::EDIT)) " " (list.name) }
                        }
                        (switch(visitor, list))
                        a.action href={ "/lists/" (list.id) "/delete" } data-dialog title=(visitor.text(words::common::DELETE)) {
                            (icons::trash()) span { (visitor.text(words::common::DELETE)) " " (list.name) }
                        }
                    }
                }
            }
        }
    }
}

/// The button that disables or enables a list.
fn switch(visitor: &Visitor, list: &List) -> Markup {
    let (to, word, icon) = match list.status {
        Status::Ready => ("disable", words::contacts::DISABLE, icons::pause()),
        Status::Disabled => ("enable", words::contacts::ENABLE, icons::play()),
        Status::AwaitingUpload | Status::Importing | Status::Failed => return html! {},
    };
    html! {
        form method="post" action={ "/lists/" (list.id) "/change" } data-live {
            (csrf(visitor))
            input type="hidden" name="back" value="/lists";
            button.action name="do" value=(to) title=(visitor.text(word)) { (icon) span { (visitor.text(word)) " " (list.name) } }
        }
    }
}
