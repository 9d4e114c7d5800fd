//! Right to erasure: asks for the erasure of a number, says exactly what goes and what stays, and shows how far it is.
//! The number travels in bodies only: what stands in an address stands in logs.

use std::collections::HashMap;

use app::{UseCase, erasure};
use axum::extract::Path;
use domain::country::Country;
use domain::erasure::{Erasure, Stage};
use domain::ids::{CampaignId, ErasureId};
use domain::phone::{self, PhoneNumber};
use http::StatusCode;
use maud::{Markup, html};

use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{Errors, Field, back, csrf, figure};
use crate::words::{common as w, contacts as l, erasure as e};

/// Requests of one page.
const PAGE: usize = 50;

pub async fn show(v: Visitor) -> Answer {
    page(&v, &Errors::default(), "").await
}

/// Asks first; asks for the erasure when the person is sure.
pub async fn submit(v: Visitor, fields: Fields) -> Answer {
    let typed = fields.get("phone");
    let Ok(phone) = phone::parse(typed, Country::default()) else {
        let mut errors = Errors::default();
        errors.add("phone", v.t(l::PHONE_BAD));
        return page(&v, &errors, typed).await;
    };
    if !fields.has("sure") {
        return Ok(ask(&v, phone));
    }
    if !v.is_first(&fields).await? {
        return Ok(see("/erasures"));
    }
    let requested = erasure::request(&v.context, phone).await?;
    v.done(&format!("/erasures/{}", requested.id), "erasing")
}

fn ask(v: &Visitor, phone: PhoneNumber) -> axum::response::Response {
    let title = v.tf(e::ASK, &[phone.to_string()]);
    let content = html! {
        (back("/erasures", v.t(e::TITLE)))
        section {
            h1 tabindex="-1" data-focus { (title) }
            p.lead { (v.t(e::ASK_HELP)) }
            br;
            (consequences(v))
            form method="post" action="/erasures" data-live {
                (csrf(v))
                (v.once())
                input type="hidden" name="phone" value=(phone);
                input type="hidden" name="sure" value="1";
                div.buttons.foot {
                    a.button.plain href="/erasures" { (v.t(w::CANCEL)) }
                    button.button.danger { (icons::eraser()) (v.t(e::YES)) }
                }
            }
        }
    };
    layout::page(v, &title, Place::Erasure, content)
}

/// What goes and what stays, beside each other.
fn consequences(v: &Visitor) -> Markup {
    let list = |word, items: &[_]| {
        html! { section.card { h2 { (v.t(word)) } ul.bullets { @for item in items { li { (v.t(*item)) } } } } }
    };
    html! {
        div.columns.even {
            (list(e::GOES, &[e::GOES_LISTS, e::GOES_CAMPAIGNS, e::GOES_REPLIES, e::GOES_EXCLUSION]))
            (list(e::STAYS, &[e::STAYS_FINGERPRINT, e::STAYS_COUNTS, e::STAYS_TRAIL, e::STAYS_A_WHILE, e::STAYS_FILES]))
        }
    }
}

