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

use crate::pages::{campaigns, draft};
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{self, Field, figure};
use crate::visitor::{Answer, PageError, Visitor};
use crate::words::{self, Word};

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    let campaign = visitor.context.store.campaign(&id).await?.ok_or(PageError::NotFound)?;
    let tally = campaigns::tally(&visitor, &campaign).await?;
    let is_moving = matches!(campaign.status, Status::Sending | Status::Consolidating | Status::Ready);
    let content = html! {
        (parts::back("/campaigns", visitor.text(words::common::CAMPAIGNS_NOW)))
        div.title {
            div {
                h1 { (campaign.settings.name) }
                p.lead { (parts::status(&visitor, campaign.status)) " "
                    @if campaign.settings.proof { span.tag { (visitor.text(words::campaigns::PROOF)) } " " }
                    @if campaign.cancelled { (visitor.text(words::campaigns::CANCELLED)) }
                    @if campaign.pause_reason.is_some() { (campaigns::because(&visitor, &campaign)) }
                }
            }
            (commands(&visitor, &campaign))
        }
        div data-refresh-main=[is_moving.then_some("4")] {
            @if let Some(since) = standstill(&campaign, visitor.now) { p.note { (visitor.text_with(words::campaigns::STALLED, &[visitor.at(since)])) } }
            @if campaign.audience.is_some() || campaign.reserved > 0 { (state(&visitor, &campaign, &tally)) }
        }
        @if visitor.may(UseCase::ChangePace) && matches!(campaign.status, Status::Sending | Status::Paused) { (pace(&visitor, &campaign)) }
        div.settings { (draft::summary::show(&visitor, &campaign, false).await?) }
    };
    Ok(layout::page(&visitor, &campaign.settings.name, NavItem::Campaigns, content))
}

fn commands(visitor: &Visitor, campaign: &Campaign) -> Markup {
    let id = &campaign.id;
    let run = |verb: &str, word: Word, icon: Markup, kind: &str| {
        html! {
            form method="post" action={ "/campaigns/" (id) "/do/" (verb) } {
                (parts::csrf(visitor))
                @if verb == "copy" { input type="hidden" name="id" value=(CampaignId::new(visitor.now, random::bytes())); }
                button class={ "button " (kind) } { (icon) (visitor.text(word)) }
            }
        }
    };
    let ask = |verb: &str, word: Word, icon: Markup| {
        html! { a.button.plain href={ "/campaigns/" (id) "/confirm/" (verb) } data-dialog { (icon) (visitor.text(word)) } }
    };
    let status = campaign.status;
    html! {
        div.buttons {
            @if campaign.started_at.is_some() {
                a.button.plain href={ "/statistics/" (id) } { (icons::chart()) (visitor.text(words::campaigns::SEE_STATISTICS)) }
            }
            @if visitor.may(UseCase::CopyCampaign) {
                (run("copy", words::campaigns::COPY, icons::copy(), "plain"))
                @if matches!(status, Status::Ready | Status::Paused) { (ask("cancel", words::campaigns::END, icons::warning())) }
                @if matches!(status, Status::Draft | Status::Ready | Status::Paused | Status::Finished) {
                    (ask("delete", words::common::DELETE, icons::trash()))
                }
                @if status == Status::Ready { (ask("edit", words::common::EDIT, icons::pencil())) }
                @if status == Status::Draft {
                    a.button href={ "/campaigns/" (id) "/general" } { (icons::pencil()) (visitor.text(words::common::EDIT)) }
                }
                @if status == Status::Sending { (run("pause", words::campaigns::PAUSE, icons::pause(), "")) }
                @if status == Status::Paused { (run("resume", words::campaigns::RESUME, icons::play(), "")) }
            }
        }
    }
}

fn state(visitor: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let progress = progress(&visitor.account, campaign, tally, visitor.now);
    let used = if campaign.status == Status::Finished { campaign.used } else { tally.segments };
    html! {
        section.card {
            h2 { (visitor.text(words::campaigns::PROGRESS)) }
            (campaigns::bar(visitor, campaign, tally))
            dl.figures-row {
                (figure(visitor.text(words::draft::RECIPIENTS), &visitor.number(progress.total), None))
                (figure(visitor.text(words::campaigns::HANDED_OVER), &visitor.number(progress.handed_over), Some(&visitor.text_with(words::campaigns::RATE, &[visitor.number(progress.rate_per_minute)]))))
                @if let Some(end) = progress.expected_end {
                    (figure(visitor.text(words::draft::ENDS), &visitor.soon(end), None))
                }
                (figure(visitor.text(words::campaigns::HELD), &visitor.number(campaign.reserved), None))
                (figure(visitor.text(words::campaigns::USED), &visitor.number(used), None))
                (figure(visitor.text(words::campaigns::GIVEN_BACK), &visitor.number(campaign.given_back), None))
            }
        }
    }
}

fn pace(visitor: &Visitor, campaign: &Campaign) -> Markup {
    let typed = campaign.pacing.per_hour.map(|pace| pace.to_string()).unwrap_or_default();
    let error = visitor.query("pace").map(|_| visitor.text(words::draft::PACE_BAD));
    let field = Field {
        name: "pace",
        label: visitor.text(words::draft::PACE),
        hint: Some(visitor.text(words::draft::PACE_HINT)),
        error,
    };
    html! {
        form.card.inline method="post" action={ "/campaigns/" (campaign.id) "/do/pace" } {
            (parts::csrf(visitor))
            (field.input("text", &typed, "off"))
            button.button.plain { (visitor.text(words::campaigns::PACE_CHANGE)) }
        }
    }
}
