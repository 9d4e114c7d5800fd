//! Right to erasure: requests the erasure of a number, says exactly what is erased and what is kept, and shows
//! progress. The number is sent in request bodies only, because URLs are logged.

use std::collections::HashMap;

use app::{UseCase, erasure};
use axum::extract::Path;
use domain::country::Country;
use domain::erasure::{Erasure, Stage};
use domain::ids::{CampaignId, ErasureId};
use domain::phone::{self, PhoneNumber};
use http::StatusCode;
use maud::{Markup, html};

use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{Errors, Field, back, csrf, figure};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

/// Requests per page.
const PAGE: usize = 50;

pub async fn show(visitor: Visitor) -> Answer {
    page(&visitor, &Errors::default(), "").await
}

/// Asks for confirmation, then requests the erasure.
pub async fn submit(visitor: Visitor, fields: Fields) -> Answer {
    let typed = fields.get("phone");
    let Ok(phone) = phone::parse(typed, Country::default()) else {
        let mut errors = Errors::default();
        errors.add("phone", visitor.text(words::contacts::PHONE_BAD));
        return page(&visitor, &errors, typed).await;
    };
    if !fields.has("sure") {
        return Ok(ask(&visitor, phone));
    }
    if !visitor.is_first(&fields).await? {
        return Ok(redirect_to("/erasures"));
    }
    let requested = erasure::request(&visitor.context, phone).await?;
    visitor.done(&format!("/erasures/{}", requested.id), "erasing")
}

fn ask(visitor: &Visitor, phone: PhoneNumber) -> axum::response::Response {
    let title = visitor.text_with(words::erasure::ASK, &[phone.to_string()]);
    let content = html! {
        (back("/erasures", visitor.text(words::erasure::TITLE)))
        section {
            h1 tabindex="-1" data-focus { (title) }
            p.lead { (visitor.text(words::erasure::ASK_HELP)) }
            br;
            (consequences(visitor))
            form method="post" action="/erasures" data-live {
                (csrf(visitor))
                (visitor.once())
                input type="hidden" name="phone" value=(phone);
                input type="hidden" name="sure" value="1";
                div.buttons.foot {
                    a.button.plain href="/erasures" { (visitor.text(words::common::CANCEL)) }
                    button.button.danger { (icons::eraser()) (visitor.text(words::erasure::YES)) }
                }
            }
        }
    };
    layout::page(visitor, &title, NavItem::Erasure, content)
}

/// What is erased and what is kept, side by side.
fn consequences(visitor: &Visitor) -> Markup {
    let list = |word, items: &[_]| {
        html! { section.card { h2 { (visitor.text(word)) } ul.bullets { @for item in items { li { (visitor.text(*item)) } } } } }
    };
    html! {
        div.columns.even {
            (list(words::erasure::GOES, &[words::erasure::GOES_LISTS, words::erasure::GOES_CAMPAIGNS, words::erasure::GOES_REPLIES, words::erasure::GOES_EXCLUSION]))
            (list(words::erasure::STAYS, &[words::erasure::STAYS_FINGERPRINT, words::erasure::STAYS_COUNTS, words::erasure::STAYS_TRAIL, words::erasure::STAYS_A_WHILE, words::erasure::STAYS_FILES]))
        }
    }
}

