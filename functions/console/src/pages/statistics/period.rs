//! Campaigns sent in a period, and their totals.

use std::collections::HashMap;

use aws::store::Sent;
use domain::campaign::Status;
use domain::totals::Totals;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use maud::{Markup, html};

use crate::pages::campaigns::tally;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts;
use crate::visitor::{Answer, PageError, Visitor};
use crate::words;

/// Days shown by default.
const DAYS: i32 = 30;
/// Campaigns per page.
const ROWS: usize = 50;

/// A campaign of the table.
struct Row {
    sent: Sent,
    status: Status,
    totals: Totals,
}

/// The chosen days, and the page within them.
struct Period {
    from: Date,
    to: Date,
    today: Date,
    page: usize,
}

impl Period {
    fn new(visitor: &Visitor) -> Self {
        let today = visitor.zone.to_datetime(visitor.now).date();
        let day = |name: &str| visitor.query(name).and_then(|text| text.parse::<Date>().ok());
        let to = day("to").unwrap_or(today);
        let from = day("from").unwrap_or_else(|| to.saturating_sub(Span::new().days(DAYS)));
        let page = visitor.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        Self { from, to, today, page }
    }

    /// Its first instant, and the first one after it.
    fn instants(&self, visitor: &Visitor) -> (Timestamp, Timestamp) {
        let begin = |day: Date| visitor.zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(visitor.now);
        (begin(self.from), begin(self.to.saturating_add(Span::new().days(1))))
    }

    fn path(&self, page: usize) -> String {
        format!("/statistics?from={}&to={}&page={page}", self.from, self.to)
    }
}

/// Everything sent in a period, from projections; only unfinished campaigns are summed from their batches.
async fn sent(visitor: &Visitor, period: &Period) -> Result<Vec<Row>, PageError> {
    let (from, to) = period.instants(visitor);
    let sent = visitor.context.store.sent_between(from, to).await?;
    let open: Vec<_> = sent.iter().filter(|one| one.totals.is_none()).map(|one| one.id.clone()).collect();
    let open: Vec<_> = visitor.context.store.campaigns_of(&open).await?.into_iter().flatten().collect();
    let tallies = try_join_all(open.iter().map(|campaign| tally(visitor, campaign))).await?;
    let open: HashMap<_, _> =
        open.iter().zip(&tallies).map(|(campaign, tally)| (&campaign.id, (campaign, tally))).collect();
    let row = |sent: Sent| match (sent.totals, open.get(&sent.id)) {
        (Some(totals), _) => Some(Row { sent, status: Status::Finished, totals }),
        (None, Some((campaign, tally))) => Some(Row { status: campaign.status, totals: Totals::new(tally), sent }),
        (None, None) => None,
    };
    Ok(sent.into_iter().filter_map(row).collect())
}

pub async fn show(visitor: Visitor) -> Answer {
    let period = Period::new(&visitor);
    let rows = sent(&visitor, &period).await?;
    let mut sum = Totals::default();
    rows.iter().for_each(|row| sum += row.totals);
    let begin = (period.page - 1).saturating_mul(ROWS).min(rows.len());
    let end = (begin + ROWS).min(rows.len());
    let shown = rows.get(begin..end).unwrap_or_default();
    let Period { from, to, today, page } = period;
    let content = html! {
        div.title {
            div { h1 { (visitor.text(words::common::STATISTICS)) } p.lead { (visitor.text(words::statistics::LEAD)) } }
            button.button.plain.noprint type="button" data-print { (visitor.text(words::statistics::PRINT)) }
        }
        form.card.inline.noprint method="get" action="/statistics" {
            div.field { label for="from" { (visitor.text(words::statistics::FROM)) } input #from type="date" name="from" value=(from); }
            div.field { label for="to" { (visitor.text(words::statistics::TO)) } input #to type="date" name="to" value=(to); }
            button.button.plain { (visitor.text(words::statistics::SHOW)) }
            p.periods {
                @for (days, word) in [(7, words::statistics::WEEK), (30, words::statistics::MONTH), (365, words::statistics::YEAR)] {
                    @let begin = today.saturating_sub(Span::new().days(days));
                    a.quiet href={ "/statistics?from=" (begin) "&to=" (today) } aria-current=[(from == begin && to == today).then_some("true")] { (visitor.text(word)) }
                }
            }
        }
        @if rows.is_empty() {
            section.invite { (icons::chart()) p { (visitor.text(words::statistics::EMPTY)) } }
        } @else {
            (table(&visitor, shown, &sum))
            @if rows.len() > ROWS {
                nav.more aria-label=(visitor.text(words::common::PAGES)) {
                    @if page > 1 { a.button.plain.small href=(period.path(page - 1)) { (visitor.text(words::statistics::NEWER)) } }
                    span.faint { (visitor.text_with(words::common::RANGE_OF, &[begin + 1, end, rows.len()].map(|count| visitor.number(count as u64)))) }
                    @if end < rows.len() { a.button.plain.small href=(period.path(page + 1)) { (visitor.text(words::common::MORE)) } }
                }
            }
        }
    };
    Ok(layout::page(&visitor, visitor.text(words::common::STATISTICS), NavItem::Statistics, content))
}

fn table(visitor: &Visitor, rows: &[Row], sum: &Totals) -> Markup {
    let cells = |totals: &Totals| {
        html! {
            td.right data-label=(visitor.text(words::statistics::RECIPIENTS)) { (visitor.number(totals.recipients)) }
            td.right data-label=(visitor.text(words::statistics::HANDED_OVER)) { (visitor.number(totals.handed_over)) }
            td.right data-label=(visitor.text(words::statistics::DELIVERED)) { (visitor.number(totals.delivered)) " " small { (visitor.percent(totals.delivered, totals.handed_over)) } }
            td.right data-label=(visitor.text(words::statistics::FAILED)) { (visitor.number(totals.failed)) }
            td.right data-label=(visitor.text(words::statistics::CLICKS)) { (visitor.number(totals.clicks)) }
            td.right data-label=(visitor.text(words::statistics::STOPS)) { (visitor.number(totals.stops)) }
        }
    };
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::common::NAME)) } th scope="col" { (visitor.text(words::statistics::SENT_ON)) } th scope="col" { (visitor.text(words::campaigns::STATUS)) }
                    th.right scope="col" { (visitor.text(words::statistics::RECIPIENTS)) } th.right scope="col" { (visitor.text(words::statistics::HANDED_OVER)) }
                    th.right scope="col" { (visitor.text(words::statistics::DELIVERED)) } th.right scope="col" { (visitor.text(words::statistics::FAILED)) }
                    th.right scope="col" { (visitor.text(words::statistics::CLICKS)) } th.right scope="col" { (visitor.text(words::statistics::STOPS)) }
                } }
                tbody {
                    @for Row { sent, status, totals } in rows {
                        tr {
                            td.name data-label=(visitor.text(words::common::NAME)) { a href={ "/statistics/" (sent.id) } { (sent.name) } }
                            td data-label=(visitor.text(words::statistics::SENT_ON)) { time datetime=(sent.started_at) { (visitor.at(sent.started_at)) } }
                            td data-label=(visitor.text(words::campaigns::STATUS)) { (parts::status(visitor, *status)) }
                            (cells(totals))
                        }
                    }
                    tr {
                        th.name scope="row" { strong { (visitor.text(words::statistics::SUM)) } }
                        td {} td {}
                        (cells(sum))
                    }
                }
            }
        }
    }
}
