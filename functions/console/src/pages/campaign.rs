//! « Visualiser »: one campaign, read-only, with its progress and its credits.

use app::UseCase;
use app::campaigns::progress;
use axum::extract::Path;
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use domain::standstill::standstill;
use domain::tally::Tally;
use maud::{Markup, html};
use support::random;

use crate::gate::{Answer, Failure, Visitor};
use crate::pages::{campaigns, settings_of};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{self, Field, figure};
use crate::words::{Word, campaigns as c, common as w, draft as d};

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    let campaign = v.context.store.campaign(&id).await?.ok_or(Failure::NotFound)?;
    let tally = campaigns::tally(&v, &campaign).await?;
    let is_moving = matches!(campaign.status, Status::Sending | Status::Consolidating | Status::Ready);
    let content = html! {
        (parts::back("/campaigns", v.t(w::CAMPAIGNS_NOW)))
        div.title {
            div {
                h1 { (campaign.settings.name) }
                p.lead { (parts::status(&v, campaign.status)) " "
                    @if campaign.settings.proof { span.tag { (v.t(c::PROOF)) } " " }
                    @if campaign.cancelled { (v.t(c::CANCELLED)) }
                    @if campaign.pause_reason.is_some() { (campaigns::because(&v, &campaign)) }
                }
            }
            (commands(&v, &campaign))
        }
        div data-refresh-main=[is_moving.then_some("4")] {
            @if let Some(since) = standstill(&campaign, v.now) { p.note { (v.tf(c::STALLED, &[v.at(since)])) } }
            @if campaign.audience.is_some() || campaign.reserved > 0 { (state(&v, &campaign, &tally)) }
        }
        @if v.may(UseCase::ChangePace) && matches!(campaign.status, Status::Sending | Status::Paused) { (pace(&v, &campaign)) }
        div.settings { (settings_of::show(&v, &campaign, false).await?) }
    };
    Ok(layout::page(&v, &campaign.settings.name, Place::Campaigns, content))
}

fn commands(v: &Visitor, campaign: &Campaign) -> Markup {
    let id = &campaign.id;
    let run = |verb: &str, word: Word, icon: Markup, kind: &str| {
        html! {
            form method="post" action={ "/campaigns/" (id) "/do/" (verb) } {
                (parts::csrf(v))
                @if verb == "copy" { input type="hidden" name="id" value=(CampaignId::new(v.now, random::octets())); }
                button class={ "button " (kind) } { (icon) (v.t(word)) }
            }
        }
    };
    let ask = |verb: &str, word: Word, icon: Markup| {
        html! { a.button.plain href={ "/campaigns/" (id) "/confirm/" (verb) } data-dialog { (icon) (v.t(word)) } }
    };
    let status = campaign.status;
    html! {
        div.buttons {
            @if campaign.started_at.is_some() {
                a.button.plain href={ "/statistics/" (id) } { (icons::chart()) (v.t(c::SEE_STATISTICS)) }
            }
            @if v.may(UseCase::CopyCampaign) {
                (run("copy", c::COPY, icons::copy(), "plain"))
                @if matches!(status, Status::Ready | Status::Paused) { (ask("cancel", c::END, icons::warning())) }
                @if matches!(status, Status::Draft | Status::Ready | Status::Paused | Status::Finished) {
                    (ask("delete", w::DELETE, icons::trash()))
                }
                @if status == Status::Ready { (ask("edit", w::EDIT, icons::pencil())) }
                @if status == Status::Draft {
                    a.button href={ "/campaigns/" (id) "/general" } { (icons::pencil()) (v.t(w::EDIT)) }
                }
                @if status == Status::Sending { (run("pause", c::PAUSE, icons::pause(), "")) }
                @if status == Status::Paused { (run("resume", c::RESUME, icons::play(), "")) }
            }
        }
    }
}

fn state(v: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let progress = progress(&v.account, campaign, tally, v.now);
    let used = if campaign.status == Status::Finished { campaign.used } else { tally.segments };
    html! {
        section.card {
            h2 { (v.t(c::PROGRESS)) }
            (campaigns::bar(v, campaign, tally))
            dl.figures-row {
                (figure(v.t(d::RECIPIENTS), &v.number(progress.total), None))
                (figure(v.t(c::HANDED_OVER), &v.number(progress.handed_over), Some(&v.tf(c::RATE, &[v.number(progress.rate_per_minute)]))))
                @if let Some(end) = progress.expected_end {
                    (figure(v.t(d::ENDS), &v.soon(end), None))
                }
                (figure(v.t(c::HELD), &v.number(campaign.reserved), None))
                (figure(v.t(c::USED), &v.number(used), None))
                (figure(v.t(c::GIVEN_BACK), &v.number(campaign.given_back), None))
            }
        }
    }
}

fn pace(v: &Visitor, campaign: &Campaign) -> Markup {
    let typed = campaign.pacing.per_hour.map(|pace| pace.to_string()).unwrap_or_default();
    let error = v.query("pace").map(|_| v.t(d::PACE_BAD));
    let field = Field { name: "pace", label: v.t(d::PACE), hint: Some(v.t(d::PACE_HINT)), error };
    html! {
        form.card.inline method="post" action={ "/campaigns/" (campaign.id) "/do/pace" } {
            (parts::csrf(v))
            (field.input("text", &typed, "off"))
            button.button.plain { (v.t(c::PACE_CHANGE)) }
        }
    }
}
