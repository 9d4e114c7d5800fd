//! The results of one campaign: outcomes, reasons, clicks, replies, over time, and as a file.

use app::campaigns::statistics::statistics;
use app::{Error, UseCase, campaigns};
use aws::files::FileKey;
use axum::extract::Path;
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use domain::tally::Tally;
use maud::{Markup, html};

use crate::view::chart::{self, Part, Step};
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{self, back, figure};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

/// Number of steps in the timeline.
const STEPS: usize = 24;

async fn open(visitor: &Visitor, id: &str) -> Result<Campaign, PageError> {
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    visitor
        .context
        .store
        .campaign(&id)
        .await?
        .filter(|campaign| campaign.started_at.is_some())
        .ok_or(PageError::NotFound)
}

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    let tally = statistics(&visitor.context.store, &campaign).await?;
    let is_final = campaign.status == Status::Finished;
    let content = html! {
        (back("/statistics", visitor.text(words::common::STATISTICS)))
        div.title {
            div {
                h1 { (campaign.settings.name) }
                p.lead { (parts::status(&visitor, campaign.status)) " " @if let Some(at) = campaign.started_at { (visitor.text(words::statistics::SENT_ON)) " " (visitor.at(at)) } }
            }
            div.buttons {
                // Phones reply after the campaign has finished too.
                a.button.plain href={ "/replies?campaign=" (campaign.id) } { (icons::message()) (visitor.text(words::replies::SEE)) }
                button.button.plain type="button" data-print { (visitor.text(words::statistics::PRINT)) }
                @if is_final && visitor.may(UseCase::RetryFailures) && tally.temporary > 0 {
                    form method="post" action={ "/statistics/" (campaign.id) "/retry" } {
                        (parts::csrf(&visitor))
                        (visitor.once())
                        button.button.plain title=(visitor.text_with(words::statistics::RETRY_HINT, &[visitor.number(tally.temporary)])) { (icons::refresh()) (visitor.text(words::statistics::RETRY)) }
                    }
                }
                @if is_final {
                    a.button href={ "/statistics/" (campaign.id) "/report" } { (icons::download()) (visitor.text(words::statistics::EXPORT)) }
                }
            }
        }
        @if !is_final { p.note.info.noprint { (visitor.text(words::statistics::EXPORT_LATER)) } }
        div data-refresh-main=[(!is_final).then_some("5")] {
            (figures(&visitor, &tally))
            section.card { h2 { (visitor.text(words::statistics::BREAKDOWN)) } (breakdown(&visitor, &campaign, &tally)) }
            section.card { h2 { (visitor.text(words::statistics::TIMELINE)) } (timeline(&visitor, &tally)) }
            @if !tally.by_reason.is_empty() { section.card { h2 { (visitor.text(words::statistics::REASONS)) } (reasons(&visitor, &tally)) } }
        }
    };
    Ok(layout::page(&visitor, &campaign.settings.name, NavItem::Statistics, content))
}

/// The outcomes of the messages, and the clicks and replies of recipients.
fn figures(visitor: &Visitor, tally: &Tally) -> Markup {
    let share = |part: u32| visitor.percent(part, tally.handed_over);
    let failed = tally.failed + tally.expired + tally.rejected;
    html! {
        div.columns.even {
            section.card {
                h2 { (visitor.text(words::statistics::DELIVERY)) }
                dl.figures-row {
                    (figure(visitor.text(words::statistics::RECIPIENTS), &visitor.number(tally.recipients), None))
                    (figure(visitor.text(words::statistics::HANDED_OVER), &visitor.number(tally.handed_over), Some(&visitor.percent(tally.handed_over, tally.recipients))))
                    (figure(visitor.text(words::statistics::DELIVERED), &visitor.number(tally.delivered), Some(&share(tally.delivered))))
                    (figure(visitor.text(words::statistics::FAILED), &visitor.number(failed), Some(&share(failed))))
                }
            }
            section.card {
                h2 { (visitor.text(words::statistics::REACTIONS)) }
                dl.figures-row {
                    (figure(visitor.text(words::statistics::UNIQUE), &visitor.number(tally.unique_clicks), Some(&share(tally.unique_clicks))))
                    (figure(visitor.text(words::statistics::HUMAN), &visitor.number(tally.human_clicks), None))
                    (figure(visitor.text(words::statistics::BOT), &visitor.number(tally.bot_clicks), None))
                    (figure(visitor.text(words::statistics::TOTAL), &visitor.number(tally.human_clicks + tally.bot_clicks), None))
                    (figure(visitor.text(words::statistics::STOPS), &visitor.number(tally.stops), Some(&share(tally.stops))))
                    (figure(visitor.text(words::statistics::REPLIES), &visitor.number(tally.replies), None))
                }
            }
        }
    }
}

