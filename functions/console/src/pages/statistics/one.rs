//! The results of one campaign: outcomes, reasons, clicks, answers, over time, and as a file.

use app::campaigns::statistics::statistics;
use app::{Error, UseCase, campaigns};
use aws::files::FileKey;
use axum::extract::Path;
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use domain::tally::Tally;
use maud::{Markup, html};

use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::view::chart::{self, Part, Step};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{self, back, figure};
use crate::words::{common as w, replies, statistics as s};

/// Steps of the timeline.
const STEPS: usize = 24;

async fn open(v: &Visitor, id: &str) -> Result<Campaign, Failure> {
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    v.context.store.campaign(&id).await?.filter(|campaign| campaign.started_at.is_some()).ok_or(Failure::NotFound)
}

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    let tally = statistics(&v.context.store, &campaign).await?;
    let is_final = campaign.status == Status::Finished;
    let content = html! {
        (back("/statistics", v.t(w::STATISTICS)))
        div.title {
            div {
                h1 { (campaign.settings.name) }
                p.lead { (parts::status(&v, campaign.status)) " " @if let Some(at) = campaign.started_at { (v.t(s::SENT_ON)) " " (v.at(at)) } }
            }
            div.buttons {
                // Phones answer after the campaign is finished too.
                a.button.plain href={ "/replies?campaign=" (campaign.id) } { (icons::message()) (v.t(replies::SEE)) }
                button.button.plain type="button" data-print { (v.t(s::PRINT)) }
                @if is_final && v.may(UseCase::RetryFailures) && tally.temporary > 0 {
                    form method="post" action={ "/statistics/" (campaign.id) "/retry" } {
                        (parts::csrf(&v))
                        (v.once())
                        button.button.plain title=(v.tf(s::RETRY_HINT, &[v.number(tally.temporary)])) { (icons::refresh()) (v.t(s::RETRY)) }
                    }
                }
                @if is_final {
                    a.button href={ "/statistics/" (campaign.id) "/report" } { (icons::download()) (v.t(s::EXPORT)) }
                }
            }
        }
        @if !is_final { p.note.info.noprint { (v.t(s::EXPORT_LATER)) } }
        div data-refresh-main=[(!is_final).then_some("5")] {
            (figures(&v, &tally))
            section.card { h2 { (v.t(s::BREAKDOWN)) } (breakdown(&v, &campaign, &tally)) }
            section.card { h2 { (v.t(s::TIMELINE)) } (timeline(&v, &tally)) }
            @if !tally.by_reason.is_empty() { section.card { h2 { (v.t(s::REASONS)) } (reasons(&v, &tally)) } }
        }
    };
    Ok(layout::page(&v, &campaign.settings.name, Place::Statistics, content))
}

/// What became of the messages, and what recipients did with them.
fn figures(v: &Visitor, tally: &Tally) -> Markup {
    let share = |part: u32| v.percent(part, tally.handed_over);
    let failed = tally.failed + tally.expired + tally.rejected;
    html! {
        div.columns.even {
            section.card {
                h2 { (v.t(s::DELIVERY)) }
                dl.figures-row {
                    (figure(v.t(s::RECIPIENTS), &v.number(tally.recipients), None))
                    (figure(v.t(s::HANDED_OVER), &v.number(tally.handed_over), Some(&v.percent(tally.handed_over, tally.recipients))))
                    (figure(v.t(s::DELIVERED), &v.number(tally.delivered), Some(&share(tally.delivered))))
                    (figure(v.t(s::FAILED), &v.number(failed), Some(&share(failed))))
                }
            }
            section.card {
                h2 { (v.t(s::REACTIONS)) }
                dl.figures-row {
                    (figure(v.t(s::UNIQUE), &v.number(tally.unique_clicks), Some(&share(tally.unique_clicks))))
                    (figure(v.t(s::HUMAN), &v.number(tally.human_clicks), None))
                    (figure(v.t(s::BOT), &v.number(tally.bot_clicks), None))
                    (figure(v.t(s::TOTAL), &v.number(tally.human_clicks + tally.bot_clicks), None))
                    (figure(v.t(s::STOPS), &v.number(tally.stops), Some(&share(tally.stops))))
                    (figure(v.t(s::REPLIES), &v.number(tally.replies), None))
                }
            }
        }
    }
}

