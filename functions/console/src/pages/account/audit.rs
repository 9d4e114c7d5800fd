//! The audit log: what was done, by whom, when, and from which network.

use std::collections::{BTreeMap, BTreeSet};

use app::UseCase;
use aws::store::AuditEntry;
use domain::account::Role;
use domain::audit::AuditAction;
use maud::{Markup, html};
use web::Language;

use super::{credits, page, users};
use crate::view::parts::Errors;
use crate::visitor::{Answer, PageError, Visitor};
use crate::words;

const PAGE: usize = 100;

/// Names of the objects of entries, by id; deleted ones have no name.
async fn names(visitor: &Visitor, entries: &[AuditEntry]) -> Result<BTreeMap<String, String>, PageError> {
    let about = |prefix: &'static str| {
        let ids: BTreeSet<_> =
            entries.iter().map(|one| one.about.as_str()).filter(|id| id.starts_with(prefix)).collect();
        ids.into_iter()
    };
    let mut names = credits::names(visitor, about("cmp_")).await?;
    let lists: Vec<_> = about("lst_").filter_map(|id| id.parse().ok()).collect();
    names.extend(visitor.context.store.list_names(&lists).await?.into_iter().map(|(id, name)| (id.to_string(), name)));
    if about("usr_").next().is_some() {
        names.extend(visitor.context.store.users().await?.into_iter().map(|user| (user.id.to_string(), user.email)));
    }
    if about("key_").next().is_some() {
        names.extend(visitor.context.store.keys().await?.into_iter().map(|key| (key.id.to_string(), key.name)));
    }
    Ok(names)
}

/// The object of an entry, with a link if it has a page.
fn about(id: &str, names: &BTreeMap<String, String>) -> Markup {
    let name = names.get(id);
    let index = match id.split_once('_') {
        Some(("ers", _)) => Some("/erasures/"),
        Some(("cmp", _)) if name.is_some() => Some("/campaigns/"),
        Some(("lst", _)) if name.is_some() => Some("/lists/"),
        _ => None,
    };
    let shown = name.map_or(id, String::as_str);
    html! {
        @if let Some(index) = index { a href={ (index) (id) } { (shown) } } @else { (shown) }
    }
}

/// The details of an entry. Codes of roles and counts are shown as text, everything else as stored.
fn details(visitor: &Visitor, noted: &str) -> String {
    if let Ok(role) = noted.parse::<Role>() {
        return visitor.text(users::word(role)).to_owned();
    }
    match noted.strip_suffix(" credits").and_then(|count| count.parse::<u64>().ok()) {
        Some(count) => visitor.text_with(words::account::CREDITS_COUNT, &[visitor.number(count)]),
        None => noted.to_owned(),
    }
}

fn action_word(visitor: &Visitor, action: AuditAction) -> &'static str {
    match visitor.language {
        Language::French => action.french(),
        Language::English => action.english(),
    }
}

pub async fn show(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::ReadAudit)?;
    let entries = visitor.context.store.audit(visitor.query("after").as_deref(), PAGE).await?;
    let names = names(&visitor, &entries.items).await?;
    let content = html! {
        @if entries.items.is_empty() { p.empty { (visitor.text(words::account::AUDIT_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (visitor.text(words::account::WHEN)) } th scope="col" { (visitor.text(words::account::WHO)) }
                        th scope="col" { (visitor.text(words::account::WHAT)) } th scope="col" { (visitor.text(words::account::ABOUT)) }
                        th scope="col" { (visitor.text(words::account::ADDRESS)) }
                    } }
                    tbody {
                        @for one in &entries.items {
                            tr {
                                td data-label=(visitor.text(words::account::WHEN)) { (visitor.at(one.at)) }
                                td data-label=(visitor.text(words::account::WHO)) { (one.by) }
                                td data-label=(visitor.text(words::account::WHAT)) {
                                    @match AuditAction::from_code(&one.action) { Some(action) => (action_word(&visitor, action)), None => code { (one.action) } }
                                    @if !one.details.is_empty() { " " small { (details(&visitor, &one.details)) } }
                                }
                                td.of data-label=(visitor.text(words::account::ABOUT)) { (about(&one.about, &names)) }
                                td data-label=(visitor.text(words::account::ADDRESS)) { (if one.from.is_empty() { "—" } else { one.from.as_str() }) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &entries.next {
            @let query = serde_urlencoded::to_string([("after", next)]).unwrap_or_default();
            p { a href={ "/account/audit?" (query) } { (visitor.text(words::account::OLDER)) } }
        }
    };
    Ok(page(&visitor, "/account/audit", &Errors::default(), content))
}
