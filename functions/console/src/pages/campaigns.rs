//! « Campagnes en cours »: every campaign that is not finished, and those finished today.

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

use crate::gate::{Answer, Failure, Visitor};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts;
use crate::words::{Word, campaigns as c, common as w};

/// Campaigns of one page.
const ROWS: usize = 50;
/// Seconds between two looks of the page at what has changed.
const REFRESH_SECONDS: u32 = 4;

pub async fn show(v: Visitor) -> Answer {
    let wanted = v.query("q").unwrap_or_default().trim().to_owned();
    let after = v.query("after").filter(|after| after.parse::<CampaignId>().is_ok());
    let is_first = after.is_none();
    let Page { items: shown, next } = current(&v, &wanted, after).await?;
    let tallies = try_join_all(shown.iter().map(|campaign| tally(&v, campaign))).await?;
    let content = html! {
        div.title {
            div { h1 { (v.t(w::CAMPAIGNS_NOW)) } p.lead { (v.t(c::LEAD)) } }
            @if v.may(UseCase::CreateDraft) {
                a.button href="/campaigns/new" { (icons::plus()) (v.t(w::NEW_CAMPAIGN)) }
            }
        }
        (credits(&v))
        @if shown.is_empty() && next.is_none() && is_first && wanted.is_empty() {
            (empty(&v))
        } @else {
            div.tools {
                (parts::search(&v, "/campaigns", &wanted, c::SEARCH_NAME))
                a.button.plain href=(v.path) data-refresh-now { (icons::refresh()) (v.t(c::REFRESH)) }
            }
            div #results {
                @if shown.is_empty() { p.empty role="status" { (v.t(c::NONE_FOUND)) } }
                @else { (table(&v, &shown, &tallies)) }
                (parts::pages(&v, "/campaigns", &wanted, is_first, next.as_deref()))
            }
        }
    };
    Ok(layout::page(&v, v.t(w::CAMPAIGNS_NOW), Place::Campaigns, content))
}

/// A page of the table, newest first: the store is asked for its rows and no others.
async fn current(v: &Visitor, wanted: &str, mut after: Option<String>) -> Result<Page<Campaign>, Failure> {
    let today = v.now.to_zoned_datetime(v.zone.clone()).start_of_day().map_or(v.now, |day| day.timestamp());
    let part = NamePart::new(wanted);
    let is_wanted = |name: &str| part.is_in(name);
    let mut items = Vec::new();
    loop {
        // Always a whole page: what is long over falls out of it, and many small questions would cost more.
        let page = match wanted.trim().is_empty() {
            true => v.context.store.current_campaigns(today, after.as_deref(), ROWS).await?,
            false => v.context.store.current_campaigns_named(today, is_wanted, after.as_deref(), ROWS).await?,
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

/// What a table shows of a campaign.
pub async fn tally(v: &Visitor, campaign: &Campaign) -> Result<Tally, Failure> {
    Ok(statistics::summary(&v.context.store, campaign).await?)
}

pub fn credits(v: &Visitor) -> Markup {
    let balance = v.account.balance;
    html! {
        section.credits aria-label=(v.t(c::CREDITS)) data-keyed="credits" id="credits" {
            (icons::coins())
            @match balance.mode {
                Mode::Unlimited => div { strong { (v.t(c::UNLIMITED)) } },
                Mode::Limited => div { strong { (v.number(balance.balance)) } " " span { (v.t(c::BALANCE)) } },
            }
            small {
                @if balance.reserved == 0 { (v.t(c::NOTHING_RESERVED)) }
                @else { (v.tf(c::RESERVED, &[v.number(balance.reserved)])) }
            }
        }
    }
}

fn empty(v: &Visitor) -> Markup {
    html! {
        section.invite {
            (icons::mark())
            h2 { (v.t(c::EMPTY)) }
            p { (v.t(c::EMPTY_LEAD)) }
            @if v.may(UseCase::CreateDraft) { a.button href="/campaigns/new" { (icons::plus()) (v.t(w::NEW_CAMPAIGN)) } }
        }
    }
}

fn table(v: &Visitor, campaigns: &[Campaign], tallies: &[Tally]) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead {
                    tr {
                        th scope="col" { (v.t(w::NAME)) }
                        th scope="col" { (v.t(c::PLANNED)) }
                        th.right scope="col" { (v.t(c::RECIPIENTS)) }
                        th scope="col" { (v.t(c::CHANNEL)) }
                        th scope="col" { (v.t(c::STATUS)) }
                        th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                    }
                }
                tbody #campaigns data-rows data-refresh=(REFRESH_SECONDS) {
                    @for (campaign, tally) in campaigns.iter().zip(tallies) { (row(v, campaign, tally)) }
                }
            }
        }
    }
}

fn row(v: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let id = &campaign.id;
    let name = match campaign.settings.name.as_str() {
        "" => "—",
        name => name,
    };
    let planned = campaign.started_at.or(campaign.due_at);
    let recipients = match (&campaign.audience, &campaign.count) {
        (Some(audience), _) => v.number(audience.recipients),
        (None, Some(count)) => v.number(count.recipients),
        (None, None) => "—".into(),
    };
    html! {
        tr id={ "row-" (id) } {
            td.name data-label=(v.t(w::NAME)) {
                a href=(path(campaign)) { (name) }
                @if campaign.settings.proof { " " span.tag { (v.t(c::PROOF)) } }
            }
            td data-label=(v.t(c::PLANNED)) {
                @match planned {
                    Some(at) => time datetime=(at) { (v.at(at)) },
                    None => span.faint { (v.t(c::NOT_PLANNED)) },
                }
            }
            td.right data-label=(v.t(c::RECIPIENTS)) { (recipients) }
            td data-label=(v.t(c::CHANNEL)) { span.tag { "sms" } }
            td.whole data-label=(v.t(c::STATUS)) {
                div.state {
                    (parts::status(v, campaign.status))
                    @if campaign.cancelled { small { (v.t(c::CANCELLED)) } }
                    @if campaign.pause_reason.is_some() { small { (because(v, campaign)) } }
                    (bar(v, campaign, tally))
                }
            }
            td.actions { (actions(v, campaign)) }
        }
    }
}

