//! « Liste d'exclusion »: search, add, remove, import, export; STOP replies fill it.

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

use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::pages::lists;
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{self, Ask, Errors, Field, csrf};
use crate::words::{Word, common as w, contacts as l};

const PAGE: usize = 200;

pub async fn show(v: Visitor) -> Answer {
    page(&v, &Errors::default(), &v.query("phone").unwrap_or_default(), "").await
}

pub async fn add(v: Visitor, fields: Fields) -> Answer {
    let (typed, reason) = (fields.get("phone"), fields.get("reason"));
    let Ok(phone) = phone::parse(typed, Country::default()) else {
        let mut errors = Errors::default();
        errors.add("phone", v.t(l::PHONE_BAD));
        return page(&v, &errors, typed, reason).await;
    };
    exclusions::add(&v.context, phone, Some(reason)).await?;
    v.done("/exclusions", "excluded")
}

/// Asks before a number may be written to again.
pub async fn ask(v: Visitor, Path(phone): Path<String>) -> Answer {
    v.needs(UseCase::RemoveExclusion)?;
    let phone: PhoneNumber = phone.parse().map_err(|_| Failure::NotFound)?;
    let reason = Field {
        name: "reason",
        label: v.t(l::EXCLUSION_REASON),
        hint: Some(v.t(l::EXCLUSION_REASON_HINT)),
        error: None,
    };
    let ask = Ask {
        title: &v.tf(l::EXCLUSION_ALLOW_OF, &[phone.to_string()]),
        help: v.t(l::EXCLUSION_ALLOW_HELP),
        action: &format!("/exclusions/{phone}/remove"),
        back: "/exclusions",
        yes: l::EXCLUSION_ALLOW,
        is_danger: true,
        fields: reason.input("text", "", "off"),
    };
    Ok(ask.page(&v, Place::Exclusions))
}

pub async fn remove(v: Visitor, Path(phone): Path<String>, fields: Fields) -> Answer {
    let phone: PhoneNumber = phone.parse().map_err(|_| Failure::NotFound)?;
    exclusions::remove(&v.context, phone, fields.some("reason"), &Expected::Any).await?;
    v.done("/exclusions", "allowed")
}

/// Everything that is excluded, as a file that Excel opens well.
pub async fn export(v: Visitor) -> Answer {
    let words = ExclusionWords {
        header: [l::PHONE, l::EXCLUSION_SOURCE, l::EXCLUSION_REASON, l::BY, w::CREATED].map(|word| v.t(word)),
        source: &|of| v.t(source(of)),
        at: &|at| v.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        file: format!("exclusions-{}.csv", v.zone.to_datetime(v.now).date()),
    };
    Ok(see(&exports::exclusions(&v.context.store, &v.context.files, &words, v.now).await?))
}

fn source(source: ExclusionSource) -> Word {
    match source {
        ExclusionSource::Stop => l::BY_STOP,
        ExclusionSource::Manual => l::BY_HAND,
        ExclusionSource::Import => l::BY_IMPORT,
        ExclusionSource::Erasure => l::BY_ERASURE,
    }
}

/// What a search found.
#[derive(Default)]
struct Found {
    exclusions: Vec<Exclusion>,
    /// Where the next page begins.
    next: Option<PhoneNumber>,
    /// What to know about what was found, or not.
    note: Option<String>,
}

/// A whole number is looked for everywhere, in imported files too; a part of one among the single decisions.
async fn find(v: &Visitor, wanted: &str) -> Result<Found, Failure> {
    let whole = phone::parse(wanted, Country::default()).ok().filter(|_| !wanted.is_empty());
    if let Some(phone) = whole {
        let found = audience::exclusion_of(&v.context.store, &v.context.files, phone).await?;
        let note = found.is_none().then(|| v.tf(l::EXCLUSION_NOT, &[phone.to_string()]));
        return Ok(Found { exclusions: found.into_iter().collect(), note, ..Found::default() });
    }
    let after = v.query("after").and_then(|after| after.parse().ok());
    let has_digits = wanted.contains(|character: char| character.is_ascii_digit());
    if !wanted.is_empty() && !has_digits {
        return Ok(Found { note: Some(v.t(l::PHONE_BAD).to_owned()), ..Found::default() });
    }
    let page = v.context.store.excluded(Some(wanted), after, PAGE).await?;
    let note = match (wanted.is_empty(), page.decisions.is_empty() && page.next.is_none()) {
        (true, _) => None,
        (false, true) => Some(v.tf(l::EXCLUSION_PART_NONE, &[wanted])),
        (false, false) => Some(v.tf(l::EXCLUSION_PART, &[wanted])),
    };
    Ok(Found { exclusions: page.decisions, next: page.next, note })
}

/// Who excluded: a campaign or an import by its name, anybody else as noted.
struct Authors {
    campaigns: HashMap<CampaignId, String>,
    lists: HashMap<String, String>,
}

