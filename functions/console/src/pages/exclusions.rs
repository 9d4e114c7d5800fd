//! « Liste d'exclusion »: search, add, remove, import, export; STOP replies are added automatically.

use std::collections::HashMap;

use app::exports::{self, ExclusionWords};
use app::{Expected, UseCase, audience, exclusions};
use axum::extract::Path;
use domain::account::{Exclusion, ExclusionSource};
use domain::country::Country;
use domain::ids::CampaignId;
use domain::list::List;
use domain::phone::{self, PhoneNumber};
use http::StatusCode;
use maud::{Markup, html};

use crate::pages::lists;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{self, Ask, Errors, Field, csrf};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words::{self, Word};

const PAGE: usize = 200;

pub async fn show(visitor: Visitor) -> Answer {
    page(&visitor, &Errors::default(), &visitor.query("phone").unwrap_or_default(), "").await
}

pub async fn add(visitor: Visitor, fields: Fields) -> Answer {
    let (typed, reason) = (fields.get("phone"), fields.get("reason"));
    let Ok(phone) = phone::parse(typed, Country::default()) else {
        let mut errors = Errors::default();
        errors.add("phone", visitor.text(words::contacts::PHONE_BAD));
        return page(&visitor, &errors, typed, reason).await;
    };
    exclusions::add(&visitor.context, phone, Some(reason)).await?;
    visitor.done("/exclusions", "excluded")
}

/// Asks for confirmation before a number may be written to again.
pub async fn ask(visitor: Visitor, Path(phone): Path<String>) -> Answer {
    visitor.needs(UseCase::RemoveExclusion)?;
    let phone: PhoneNumber = phone.parse().map_err(|_| PageError::NotFound)?;
    let reason = Field {
        name: "reason",
        label: visitor.text(words::contacts::EXCLUSION_REASON),
        hint: Some(visitor.text(words::contacts::EXCLUSION_REASON_HINT)),
        error: None,
    };
    let ask = Ask {
        title: &visitor.text_with(words::contacts::EXCLUSION_ALLOW_OF, &[phone.to_string()]),
        help: visitor.text(words::contacts::EXCLUSION_ALLOW_HELP),
        action: &format!("/exclusions/{phone}/remove"),
        back: "/exclusions",
        yes: words::contacts::EXCLUSION_ALLOW,
        is_danger: true,
        fields: reason.input("text", "", "off"),
    };
    Ok(ask.page(&visitor, NavItem::Exclusions))
}

pub async fn remove(visitor: Visitor, Path(phone): Path<String>, fields: Fields) -> Answer {
    let phone: PhoneNumber = phone.parse().map_err(|_| PageError::NotFound)?;
    exclusions::remove(&visitor.context, phone, fields.some("reason"), &Expected::Any).await?;
    visitor.done("/exclusions", "allowed")
}

/// Every exclusion, as a CSV file for Excel.
pub async fn export(visitor: Visitor) -> Answer {
    let words = ExclusionWords {
        header: [
            words::contacts::PHONE,
            words::contacts::EXCLUSION_SOURCE,
            words::contacts::EXCLUSION_REASON,
            words::contacts::BY,
            words::common::CREATED,
        ]
        .map(|word| visitor.text(word)),
        source: &|of| visitor.text(source(of)),
        at: &|at| visitor.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        file: format!("exclusions-{}.csv", visitor.zone.to_datetime(visitor.now).date()),
    };
    Ok(redirect_to(&exports::exclusions(&visitor.context.store, &visitor.context.files, &words, visitor.now).await?))
}

fn source(source: ExclusionSource) -> Word {
    match source {
        ExclusionSource::Stop => words::contacts::BY_STOP,
        ExclusionSource::Manual => words::contacts::BY_HAND,
        ExclusionSource::Import => words::contacts::BY_IMPORT,
        ExclusionSource::Erasure => words::contacts::BY_ERASURE,
    }
}

/// The result of a search.
#[derive(Default)]
struct SearchResult {
    exclusions: Vec<Exclusion>,
    /// Where the next page begins.
    next: Option<PhoneNumber>,
    /// A note about the result.
    note: Option<String>,
}

/// Searches a complete number everywhere, including imported files; a part of one in single decisions only.
async fn find(visitor: &Visitor, wanted: &str) -> Result<SearchResult, PageError> {
    let whole = phone::parse(wanted, Country::default()).ok().filter(|_| !wanted.is_empty());
    if let Some(phone) = whole {
        let found = audience::exclusion_of(&visitor.context.store, &visitor.context.files, phone).await?;
        let note = found.is_none().then(|| visitor.text_with(words::contacts::EXCLUSION_NOT, &[phone.to_string()]));
        return Ok(SearchResult { exclusions: found.into_iter().collect(), note, ..SearchResult::default() });
    }
    let after = visitor.query("after").and_then(|after| after.parse().ok());
    let has_digits = wanted.contains(|character: char| character.is_ascii_digit());
    if !wanted.is_empty() && !has_digits {
        return Ok(SearchResult {
            note: Some(visitor.text(words::contacts::PHONE_BAD).to_owned()),
            ..SearchResult::default()
        });
    }
    let page = visitor.context.store.excluded(Some(wanted), after, PAGE).await?;
    let note = match (wanted.is_empty(), page.decisions.is_empty() && page.next.is_none()) {
        (true, _) => None,
        (false, true) => Some(visitor.text_with(words::contacts::EXCLUSION_PART_NONE, &[wanted])),
        (false, false) => Some(visitor.text_with(words::contacts::EXCLUSION_PART, &[wanted])),
    };
    Ok(SearchResult { exclusions: page.decisions, next: page.next, note })
}

/// Names of those who excluded: a campaign or import by its name, others as stored.
struct Authors {
    campaigns: HashMap<CampaignId, String>,
    lists: HashMap<String, String>,
}

