//! The audit log: what was done, by whom, when.

use maud::html;

use super::page;
use crate::gate::{Answer, Visitor};
use crate::view::parts::Errors;
use crate::words::account as a;

const PAGE: usize = 100;

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
                                td data-label=(v.t(a::WHAT)) { code { (one.action) } " " (one.details) }
                                td data-label=(v.t(a::ABOUT)) { (one.about) }
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
