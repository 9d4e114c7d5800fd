//! The audit log: what was done, by whom, when.

use std::collections::BTreeMap;

use maud::{Markup, html};
use shared::domain::account::Role;

use super::{credits, page, users};
use crate::gate::{Answer, Visitor};
use crate::view::parts::Errors;
use crate::words::{account as a, audit};

const PAGE: usize = 100;

/// What it was done to, with a way there if there is one.
fn about(id: &str, names: &BTreeMap<String, String>) -> Markup {
    html! {
        // What has no name any more is gone, and so is its page.
        @if let Some(name) = names.get(id) { a href={ "/campaigns/" (id) } { (name) } }
        @else if id.starts_with("lst_") { a href={ "/lists/" (id) } { (id) } }
        @else if id.starts_with("ers_") { a href={ "/erasures/" (id) } { (id) } }
        @else { (id) }
    }
}

/// What was noted with it. The codes of roles and counts are said in words; all else stands as it was noted.
fn details(v: &Visitor, noted: &str) -> String {
    if let Ok(role) = noted.parse::<Role>() {
        return v.t(users::word(role)).to_owned();
    }
    match noted.strip_suffix(" credits").and_then(|count| count.parse::<u64>().ok()) {
        Some(count) => v.tf(a::CREDITS_COUNT, &[v.number(count)]),
        None => noted.to_owned(),
    }
}

pub async fn show(v: Visitor) -> Answer {
    v.needs_owner()?;
    let entries = v.store.audit(v.query("after").as_deref(), PAGE).await?;
    let names = credits::names(&v, entries.items.iter().map(|one| one.about.as_str())).await?;
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
                                    @if !one.details.is_empty() { " " small { (details(&v, &one.details)) } }
                                }
                                td.of data-label=(v.t(a::ABOUT)) { (about(&one.about, &names)) }
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
