//! « Campagnes en cours »: every campaign that is not finished, and those that finished today.

use app::UseCase;
use app::campaigns::{Progress, progress, statistics};
use aws::store::Page;
use domain::campaign::{Campaign, PauseCause, PauseReason, Status};
use domain::credits::Mode;
use domain::ids::CampaignId;
use domain::search::NamePart;
use domain::tally::Tally;
use futures_util::future::try_join_all;
use maud::{Markup, html};

use crate::pages::guide;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts;
use crate::visitor::{Answer, PageError, Visitor};
use crate::words::{self, Word};

/// Campaigns per page.
const ROWS: usize = 50;
/// Seconds between two automatic refreshes of the page.
const REFRESH_SECONDS: u32 = 4;

pub async fn show(visitor: Visitor) -> Answer {
    let query = visitor.query("q").unwrap_or_default().trim().to_owned();
    let after = visitor.query("after").filter(|after| after.parse::<CampaignId>().is_ok());
    let is_first = after.is_none();
    let Page { items: shown, next } = current(&visitor, &query, after).await?;
    let tallies = try_join_all(shown.iter().map(|campaign| tally(&visitor, campaign))).await?;
    let content = html! {
        div.title {
            div { h1 { (visitor.text(words::common::CAMPAIGNS_NOW)) } p.lead { (visitor.text(words::campaigns::LEAD)) } }
            @if visitor.may(UseCase::CreateDraft) {
                a.button href="/campaigns/new" { (icons::plus()) (visitor.text(words::common::NEW_CAMPAIGN)) }
            }
        }
        (credits(&visitor))
        @if shown.is_empty() && next.is_none() && is_first && query.is_empty() {
            (empty(&visitor))
        } @else {
            div.tools {
                (parts::search(&visitor, "/campaigns", &query, words::campaigns::SEARCH_NAME))
                a.button.plain href=(visitor.path) data-refresh-now { (icons::refresh()) (visitor.text(words::campaigns::REFRESH)) }
            }
            div #results {
                @if shown.is_empty() { p.empty role="status" { (visitor.text(words::campaigns::NONE_FOUND)) } }
                @else { (table(&visitor, &shown, &tallies)) }
                (parts::pages(&visitor, "/campaigns", &query, is_first, next.as_deref()))
            }
        }
    };
    Ok(layout::page(&visitor, visitor.text(words::common::CAMPAIGNS_NOW), NavItem::Campaigns, content))
}

/// A page of the table, newest first: the store is asked for these rows only.
async fn current(visitor: &Visitor, query: &str, mut after: Option<String>) -> Result<Page<Campaign>, PageError> {
    let today =
        visitor.now.to_zoned_datetime(visitor.zone.clone()).start_of_day().map_or(visitor.now, |day| day.timestamp());
    let part = NamePart::new(query);
    let is_wanted = |name: &str| part.is_in(name);
    let mut items = Vec::new();
    loop {
        // Always reads a whole page: finished campaigns are filtered out, and many small requests would cost more.
        let page = match query.trim().is_empty() {
            true => visitor.context.store.current_campaigns(today, after.as_deref(), ROWS).await?,
            false => visitor.context.store.current_campaigns_named(today, is_wanted, after.as_deref(), ROWS).await?,
        };
        items.extend(page.items);
        let has_more = items.len() > ROWS || page.next.is_some();
        if items.len() >= ROWS || page.next.is_none() {
            items.truncate(ROWS);
            let last = items.last().filter(|_| has_more).map(|campaign: &Campaign| campaign.id.to_string());
            return Ok(Page { items, next: last });
        }
        after = page.next;
    }
}

/// The figures that a table shows for a campaign.
pub async fn tally(visitor: &Visitor, campaign: &Campaign) -> Result<Tally, PageError> {
    Ok(statistics::summary(&visitor.context.store, campaign).await?)
}

pub fn credits(visitor: &Visitor) -> Markup {
    let balance = visitor.account.balance;
    html! {
        section.credits aria-label=(visitor.text(words::campaigns::CREDITS)) data-keyed="credits" id="credits" {
            (icons::coins())
            @match balance.mode {
                Mode::Unlimited => div { strong { (visitor.text(words::campaigns::UNLIMITED)) } },
                Mode::Limited => div { strong { (visitor.number(balance.balance)) } " " span { (visitor.text(words::campaigns::BALANCE)) } },
            }
            small {
                @if balance.reserved == 0 { (visitor.text(words::campaigns::NOTHING_RESERVED)) }
                @else { (visitor.text_with(words::campaigns::RESERVED, &[visitor.number(balance.reserved)])) }
            }
        }
    }
}

