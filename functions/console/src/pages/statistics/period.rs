//! Campaigns that went out in a period, and what they add up to.

use futures_util::future::try_join_all;
use jiff::civil::Date;
use maud::{Markup, html};
use shared::domain::campaign::Campaign;
use shared::domain::tally::Tally;

use crate::gate::{Answer, Visitor};
use crate::pages::campaigns::tally;
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts;
use crate::words::{campaigns as c, common as w, statistics as s};

/// Days shown when nobody says which.
const DAYS: i32 = 30;

pub async fn show(v: Visitor) -> Answer {
    let today = v.zone.to_datetime(v.now).date();
    let day = |name: &str| v.query(name).and_then(|text| text.parse::<Date>().ok());
    let to = day("to").unwrap_or(today);
    let from = day("from").unwrap_or_else(|| to.saturating_sub(jiff::Span::new().days(DAYS)));
    let is_within = |campaign: &Campaign| {
        campaign.started_at.is_some_and(|at| (from..=to).contains(&v.zone.to_datetime(at).date()))
    };
    let mut campaigns = v.store.campaigns(None, usize::MAX).await?.items;
    campaigns.retain(is_within);
    campaigns.sort_by_key(|campaign| std::cmp::Reverse(campaign.started_at));
    let tallies = try_join_all(campaigns.iter().map(|campaign| tally(&v, campaign))).await?;
    let mut sum = Tally::default();
    for tally in &tallies {
        sum.add(tally);
    }
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
                    @let begin = today.saturating_sub(jiff::Span::new().days(days));
                    a.quiet href={ "/statistics?from=" (begin) "&to=" (today) } aria-current=[(from == begin && to == today).then_some("true")] { (v.t(word)) }
                }
            }
        }
        @if campaigns.is_empty() {
            section.invite { (icons::chart()) p { (v.t(s::EMPTY)) } }
        } @else {
            (table(&v, &campaigns, &tallies, &sum))
        }
    };
    Ok(layout::page(&v, v.t(w::STATISTICS), Place::Statistics, content))
}

fn table(v: &Visitor, campaigns: &[Campaign], tallies: &[Tally], sum: &Tally) -> Markup {
    let cells = |tally: &Tally| {
        html! {
            td.right data-label=(v.t(s::RECIPIENTS)) { (v.number(tally.recipients)) }
            td.right data-label=(v.t(s::HANDED_OVER)) { (v.number(tally.handed_over)) }
            td.right data-label=(v.t(s::DELIVERED)) { (v.number(tally.delivered)) " " small { (v.percent(tally.delivered, tally.handed_over)) } }
            td.right data-label=(v.t(s::FAILED)) { (v.number(tally.failed + tally.expired + tally.rejected)) }
            td.right data-label=(v.t(s::CLICKS)) { (v.number(tally.human_clicks)) }
            td.right data-label=(v.t(s::STOPS)) { (v.number(tally.stops)) }
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
                    @for (campaign, tally) in campaigns.iter().zip(tallies) {
                        tr {
                            td.name data-label=(v.t(w::NAME)) { a href={ "/statistics/" (campaign.id) } { (campaign.settings.name) } }
                            td data-label=(v.t(s::SENT_ON)) { @if let Some(at) = campaign.started_at { time datetime=(at) { (v.at(at)) } } }
                            td data-label=(v.t(c::STATUS)) { (parts::status(v, campaign.status)) }
                            (cells(tally))
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
