//! « Réponses »: replies to one campaign or to all, newest first, and as a file.

use std::collections::HashMap;

use app::UseCase;
use app::exports::{self, ReplyWords};
use domain::ids::{CampaignId, ReplyId};
use domain::reply::Reply;
use domain::reply_filter::ReplyFilter;
use maud::{Markup, html};

use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::back;
use crate::visitor::{Answer, PageError, Visitor, redirect_to};
use crate::words::{self, Word};

/// Replies per page.
const PAGE: usize = 100;

/// The search, from the query parameters.
struct Query {
    /// The campaign whose replies are shown, and its name.
    campaign: Option<(CampaignId, String)>,
    text: String,
    stop: Option<bool>,
}

impl Query {
    async fn read(visitor: &Visitor) -> Result<Self, PageError> {
        let campaign = match visitor.query("campaign").filter(|id| !id.is_empty()) {
            Some(id) => {
                let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
                let name = visitor.context.store.campaign_names(std::slice::from_ref(&id)).await?.remove(&id);
                Some((id, name.ok_or(PageError::NotFound)?))
            }
            None => None,
        };
        let stop = visitor.query("stop").and_then(|stop| stop.parse().ok());
        Ok(Self { campaign, text: visitor.query("q").unwrap_or_default().trim().to_owned(), stop })
    }

    fn filter(&self) -> ReplyFilter {
        let campaign = self.campaign.as_ref().map(|(id, _)| id.clone());
        let filter = ReplyFilter { campaign, stop: self.stop, ..ReplyFilter::default() };
        if self.text.is_empty() { filter } else { filter.searching(&self.text) }
    }

    fn is_everything(&self) -> bool {
        self.text.is_empty() && self.stop.is_none()
    }

    /// The path of a page for this search, after a reply.
    fn path(&self, page: &str, after: &str) -> String {
        let campaign = self.campaign.as_ref().map_or("", |(id, _)| id.as_str());
        let stop = self.stop.map(|stop| stop.to_string()).unwrap_or_default();
        let pairs = [("campaign", campaign), ("q", &self.text), ("stop", &stop), ("after", after)];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("{page}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    }
}

pub async fn show(visitor: Visitor) -> Answer {
    let search = Query::read(&visitor).await?;
    let after = visitor.query("after").filter(|after| after.parse::<ReplyId>().is_ok());
    let is_first = after.is_none();
    let page = visitor.context.store.replies_wanted(&search.filter(), after, PAGE).await?;
    let mut ids: Vec<_> = page.items.iter().filter_map(|reply| reply.campaign.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = visitor.context.store.campaign_names(&ids).await?;
    let title = match &search.campaign {
        Some((_, name)) => visitor.text_with(words::replies::OF, &[name]),
        None => visitor.text(words::replies::TITLE).to_owned(),
    };
    let content = html! {
        @if let Some((id, name)) = &search.campaign { (back(&format!("/statistics/{id}"), name)) }
        div.title { div { h1 { (title) } p.lead { (visitor.text(words::replies::LEAD)) } } }
        @if page.items.is_empty() && page.next.is_none() && is_first && search.is_everything() {
            section.invite { (icons::message()) h2 { (visitor.text(words::replies::EMPTY)) } p { (visitor.text(words::replies::EMPTY_LEAD)) } }
        } @else {
            (tools(&visitor, &search))
            div #results {
                @if page.items.is_empty() { p.empty role="status" { (visitor.text(words::replies::NONE_FOUND)) } }
                @else { (table(&visitor, &page.items, &names, search.campaign.is_none())) }
                @if let Some(next) = &page.next {
                    p.more { a.button.plain.small href=(search.path("/replies", next)) { (visitor.text(words::common::MORE)) } }
                }
            }
        }
    };
    Ok(layout::page(&visitor, &title, NavItem::Replies, content))
}

/// The file contains what the page shows: its URL follows the search.
fn tools(visitor: &Visitor, search: &Query) -> Markup {
    let option = |value: &str, word: Word| {
        let is_chosen = search.stop.map(|stop| stop.to_string()).unwrap_or_default() == value;
        html! { option value=(value) selected[is_chosen] { (visitor.text(word)) } }
    };
    html! {
        form.tools role="search" method="get" action="/replies" data-search {
            @if let Some((id, _)) = &search.campaign { input type="hidden" name="campaign" value=(id); }
            div.search {
                label.unseen for="q" { (visitor.text(words::replies::SEARCH)) }
                (icons::search())
                input #q name="q" type="search" value=(search.text) placeholder=(visitor.text(words::replies::SEARCH)) autocomplete="off";
            }
            label.unseen for="stop" { (visitor.text(words::replies::SHOWN)) }
            select.fit #stop name="stop" {
                (option("", words::replies::EVERYTHING)) (option("true", words::replies::STOPS)) (option("false", words::replies::OTHERS))
            }
            button.button.plain.unscripted { (visitor.text(words::common::SEARCH)) }
            a.button.plain #export data-keyed href=(search.path("/replies/export", "")) { (icons::download()) (visitor.text(words::replies::EXPORT)) }
        }
    }
}

fn table(visitor: &Visitor, replies: &[Reply], names: &HashMap<CampaignId, String>, has_campaign: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (visitor.text(words::replies::AT)) } th scope="col" { (visitor.text(words::replies::FROM)) } th scope="col" { (visitor.text(words::replies::TEXT)) }
                    @if has_campaign { th scope="col" { (visitor.text(words::replies::CAMPAIGN)) } }
                    @if visitor.may(UseCase::AddExclusion) { th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } } }
                } }
                tbody { @for reply in replies { (row(visitor, reply, names, has_campaign)) } }
            }
        }
    }
}