/// Where a campaign's name leads: a draft to the step it stopped at, anything else to its page.
fn path(campaign: &Campaign) -> String {
    match campaign.status {
        Status::Draft => format!("/campaigns/{}/general", campaign.id),
        _ => format!("/campaigns/{}", campaign.id),
    }
}

/// Why a campaign is paused, and what to do.
pub fn because(v: &Visitor, campaign: &Campaign) -> String {
    match (&campaign.pause_cause, campaign.pause_reason) {
        (Some(PauseCause::ListGone { list }), _) => v.tf(c::CAUSE_GONE, &[list.as_str()]),
        (Some(PauseCause::ListDisabled { name, .. }), _) => v.tf(c::CAUSE_DISABLED, &[name]),
        (Some(PauseCause::ListImportedAgain { name, .. }), _) => v.tf(c::CAUSE_AGAIN, &[name]),
        (Some(PauseCause::NoRecipients), _) => v.t(c::CAUSE_NOBODY).into(),
        (None, reason) => reason.map_or("", |reason| v.t(pause_word(reason))).into(),
    }
}

fn pause_word(reason: PauseReason) -> Word {
    match reason {
        PauseReason::User => c::BECAUSE_USER,
        PauseReason::Credits => c::BECAUSE_CREDITS,
        PauseReason::CarrierErrors => c::BECAUSE_CARRIER,
        PauseReason::Lists => c::BECAUSE_LISTS,
        PauseReason::Audience => c::BECAUSE_AUDIENCE,
    }
}

/// The bar, and what it means in words: on hover, on focus, and always for who cannot see it.
pub fn bar(v: &Visitor, campaign: &Campaign, tally: &Tally) -> Markup {
    let Some(audience) = &campaign.audience else { return html! {} };
    let progress = progress(&v.account, campaign, tally, v.now);
    let (done, total, lines) = match campaign.status {
        Status::Sending | Status::Paused => (progress.done, progress.total, sending(v, &progress)),
        Status::Consolidating => {
            let settled = audience.recipients.saturating_sub(tally.awaiting).min(audience.recipients);
            let line = v.tf(c::RECEIPTS_IN, &[v.number(settled), v.number(audience.recipients)]);
            (settled, audience.recipients, vec![line])
        }
        Status::Draft | Status::Ready | Status::Finished | Status::Deleted => return html! {},
    };
    let tip = format!("tip-{}", campaign.id);
    html! {
        div.bar tabindex="0" role="group" aria-describedby=(tip)
            aria-label=(v.tf(c::PROGRESS_OF, &[&campaign.settings.name])) {
            progress value=(done) max=(total.max(1)) aria-label=(v.percent(done, total)) {}
            span.share { (v.percent(done, total)) }
            div.tip id=(tip) role="tooltip" { @for line in lines { span { (line) } } }
        }
    }
}

fn sending(v: &Visitor, progress: &Progress) -> Vec<String> {
    let mut lines = vec![
        v.tf(c::SENT_OF, &[v.number(progress.done), v.number(progress.total)]),
        v.percent(progress.done, progress.total),
        v.tf(c::RATE, &[v.number(progress.rate_per_minute)]),
    ];
    if let Some(end) = progress.expected_end {
        lines.push(v.tf(c::EXPECTED_END, &[v.soon(end)]));
    }
    lines
}

fn actions(v: &Visitor, campaign: &Campaign) -> Markup {
    let (id, name) = (&campaign.id, &campaign.settings.name);
    let view = format!("/campaigns/{id}");
    let link = |path: &str, word: Word, icon: Markup, is_dialog: bool| {
        html! {
            a.action href=(path) data-dialog[is_dialog] title=(v.t(word)) {
                (icon) span { (v.t(word)) span.unseen { " " (name) } }
            }
        }
    };
    let run = |verb: &str, word: Word, icon: Markup| {
        html! {
            form method="post" action={ "/campaigns/" (id) "/do/" (verb) } data-live {
                (parts::csrf(v))
                input type="hidden" name="back" value="/campaigns";
                button.action title=(v.t(word)) { (icon) span { (v.t(word)) span.unseen { " " (name) } } }
            }
        }
    };
    let status = campaign.status;
    html! {
        div.row-actions {
            @if v.may(UseCase::PauseCampaign) {
                @if status == Status::Sending { (run("pause", c::PAUSE, icons::pause())) }
                @if status == Status::Paused { (run("resume", c::RESUME, icons::play())) }
                @if status == Status::Draft { (link(&format!("/campaigns/{id}/general"), w::EDIT, icons::pencil(), false)) }
                @if status == Status::Ready {
                    (link(&format!("/campaigns/{id}/confirm/edit"), w::EDIT, icons::pencil(), true))
                }
                @if matches!(status, Status::Sending | Status::Paused) {
                    (link(&format!("/campaigns/{id}#pace"), w::EDIT, icons::pencil(), false))
                }
            }
            (link(&view, w::VIEW, icons::eye(), false))
            @if v.may(UseCase::DeleteCampaign) && matches!(status, Status::Draft | Status::Ready | Status::Paused | Status::Finished) {
                (link(&format!("/campaigns/{id}/confirm/delete"), w::DELETE, icons::trash(), true))
            }
        }
    }
}