fn empty(visitor: &Visitor) -> Markup {
    html! {
        section.invite {
            (icons::mark())
            h2 { (visitor.text(words::campaigns::EMPTY)) }
            p { (visitor.text(words::campaigns::EMPTY_LEAD)) }
            @if visitor.may(UseCase::CreateDraft) { a.button href="/campaigns/new" { (icons::plus()) (visitor.text(words::common::NEW_CAMPAIGN)) } }
            (guide::invitation(visitor))
        }
    }
}

fn table(visitor: &Visitor, campaigns: &[Campaign], tallies: &[Tally]) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead {
                    tr {
                        th scope="col" { (visitor.text(words::common::NAME)) }
                        th scope="col" { (visitor.text(words::campaigns::PLANNED)) }
                        th.right scope="col" { (visitor.text(words::campaigns::RECIPIENTS)) }
                        th scope="col" { (visitor.text(words::campaigns::CHANNEL)) }
                        th scope="col" { (visitor.text(words::campaigns::STATUS)) }
                        th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                    }
                }
                tbody #campaigns data-rows data-refresh=(REFRESH_SECONDS) {
                    @for (campaign, tally) in campaigns.iter().zip(tallies) { (row(visitor, campaign, tally)) }
                }
            }
        }
    }
}

fn row(visitor: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let id = &campaign.id;
    let name = match campaign.settings.name.as_str() {
        "" => "—",
        name => name,
    };
    let planned = campaign.started_at.or(campaign.due_at);
    let recipients = match (&campaign.audience, &campaign.count) {
        (Some(audience), _) => visitor.number(audience.recipients),
        (None, Some(count)) => visitor.number(count.recipients),
        (None, None) => "—".into(),
    };
    html! {
        tr id={ "row-" (id) } {
            td.name data-label=(visitor.text(words::common::NAME)) {
                a href=(path(campaign)) { (name) }
                @if campaign.settings.proof { " " span.tag { (visitor.text(words::campaigns::PROOF)) } }
            }
            td data-label=(visitor.text(words::campaigns::PLANNED)) {
                @match planned {
                    Some(at) => time datetime=(at) { (visitor.at(at)) },
                    None => span.faint { (visitor.text(words::campaigns::NOT_PLANNED)) },
                }
            }
            td.right data-label=(visitor.text(words::campaigns::RECIPIENTS)) { (recipients) }
            td data-label=(visitor.text(words::campaigns::CHANNEL)) { span.tag { "sms" } }
            td.whole data-label=(visitor.text(words::campaigns::STATUS)) {
                div.state {
                    (parts::status(visitor, campaign.status))
                    @if campaign.cancelled { small { (visitor.text(words::campaigns::CANCELLED)) } }
                    @if campaign.pause_reason.is_some() { small { (because(visitor, campaign)) } }
                    (bar(visitor, campaign, tally))
                }
            }
            td.actions { (actions(visitor, campaign)) }
        }
    }
}

/// The link of a campaign's name: a draft to its last step, any other campaign to its page.
fn path(campaign: &Campaign) -> String {
    match campaign.status {
        Status::Draft => format!("/campaigns/{}/general", campaign.id),
        _ => format!("/campaigns/{}", campaign.id),
    }
}

/// Why a campaign is paused, and what to do.
pub fn because(visitor: &Visitor, campaign: &Campaign) -> String {
    match (&campaign.pause_cause, campaign.pause_reason) {
        (Some(PauseCause::ListGone { list }), _) => visitor.text_with(words::campaigns::CAUSE_GONE, &[list.as_str()]),
        (Some(PauseCause::ListDisabled { name, .. }), _) => {
            visitor.text_with(words::campaigns::CAUSE_DISABLED, &[name])
        }
        (Some(PauseCause::ListImportedAgain { name, .. }), _) => {
            visitor.text_with(words::campaigns::CAUSE_AGAIN, &[name])
        }
        (Some(PauseCause::NoRecipients), _) => visitor.text(words::campaigns::CAUSE_NOBODY).into(),
        (None, reason) => reason.map_or("", |reason| visitor.text(pause_word(reason))).into(),
    }
}