impl Authors {
    async fn of_all(v: &Visitor, found: &[Exclusion], imports: &[List]) -> Result<Self, Failure> {
        let mut ids: Vec<CampaignId> = found.iter().filter_map(|one| one.by.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let lists = imports.iter().map(|list| (list.id.to_string(), list.name.clone())).collect();
        Ok(Self { campaigns: v.context.store.campaign_names(&ids).await?, lists })
    }

    fn of(&self, by: &str) -> Markup {
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

async fn page(v: &Visitor, errors: &Errors, typed: &str, reason: &str) -> Answer {
    let wanted = v.query("q").unwrap_or_default().trim().to_owned();
    let imports = v.context.store.exclusion_lists().await?;
    let Found { exclusions: found, next, note } = find(v, &wanted).await?;
    let authors = Authors::of_all(v, &found, &imports).await?;
    let more = |next: PhoneNumber| {
        let after = next.to_string();
        let query = serde_urlencoded::to_string([("q", wanted.as_str()), ("after", &after)]).unwrap_or_default();
        format!("/exclusions?{query}")
    };
    let phone_field = Field { name: "phone", label: v.t(l::PHONE), hint: None, error: errors.of("phone") };
    let reason_field = Field { name: "reason", label: v.t(l::EXCLUSION_REASON), hint: None, error: None };
    let content = html! {
        div.title {
            div { h1 { (v.t(w::EXCLUSIONS)) } p.lead { (v.t(l::EXCLUSIONS_LEAD)) } }
            div.buttons {
                a.button.plain href="/exclusions/export" { (icons::download()) (v.t(l::EXCLUSION_EXPORT)) }
                @if v.may(UseCase::ImportExclusions) {
                    a.button href="/lists/new?purpose=exclusions" data-dialog { (icons::upload()) (v.t(l::EXCLUSION_IMPORT)) }
                }
            }
        }
        @if v.may(UseCase::AddExclusion) {
            form.card.inline method="post" action="/exclusions" data-live {
                (csrf(v))
                (phone_field.input("tel", typed, "off"))
                (reason_field.input("text", reason, "off"))
                button.button { (icons::shield()) (v.t(l::EXCLUSION_DO)) }
            }
        }
        div.tools { (parts::search(v, "/exclusions", &wanted, l::EXCLUSION_SEARCH)) }
        div #results {
        @if let Some(note) = &note { p.note.info role="status" { (note) } }
        @else if found.is_empty() { p.empty { (v.t(l::EXCLUSION_EMPTY)) } }
        @if !found.is_empty() { (table(v, &found, &authors)) }
        @if let Some(next) = next {
            p.more { a.button.plain.small href=(more(next)) { (v.t(if wanted.is_empty() { w::MORE } else { l::EXCLUSION_GO_ON })) } }
        }
        }
        @if !imports.is_empty() {
            section.card {
                h2 { (v.t(l::EXCLUSION_IMPORTS)) }
                ul.plain-list { @for list in &imports {
                    li.list { div { strong { (list.name) } span.figures { (v.tf(l::NUMBERS, &[v.number(list.contacts)])) } small { (v.at(list.created_at)) " · " (list.author) } }
                        (lists::status(v, list.status))
                        @if v.may(UseCase::DeleteImportedExclusions) {
                            a.round href={ "/lists/" (list.id) "/delete" } data-dialog aria-label={ (v.t(w::DELETE)) " " (list.name) } { (icons::trash()) }
                        }
                    }
                } }
            }
        }
    };
    let mut response = layout::page(v, v.t(w::EXCLUSIONS), Place::Exclusions, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn table(v: &Visitor, found: &[Exclusion], authors: &Authors) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(l::PHONE)) } th scope="col" { (v.t(l::EXCLUSION_SOURCE)) }
                    th scope="col" { (v.t(l::EXCLUSION_REASON)) } th scope="col" { (v.t(l::BY)) }
                    th scope="col" { (v.t(w::CREATED)) } th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                } }
                tbody {
                    @for one in found {
                        tr {
                            td.name data-label=(v.t(l::PHONE)) { (one.phone) }
                            td data-label=(v.t(l::EXCLUSION_SOURCE)) { (v.t(source(one.source))) }
                            td.whole data-label=(v.t(l::EXCLUSION_REASON)) { (one.reason.as_deref().unwrap_or("—")) }
                            td.of.whole data-label=(v.t(l::BY)) { (authors.of(&one.by)) }
                            td data-label=(v.t(w::CREATED)) { time datetime=(one.at) { (v.at(one.at)) } }
                            td.actions {
                                @if v.may(UseCase::RemoveExclusion) {
                                    a.quiet href={ "/exclusions/" (one.phone) "/remove" } data-dialog
                                        aria-label=(v.tf(l::EXCLUSION_ALLOW_OF, &[one.phone.to_string()])) { (v.t(l::EXCLUSION_ALLOW)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