fn breakdown(visitor: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let is_over = campaign.never_sent(tally.to_send) > 0;
    let parts = [
        ("f-delivered", words::statistics::DELIVERED, tally.delivered),
        ("f-awaiting", words::statistics::AWAITING, tally.awaiting),
        ("f-failed", words::statistics::FAILED, tally.failed),
        ("f-expired", words::statistics::EXPIRED, tally.expired),
        ("f-rejected", words::statistics::REJECTED, tally.rejected),
        ("f-unknown", words::statistics::UNKNOWN, tally.unknown),
        ("f-excluded", words::statistics::EXCLUDED, tally.excluded),
        ("f-pending", if is_over { words::statistics::CANCELLED } else { words::statistics::PENDING }, tally.to_send),
    ]
    .map(|(class, name, count)| Part {
        class,
        name: visitor.text(name).into(),
        count: u64::from(count),
        text: format!("{} · {}", visitor.number(count), visitor.percent(count, tally.recipients)),
    });
    chart::breakdown(visitor.text(words::statistics::BREAKDOWN), &parts)
}

fn timeline(visitor: &Visitor, tally: &Tally) -> Markup {
    let steps = tally.timeline(STEPS);
    let first = steps.first().map(|(at, _)| *at);
    let last = steps.last().map(|(at, _)| *at);
    // Within one day the hour is enough.
    let is_short = first.zip(last).is_some_and(|(from, to)| to.duration_since(from).as_hours() < 24);
    let label = |at| {
        if is_short {
            crate::view::format::time(&visitor.zone, at)
        } else {
            visitor.zone.to_datetime(at).strftime("%d/%m").to_string()
        }
    };
    let bars: Vec<_> = steps
        .iter()
        .map(|(at, step)| Step { label: label(*at), values: [step.handed_over, step.delivered, step.clicks] })
        .collect();
    let series = [
        ("f-handed", words::statistics::HANDED_OVER),
        ("f-delivered", words::statistics::DELIVERED),
        ("f-clicks", words::statistics::CLICKS),
    ];
    html! {
        (chart::timeline(visitor.text(words::statistics::TIMELINE), series.map(|(class, _)| class), &bars, &|value| visitor.number(value)))
        ul.legend { @for (class, name) in series { li { (chart::swatch(class)) (visitor.text(name)) } } }
        details.make.noprint {
            summary { (visitor.text(words::statistics::TABLE_OF)) }
            table.small {
                thead { tr { th scope="col" { (visitor.text(words::statistics::AT)) } @for (_, name) in series { th.right scope="col" { (visitor.text(name)) } } } }
                tbody {
                    @for (at, step) in &steps {
                        tr { th scope="row" { (visitor.at(*at)) } td.right { (visitor.number(step.handed_over)) } td.right { (visitor.number(step.delivered)) } td.right { (visitor.number(step.clicks)) } }
                    }
                }
            }
        }
    }
}

fn reasons(visitor: &Visitor, tally: &Tally) -> Markup {
    let mut reasons: Vec<_> = tally.by_reason.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    html! {
        table.small {
            thead { tr { th scope="col" { (visitor.text(words::statistics::REASON)) } th.right scope="col" { (visitor.text(words::statistics::COUNT)) } th.right scope="col" { (visitor.text(words::statistics::SHARE)) } } }
            tbody {
                @for (code, count) in reasons {
                    tr {
                        th scope="row" { @match words::statistics::reason(code) { Some(word) => (visitor.text(word)), None => (code) } }
                        td.right { (visitor.number(*count)) }
                        td.right { (visitor.percent(*count, tally.recipients)) }
                    }
                }
            }
        }
    }
}

/// Every recipient's outcome, as a CSV file for Excel.
pub async fn report(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    if campaign.status != Status::Finished {
        return Err(PageError::NotFound);
    }
    let file = FileKey::Report { account: visitor.account.id.clone(), campaign: campaign.id.clone() };
    let name = format!("{}.csv", campaign.settings.name);
    Ok(redirect_to(&visitor.context.files.download_address(&file, &name).await?))
}

/// Creates a draft for the temporary failures.
pub async fn retry(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&visitor, &id).await?;
    if !visitor.is_first(&fields).await? {
        return Ok(redirect_to("/campaigns"));
    }
    match campaigns::retry_failures(&visitor.context, &campaign.id, visitor.text(words::statistics::RETRY_SUFFIX)).await
    {
        Err(Error::NothingToRetry) => Ok(redirect_to(&format!("/statistics/{id}"))),
        draft => Ok(redirect_to(&format!("/campaigns/{}/general", draft?.id))),
    }
}