async fn page(visitor: &Visitor, errors: &Errors, typed: &str) -> Answer {
    let after = visitor.query("after").filter(|after| after.parse::<ErasureId>().is_ok());
    let past = visitor.context.store.erasures(after.as_deref(), PAGE).await?;
    let field = Field {
        name: "phone",
        label: visitor.text(words::erasure::PHONE),
        hint: Some(visitor.text(words::erasure::PHONE_HINT)),
        error: errors.of("phone"),
    };
    let content = html! {
        div.title { div { h1 { (visitor.text(words::erasure::TITLE)) } p.lead { (visitor.text(words::erasure::LEAD)) } } }
        @if visitor.may(UseCase::RequestErasure) {
            form.card.inline method="post" action="/erasures" data-live {
                (csrf(visitor))
                (field.input("tel", typed, "off"))
                button.button.danger { (icons::eraser()) (visitor.text(words::erasure::NEXT)) }
            }
        }
        (consequences(visitor))
        h2.apart { (visitor.text(words::erasure::PAST)) }
        @if past.items.is_empty() { p.empty { (visitor.text(words::erasure::PAST_NONE)) } } @else { (table(visitor, &past.items)) }
        @if let Some(next) = &past.next { p.more { a.button.plain.small href={ "/erasures?after=" (next) } { (visitor.text(words::common::MORE)) } } }
    };
    let mut response = layout::page(visitor, visitor.text(words::erasure::TITLE), NavItem::Erasure, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn state(visitor: &Visitor, stage: &Stage) -> Markup {
    let colour = match stage {
        Stage::Lists { .. } | Stage::Campaigns { .. } => "sending",
        Stage::Waiting => "paused",
        Stage::Done => "good",
    };
    html! { span class={ "status " (colour) } { (visitor.text(words::erasure::stage(stage))) } }
}

fn table(visitor: &Visitor, past: &[Erasure]) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::erasure::ASKED)) } th scope="col" { (visitor.text(words::erasure::BY)) } th scope="col" { (visitor.text(words::erasure::STATE)) }
                    th scope="col" { (visitor.text(words::erasure::DONE_AT)) } th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                } }
                tbody { @for one in past {
                    tr {
                        td data-label=(visitor.text(words::erasure::ASKED)) { time datetime=(one.asked_at) { (visitor.at(one.asked_at)) } }
                        td data-label=(visitor.text(words::erasure::BY)) { (one.by) }
                        td data-label=(visitor.text(words::erasure::STATE)) { (state(visitor, &one.stage)) }
                        td data-label=(visitor.text(words::erasure::DONE_AT)) { @match one.done_at { Some(at) => (visitor.at(at)), None => "—" } }
                        td.actions {
                            a.action href={ "/erasures/" (one.id) } title=(visitor.text(words::common::VIEW)) {
                                (icons::eye()) span { (visitor.text_with(words::erasure::SEE, &[visitor.at(one.asked_at)])) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// The progress of an erasure.
pub async fn one(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id: ErasureId = id.parse().map_err(|_| PageError::NotFound)?;
    let one = visitor.context.store.erasure(&id).await?.ok_or(PageError::NotFound)?;
    let help = match one.stage {
        Stage::Lists { .. } | Stage::Campaigns { .. } => words::erasure::ONE_RUNNING,
        Stage::Waiting => words::erasure::ONE_WAITING,
        Stage::Done => words::erasure::ONE_DONE,
    };
    let is_moving = one.stage != Stage::Done;
    let waiting = waiting(&visitor, &one).await?;
    let content = html! {
        (back("/erasures", visitor.text(words::erasure::TITLE)))
        div.title { div { h1 { (visitor.text(words::erasure::ONE)) } p.lead { (visitor.at(one.asked_at)) " · " (one.by) } } }
        section.card data-refresh-main=[is_moving.then_some("4")] {
            p role="status" { (state(&visitor, &one.stage)) " " (visitor.text(help)) }
            (waiting)
            dl.figures-row {
                (figure(visitor.text(words::erasure::IN_LISTS), &visitor.number(one.lists), None))
                (figure(visitor.text(words::erasure::IN_CAMPAIGNS), &visitor.number(one.campaigns), None))
                (figure(visitor.text(words::erasure::IN_REPLIES), &visitor.number(one.replies), None))
                @if let Some(at) = one.done_at { (figure(visitor.text(words::erasure::DONE_AT), &visitor.at(at), None)) }
            }
        }
        (consequences(&visitor))
    };
    Ok(layout::page(&visitor, visitor.text(words::erasure::ONE), NavItem::Erasure, content))
}

/// What still contains the number because it is in use.
async fn waiting(visitor: &Visitor, one: &Erasure) -> Result<Markup, PageError> {
    if one.stage == Stage::Done || (one.waiting_lists.is_empty() && one.waiting_campaigns.is_empty()) {
        return Ok(html! {});
    }
    let mut lists = Vec::new();
    for id in &one.waiting_lists {
        lists.extend(visitor.context.store.list(id).await?);
    }
    let campaigns: HashMap<CampaignId, String> = visitor.context.store.campaign_names(&one.waiting_campaigns).await?;
    Ok(html! {
        ul.bullets {
            @for list in &lists { li { (visitor.text(words::erasure::WAITS_LIST)) " – " a href={ "/lists/" (list.id) } { (list.name) } } }
            @for id in &one.waiting_campaigns {
                @if let Some(name) = campaigns.get(id) {
                    li { (visitor.text(words::erasure::WAITS_CAMPAIGN)) " – " a href={ "/campaigns/" (id) } { (name) } }
                }
            }
        }
    })
}