fn pause_word(reason: PauseReason) -> Word {
    match reason {
        PauseReason::User => words::campaigns::BECAUSE_USER,
        PauseReason::Credits => words::campaigns::BECAUSE_CREDITS,
        PauseReason::CarrierErrors => words::campaigns::BECAUSE_CARRIER,
        PauseReason::Lists => words::campaigns::BECAUSE_LISTS,
        PauseReason::Audience => words::campaigns::BECAUSE_AUDIENCE,
    }
}

/// The progress bar, with its meaning in words: on hover, on focus, and for screen readers.
pub fn bar(visitor: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let Some(audience) = &campaign.audience else { return html! {} };
    let progress = progress(&visitor.account, campaign, tally, visitor.now);
    let (done, total, lines) = match campaign.status {
        Status::Sending | Status::Paused => (progress.done, progress.total, sending(visitor, &progress)),
        Status::Consolidating => {
            let settled = audience.recipients.saturating_sub(tally.awaiting).min(audience.recipients);
            let line = visitor.text_with(
                words::campaigns::RECEIPTS_IN,
                &[visitor.number(settled), visitor.number(audience.recipients)],
            );
            (settled, audience.recipients, vec![line])
        }
        Status::Draft | Status::Ready | Status::Finished | Status::Deleted => return html! {},
    };
    let tip = format!("tip-{}", campaign.id);
    html! {
        div.bar tabindex="0" role="group" aria-describedby=(tip)
            aria-label=(visitor.text_with(words::campaigns::PROGRESS_OF, &[&campaign.settings.name])) {
            progress value=(done) max=(total.max(1)) aria-label=(visitor.percent(done, total)) {}
            span.share { (visitor.percent(done, total)) }
            div.tip id=(tip) role="tooltip" { @for line in lines { span { (line) } } }
        }
    }
}

fn sending(visitor: &Visitor, progress: &Progress) -> Vec<String> {
    let mut lines = vec![
        visitor.text_with(words::campaigns::SENT_OF, &[visitor.number(progress.done), visitor.number(progress.total)]),
        visitor.percent(progress.done, progress.total),
        visitor.text_with(words::campaigns::RATE, &[visitor.number(progress.rate_per_minute)]),
    ];
    if let Some(end) = progress.expected_end {
        lines.push(visitor.text_with(words::campaigns::EXPECTED_END, &[visitor.soon(end)]));
    }
    lines
}

fn actions(visitor: &Visitor, campaign: &Campaign) -> Markup {
    let (id, name) = (&campaign.id, &campaign.settings.name);
    let view = format!("/campaigns/{id}");
    let link = |path: &str, word: Word, icon: Markup, is_dialog: bool| {
        html! {
            a.action href=(path) data-dialog[is_dialog] title=(visitor.text(word)) {
                (icon) span { (visitor.text(word)) span.unseen { " " (name) } }
            }
        }
    };
    let run = |verb: &str, word: Word, icon: Markup| {
        html! {
            form method="post" action={ "/campaigns/" (id) "/do/" (verb) } data-live {
                (parts::csrf(visitor))
                input type="hidden" name="back" value="/campaigns";
                button.action title=(visitor.text(word)) { (icon) span { (visitor.text(word)) span.unseen { " " (name) } } }
            }
        }
    };
    let status = campaign.status;
    html! {
        div.row-actions {
            @if visitor.may(UseCase::PauseCampaign) {
                @if status == Status::Sending { (run("pause", words::campaigns::PAUSE, icons::pause())) }
                @if status == Status::Paused { (run("resume", words::campaigns::RESUME, icons::play())) }
                @if status == Status::Draft { (link(&format!("/campaigns/{id}/general"), words::common::EDIT, icons::pencil(), false)) }
                @if status == Status::Ready {
                    (link(&format!("/campaigns/{id}/confirm/edit"), words::common::EDIT, icons::pencil(), true))
                }
                @if matches!(status, Status::Sending | Status::Paused) {
                    (link(&format!("/campaigns/{id}#pace"), words::common::EDIT, icons::pencil(), false))
                }
            }
            (link(&view, words::common::VIEW, icons::eye(), false))
            @if visitor.may(UseCase::DeleteCampaign) && matches!(status, Status::Draft | Status::Ready | Status::Paused | Status::Finished) {
                (link(&format!("/campaigns/{id}/confirm/delete"), words::common::DELETE, icons::trash(), true))
            }
        }
    }
}