fn breakdown(v: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let is_over = campaign.never_sent(tally.to_send) > 0;
    let parts = [
        ("f-delivered", s::DELIVERED, tally.delivered),
        ("f-awaiting", s::AWAITING, tally.awaiting),
        ("f-failed", s::FAILED, tally.failed),
        ("f-expired", s::EXPIRED, tally.expired),
        ("f-rejected", s::REJECTED, tally.rejected),
        ("f-unknown", s::UNKNOWN, tally.unknown),
        ("f-excluded", s::EXCLUDED, tally.excluded),
        ("f-pending", if is_over { s::CANCELLED } else { s::PENDING }, tally.to_send),
    ]
    .map(|(class, name, count)| Part {
        class,
        name: v.t(name).into(),
        count: u64::from(count),
        text: format!("{} · {}", v.number(count), v.percent(count, tally.recipients)),
    });
    chart::breakdown(v.t(s::BREAKDOWN), &parts)
}

fn timeline(v: &Visitor, tally: &Tally) -> Markup {
    let steps = tally.timeline(STEPS);
    let first = steps.first().map(|(at, _)| *at);
    let last = steps.last().map(|(at, _)| *at);
    // Within one day the hour says enough.
    let is_short = first.zip(last).is_some_and(|(from, to)| to.duration_since(from).as_hours() < 24);
    let label = |at| {
        if is_short {
            crate::view::format::time(&v.zone, at)
        } else {
            v.zone.to_datetime(at).strftime("%d/%m").to_string()
        }
    };
    let bars: Vec<_> = steps
        .iter()
        .map(|(at, step)| Step { label: label(*at), values: [step.handed_over, step.delivered, step.clicks] })
        .collect();
    let series = [("f-handed", s::HANDED_OVER), ("f-delivered", s::DELIVERED), ("f-clicks", s::CLICKS)];
    html! {
        (chart::timeline(v.t(s::TIMELINE), series.map(|(class, _)| class), &bars, &|value| v.number(value)))
        ul.legend { @for (class, name) in series { li { (chart::swatch(class)) (v.t(name)) } } }
        details.make.noprint {
            summary { (v.t(s::TABLE_OF)) }
            table.small {
                thead { tr { th scope="col" { (v.t(s::AT)) } @for (_, name) in series { th.right scope="col" { (v.t(name)) } } } }
                tbody {
                    @for (at, step) in &steps {
                        tr { th scope="row" { (v.at(*at)) } td.right { (v.number(step.handed_over)) } td.right { (v.number(step.delivered)) } td.right { (v.number(step.clicks)) } }
                    }
                }
            }
        }
    }
}

fn reasons(v: &Visitor, tally: &Tally) -> Markup {
    let mut reasons: Vec<_> = tally.by_reason.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    html! {
        table.small {
            thead { tr { th scope="col" { (v.t(s::REASON)) } th.right scope="col" { (v.t(s::COUNT)) } th.right scope="col" { (v.t(s::SHARE)) } } }
            tbody {
                @for (code, count) in reasons {
                    tr {
                        th scope="row" { @match s::reason(code) { Some(word) => (v.t(word)), None => (code) } }
                        td.right { (v.number(*count)) }
                        td.right { (v.percent(*count, tally.recipients)) }
                    }
                }
            }
        }
    }
}

/// Every recipient's outcome, as a file that Excel opens well.
pub async fn report(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    if campaign.status != Status::Finished {
        return Err(Failure::NotFound);
    }
    let file = FileKey::Report { account: v.account.id.clone(), campaign: campaign.id.clone() };
    let name = format!("{}.csv", campaign.settings.name);
    Ok(see(&v.context.files.download_address(&file, &name).await?))
}

/// A draft for the temporary failures.
pub async fn retry(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&v, &id).await?;
    if !v.is_first(&fields).await? {
        return Ok(see("/campaigns"));
    }
    match campaigns::retry_failures(&v.context, &campaign.id, v.t(s::RETRY_SUFFIX)).await {
        Err(Error::NothingToRetry) => Ok(see(&format!("/statistics/{id}"))),
        draft => Ok(see(&format!("/campaigns/{}/general", draft?.id))),
    }
}
