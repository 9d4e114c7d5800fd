//! The audit log: what was done, by whom, when.

use maud::{Markup, html};

use super::page;
use crate::gate::{Answer, Visitor};
use crate::view::parts::Errors;
use crate::words::{account as a, audit};

const PAGE: usize = 100;

/// What it was done to, with a way there if there is one.
fn about(id: &str) -> Markup {
    html! {
        @if id.starts_with("cmp_") { a href={ "/campaigns/" (id) } { (id) } }
        @else if id.starts_with("lst_") { a href={ "/lists/" (id) } { (id) } }
        @else { (id) }
    }
}

pub async fn show(v: Visitor) -> Answer {
    v.needs_owner()?;
    let entries = v.store.audit(v.query("after").as_deref(), PAGE).await?;
    let content = html! {
        @if entries.items.is_empty() { p.empty { (v.t(a::AUDIT_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (v.t(a::WHEN)) } th scope="col" { (v.t(a::WHO)) }
                        th scope="col" { (v.t(a::WHAT)) } th scope="col" { (v.t(a::ABOUT)) }
                    } }
                    tbody {
                        @for one in &entries.items {
                            tr {
                                td data-label=(v.t(a::WHEN)) { (v.at(one.at)) }
                                td data-label=(v.t(a::WHO)) { (one.by) }
                                td data-label=(v.t(a::WHAT)) {
                                    @match audit::action(&one.action) { Some(word) => (v.t(word)), None => code { (one.action) } }
                                    @if !one.details.is_empty() { " " small { (one.details) } }
                                }
                                td data-label=(v.t(a::ABOUT)) { (about(&one.about)) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &entries.next {
            @let query = serde_urlencoded::to_string([("after", next)]).unwrap_or_default();
            p { a href={ "/account/audit?" (query) } { (v.t(a::OLDER)) } }
        }
    };
    Ok(page(&v, "/account/audit", &Errors::default(), content))
}
