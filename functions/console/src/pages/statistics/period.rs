//! Campaigns that went out in a period, and what they add up to.

use std::collections::HashMap;

use aws::store::Sent;
use domain::campaign::Status;
use domain::totals::Totals;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use maud::{Markup, html};

use crate::gate::{Answer, Failure, Visitor};
use crate::pages::campaigns::tally;
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts;
use crate::words::{campaigns as c, common as w, statistics as s};

/// Days shown when nobody says which.
const DAYS: i32 = 30;
/// Campaigns of one page.
const ROWS: usize = 50;

/// A campaign that went out, as the table shows it.
struct Row {
    sent: Sent,
    status: Status,
    totals: Totals,
}

/// Which days, and which page of them.
struct Period {
    from: Date,
    to: Date,
    today: Date,
    page: usize,
}

impl Period {
    fn of(v: &Visitor) -> Self {
        let today = v.zone.to_datetime(v.now).date();
        let day = |name: &str| v.query(name).and_then(|text| text.parse::<Date>().ok());
        let to = day("to").unwrap_or(today);
        let from = day("from").unwrap_or_else(|| to.saturating_sub(Span::new().days(DAYS)));
        let page = v.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        Self { from, to, today, page }
    }

    /// Its first instant, and the first one after it.
    fn instants(&self, v: &Visitor) -> (Timestamp, Timestamp) {
        let begin = |day: Date| v.zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(v.now);
        (begin(self.from), begin(self.to.saturating_add(Span::new().days(1))))
    }

    fn path(&self, page: usize) -> String {
        format!("/statistics?from={}&to={}&page={page}", self.from, self.to)
    }
}

/// Everything that went out in a period, out of its cards; only what is not finished yet is summed from its batches.
async fn sent(v: &Visitor, period: &Period) -> Result<Vec<Row>, Failure> {
    let (from, to) = period.instants(v);
    let sent = v.context.store.sent_between(from, to).await?;
    let open: Vec<_> = sent.iter().filter(|one| one.totals.is_none()).map(|one| one.id.clone()).collect();
    let open: Vec<_> = v.context.store.campaigns_of(&open).await?.into_iter().flatten().collect();
    let tallies = try_join_all(open.iter().map(|campaign| tally(v, campaign))).await?;
    let open: HashMap<_, _> =
        open.iter().zip(&tallies).map(|(campaign, tally)| (&campaign.id, (campaign, tally))).collect();
    let row = |sent: Sent| match (sent.totals, open.get(&sent.id)) {
        (Some(totals), _) => Some(Row { sent, status: Status::Finished, totals }),
        (None, Some((campaign, tally))) => Some(Row { status: campaign.status, totals: Totals::of(tally), sent }),
        (None, None) => None,
    };
    Ok(sent.into_iter().filter_map(row).collect())
}

pub async fn show(v: Visitor) -> Answer {
    let period = Period::of(&v);
    let rows = sent(&v, &period).await?;
    let mut sum = Totals::default();
    rows.iter().for_each(|row| sum += row.totals);
    let begin = (period.page - 1).saturating_mul(ROWS).min(rows.len());
    let end = (begin + ROWS).min(rows.len());
    let shown = rows.get(begin..end).unwrap_or_default();
    let Period { from, to, today, page } = period;
    let content = html! {
        div.title {
            div { h1 { (v.t(w::STATISTICS)) } p.lead { (v.t(s::LEAD)) } }
            button.button.plain.noprint type="button" data-print { (v.t(s::PRINT)) }
        }
        form.card.inline.noprint method="get" action="/statistics" {
            div.field { label for="from" { (v.t(s::FROM)) } input #from type="date" name="from" value=(from); }
            div.field { label for="to" { (v.t(s::TO)) } input #to type="date" name="to" value=(to); }
            button.button.plain { (v.t(s::SHOW)) }
            p.periods {
                @for (days, word) in [(7, s::WEEK), (30, s::MONTH), (365, s::YEAR)] {
                    @let begin = today.saturating_sub(Span::new().days(days));
                    a.quiet href={ "/statistics?from=" (begin) "&to=" (today) } aria-current=[(from == begin && to == today).then_some("true")] { (v.t(word)) }
                }
            }
        }
        @if rows.is_empty() {
            section.invite { (icons::chart()) p { (v.t(s::EMPTY)) } }
        } @else {
            (table(&v, shown, &sum))
            @if rows.len() > ROWS {
                nav.more aria-label=(v.t(w::PAGES)) {
                    @if page > 1 { a.button.plain.small href=(period.path(page - 1)) { (v.t(s::NEWER)) } }
                    span.faint { (v.tf(w::RANGE_OF, &[begin + 1, end, rows.len()].map(|count| v.number(count as u64)))) }
                    @if end < rows.len() { a.button.plain.small href=(period.path(page + 1)) { (v.t(w::MORE)) } }
                }
            }
        }
    };
    Ok(layout::page(&v, v.t(w::STATISTICS), Place::Statistics, content))
}

fn table(v: &Visitor, rows: &[Row], sum: &Totals) -> Markup {
    let cells = |totals: &Totals| {
        html! {
            td.right data-label=(v.t(s::RECIPIENTS)) { (v.number(totals.recipients)) }
            td.right data-label=(v.t(s::HANDED_OVER)) { (v.number(totals.handed_over)) }
            td.right data-label=(v.t(s::DELIVERED)) { (v.number(totals.delivered)) " " small { (v.percent(totals.delivered, totals.handed_over)) } }
            td.right data-label=(v.t(s::FAILED)) { (v.number(totals.failed)) }
            td.right data-label=(v.t(s::CLICKS)) { (v.number(totals.clicks)) }
            td.right data-label=(v.t(s::STOPS)) { (v.number(totals.stops)) }
        }
    };
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(w::NAME)) } th scope="col" { (v.t(s::SENT_ON)) } th scope="col" { (v.t(c::STATUS)) }
                    th.right scope="col" { (v.t(s::RECIPIENTS)) } th.right scope="col" { (v.t(s::HANDED_OVER)) }
                    th.right scope="col" { (v.t(s::DELIVERED)) } th.right scope="col" { (v.t(s::FAILED)) }
                    th.right scope="col" { (v.t(s::CLICKS)) } th.right scope="col" { (v.t(s::STOPS)) }
                } }
                tbody {
                    @for Row { sent, status, totals } in rows {
                        tr {
                            td.name data-label=(v.t(w::NAME)) { a href={ "/statistics/" (sent.id) } { (sent.name) } }
                            td data-label=(v.t(s::SENT_ON)) { time datetime=(sent.started_at) { (v.at(sent.started_at)) } }
                            td data-label=(v.t(c::STATUS)) { (parts::status(v, *status)) }
                            (cells(totals))
                        }
                    }
                    tr {
                        th.name scope="row" { strong { (v.t(s::SUM)) } }
                        td {} td {}
                        (cells(sum))
                    }
                }
            }
        }
    }
}