fn row(visitor: &Visitor, reply: &Reply, names: &HashMap<CampaignId, String>, has_campaign: bool) -> Markup {
    html! {
        tr {
            td.day data-label=(visitor.text(words::replies::AT)) { time datetime=(reply.at) { (visitor.at(reply.at)) } }
            td.day data-label=(visitor.text(words::replies::FROM)) { (reply.from) }
            td.said.whole data-label=(visitor.text(words::replies::TEXT)) {
                @if reply.is_stop { span.status.excluded { (visitor.text(words::replies::STOP)) } " " }
                span.words { (reply.text) }
            }
            @if has_campaign {
                td.whole.of data-label=(visitor.text(words::replies::CAMPAIGN)) {
                    @match reply.campaign.as_ref().and_then(|id| Some((id, names.get(id)?))) {
                        Some((id, name)) => a href={ "/replies?campaign=" (id) } { (name) },
                        None => span.faint { (visitor.text(words::replies::UNKNOWN)) },
                    }
                }
            }
            @if visitor.may(UseCase::AddExclusion) {
                td.actions {
                    @if !reply.is_stop {
                        @let query = serde_urlencoded::to_string([("phone", reply.from.to_string())]).unwrap_or_default();
                        a.action.told href={ "/exclusions?" (query) } title=(visitor.text(words::replies::EXCLUDE)) {
                            (icons::shield()) span { (visitor.text(words::replies::EXCLUDE)) " " (reply.from) }
                        }
                    }
                }
            }
        }
    }
}

/// All replies of the search, as a CSV file for Excel.
pub async fn export(visitor: Visitor) -> Answer {
    let search = Query::read(&visitor).await?;
    let header = [
        words::replies::AT,
        words::replies::FROM,
        words::replies::TO,
        words::replies::TEXT,
        words::replies::STOP,
        words::replies::CAMPAIGN_ID,
        words::replies::CAMPAIGN,
    ]
    .map(|word| visitor.text(word));
    let words =
        ReplyWords { header, stop: visitor.text(words::replies::STOP), name: visitor.text(words::replies::FILE) };
    let file = exports::replies(
        &visitor.context.store,
        &visitor.context.files,
        &search.filter(),
        &visitor.zone,
        words,
        visitor.now,
    )
    .await?;
    Ok(redirect_to(&file))
}