async fn page(v: &Visitor, errors: &Errors, typed: &str) -> Answer {
    let after = v.query("after").filter(|after| after.parse::<ErasureId>().is_ok());
    let past = v.context.store.erasures(after.as_deref(), PAGE).await?;
    let field =
        Field { name: "phone", label: v.t(e::PHONE), hint: Some(v.t(e::PHONE_HINT)), error: errors.of("phone") };
    let content = html! {
        div.title { div { h1 { (v.t(e::TITLE)) } p.lead { (v.t(e::LEAD)) } } }
        @if v.may(UseCase::RequestErasure) {
            form.card.inline method="post" action="/erasures" data-live {
                (csrf(v))
                (field.input("tel", typed, "off"))
                button.button.danger { (icons::eraser()) (v.t(e::NEXT)) }
            }
        }
        (consequences(v))
        h2.apart { (v.t(e::PAST)) }
        @if past.items.is_empty() { p.empty { (v.t(e::PAST_NONE)) } } @else { (table(v, &past.items)) }
        @if let Some(next) = &past.next { p.more { a.button.plain.small href={ "/erasures?after=" (next) } { (v.t(w::MORE)) } } }
    };
    let mut response = layout::page(v, v.t(e::TITLE), Place::Erasure, content);
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn state(v: &Visitor, stage: &Stage) -> Markup {
    let colour = match stage {
        Stage::Lists { .. } | Stage::Campaigns { .. } => "sending",
        Stage::Waiting => "paused",
        Stage::Done => "good",
    };
    html! { span class={ "status " (colour) } { (v.t(e::stage(stage))) } }
}

fn table(v: &Visitor, past: &[Erasure]) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(e::ASKED)) } th scope="col" { (v.t(e::BY)) } th scope="col" { (v.t(e::STATE)) }
                    th scope="col" { (v.t(e::DONE_AT)) } th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                } }
                tbody { @for one in past {
                    tr {
                        td data-label=(v.t(e::ASKED)) { time datetime=(one.asked_at) { (v.at(one.asked_at)) } }
                        td data-label=(v.t(e::BY)) { (one.by) }
                        td data-label=(v.t(e::STATE)) { (state(v, &one.stage)) }
                        td data-label=(v.t(e::DONE_AT)) { @match one.done_at { Some(at) => (v.at(at)), None => "—" } }
                        td.actions {
                            a.action href={ "/erasures/" (one.id) } title=(v.t(w::VIEW)) {
                                (icons::eye()) span { (v.tf(e::SEE, &[v.at(one.asked_at)])) }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// How far an erasure is.
pub async fn one(v: Visitor, Path(id): Path<String>) -> Answer {
    let id: ErasureId = id.parse().map_err(|_| Failure::NotFound)?;
    let one = v.context.store.erasure(&id).await?.ok_or(Failure::NotFound)?;
    let help = match one.stage {
        Stage::Lists { .. } | Stage::Campaigns { .. } => e::ONE_RUNNING,
        Stage::Waiting => e::ONE_WAITING,
        Stage::Done => e::ONE_DONE,
    };
    let is_moving = one.stage != Stage::Done;
    let waiting = waiting(&v, &one).await?;
    let content = html! {
        (back("/erasures", v.t(e::TITLE)))
        div.title { div { h1 { (v.t(e::ONE)) } p.lead { (v.at(one.asked_at)) " · " (one.by) } } }
        section.card data-refresh-main=[is_moving.then_some("4")] {
            p role="status" { (state(&v, &one.stage)) " " (v.t(help)) }
            (waiting)
            dl.figures-row {
                (figure(v.t(e::IN_LISTS), &v.number(one.lists), None))
                (figure(v.t(e::IN_CAMPAIGNS), &v.number(one.campaigns), None))
                (figure(v.t(e::IN_REPLIES), &v.number(one.replies), None))
                @if let Some(at) = one.done_at { (figure(v.t(e::DONE_AT), &v.at(at), None)) }
            }
        }
        (consequences(&v))
    };
    Ok(layout::page(&v, v.t(e::ONE), Place::Erasure, content))
}

/// What still holds the number because it is in use.
async fn waiting(v: &Visitor, one: &Erasure) -> Result<Markup, Failure> {
    if one.stage == Stage::Done || (one.waiting_lists.is_empty() && one.waiting_campaigns.is_empty()) {
        return Ok(html! {});
    }
    let mut lists = Vec::new();
    for id in &one.waiting_lists {
        lists.extend(v.context.store.list(id).await?);
    }
    let campaigns: HashMap<CampaignId, String> = v.context.store.campaign_names(&one.waiting_campaigns).await?;
    Ok(html! {
        ul.bullets {
            @for list in &lists { li { (v.t(e::WAITS_LIST)) " – " a href={ "/lists/" (list.id) } { (list.name) } } }
            @for id in &one.waiting_campaigns {
                @if let Some(name) = campaigns.get(id) {
                    li { (v.t(e::WAITS_CAMPAIGN)) " – " a href={ "/campaigns/" (id) } { (name) } }
                }
            }
        }
    })
}