impl Authors {
    async fn of_all(visitor: &Visitor, found: &[Exclusion], imports: &[List]) -> Result<Self, PageError> {
        let mut ids: Vec<CampaignId> = found.iter().filter_map(|one| one.by.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let lists = imports.iter().map(|list| (list.id.to_string(), list.name.clone())).collect();
        Ok(Self { campaigns: visitor.context.store.campaign_names(&ids).await?, lists })
    }

    fn name(&self, by: &str) -> Markup {
        let campaign = by.parse::<CampaignId>().ok().and_then(|id| self.campaigns.get(&id));
        html! {
            @match (campaign, self.lists.get(by)) {
                (Some(name), _) => a href={ "/campaigns/" (by) } { (name) },
                (None, Some(name)) => (name),
                (None, None) => (by),
            }
        }
    }
}

async fn page(visitor: &Visitor, errors: &Errors, typed: &str, reason: &str) -> Answer {
    let wanted = visitor.query("q").unwrap_or_default().trim().to_owned();
    let imports = visitor.context.store.exclusion_lists().await?;
    let SearchResult { exclusions: found, next, note } = find(visitor, &wanted).await?;
    let authors = Authors::of_all(visitor, &found, &imports).await?;
    let more = |next: PhoneNumber| {
        let after = next.to_string();
        let query = serde_urlencoded::to_string([("q", wanted.as_str()), ("after", &after)]).unwrap_or_default();
        format!("/exclusions?{query}")
    };
    let phone_field =
        Field { name: "phone", label: visitor.text(words::contacts::PHONE), hint: None, error: errors.of("phone") };
    let reason_field =
        Field { name: "reason", label: visitor.text(words::contacts::EXCLUSION_REASON), hint: None, error: None };
    let content = html! {
        div.title {
            div { h1 { (visitor.text(words::common::EXCLUSIONS)) } p.lead { (visitor.text(words::contacts::EXCLUSIONS_LEAD)) } }
            div.buttons {
                a.button.plain href="/exclusions/export" { (icons::download()) (visitor.text(words::contacts::EXCLUSION_EXPORT)) }
                @if visitor.may(UseCase::ImportExclusions) {
                    a.button href="/lists/new?purpose=exclusions" data-dialog { (icons::upload()) (visitor.text(words::contacts::EXCLUSION_IMPORT)) }
                }
            }
        }
        @if visitor.may(UseCase::AddExclusion) {
            form.card.inline method="post" action="/exclusions" data-live {
                (csrf(visitor))
                (phone_field.input("tel", typed, "off"))
                (reason_field.input("text", reason, "off"))
                button.button { (icons::shield()) (visitor.text(words::contacts::EXCLUSION_DO)) }
            }
        }
        div.tools { (parts::search(visitor, "/exclusions", &wanted, words::contacts::EXCLUSION_SEARCH)) }
        div #results {
        @if let Some(note) = &note { p.note.info role="status" { (note) } }
        @else if found.is_empty() { p.empty { (visitor.text(words::contacts::EXCLUSION_EMPTY)) } }
        @if !found.is_empty() { (table(visitor, &found, &authors)) }
        @if let Some(next) = next {
            p.more { a.button.plain.small href=(more(next)) { (visitor.text(if wanted.is_empty() { words::common::MORE } else { words::contacts::EXCLUSION_GO_ON })) } }
        }
        }
        @if !imports.is_empty() {
            section.card {
                h2 { (visitor.text(words::contacts::EXCLUSION_IMPORTS)) }
                ul.plain-list { @for list in &imports {
                    li.list { div { strong { (list.name) } span.figures { (visitor.text_with(words::contacts::NUMBERS, &[visitor.number(list.contacts)])) } small { (visitor.at(list.created_at)) " · " (list.author) } }
                        (lists::status(visitor, list.status))
                        @if visitor.may(UseCase::DeleteImportedExclusions) {
                            a.round href={ "/lists/" (list.id) "/delete" } data-dialog aria-label={ (visitor.text(words::common::DELETE)) " " (list.name) } { (icons::trash()) }
                        }
                    }
                } }
            }
        }
    };
    let mut response = layout::page(visitor, visitor.text(words::common::EXCLUSIONS), NavItem::Exclusions, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn table(visitor: &Visitor, found: &[Exclusion], authors: &Authors) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::contacts::PHONE)) } th scope="col" { (visitor.text(words::contacts::EXCLUSION_SOURCE)) }
                    th scope="col" { (visitor.text(words::contacts::EXCLUSION_REASON)) } th scope="col" { (visitor.text(words::contacts::BY)) }
                    th scope="col" { (visitor.text(words::common::CREATED)) } th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                } }
                tbody {
                    @for one in found {
                        tr {
                            td.name data-label=(visitor.text(words::contacts::PHONE)) { (one.phone) }
                            td data-label=(visitor.text(words::contacts::EXCLUSION_SOURCE)) { (visitor.text(source(one.source))) }
                            td.whole data-label=(visitor.text(words::contacts::EXCLUSION_REASON)) { (one.reason.as_deref().unwrap_or("—")) }
                            td.of.whole data-label=(visitor.text(words::contacts::BY)) { (authors.name(&one.by)) }
                            td data-label=(visitor.text(words::common::CREATED)) { time datetime=(one.at) { (visitor.at(one.at)) } }
                            td.actions {
                                @if visitor.may(UseCase::RemoveExclusion) {
                                    a.quiet href={ "/exclusions/" (one.phone) "/remove" } data-dialog
                                        aria-label=(visitor.text_with(words::contacts::EXCLUSION_ALLOW_OF, &[one.phone.to_string()])) { (visitor.text(words::contacts::EXCLUSION_ALLOW)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
