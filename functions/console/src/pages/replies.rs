//! « Réponses »: what phones answered, of one campaign or of all, newest first, and as a file.

use std::collections::HashMap;

use app::UseCase;
use app::exports::{self, ReplyWords};
use domain::ids::{CampaignId, ReplyId};
use domain::reply::Reply;
use domain::reply_filter::ReplyFilter;
use maud::{Markup, html};

use crate::gate::{Answer, Failure, Visitor, see};
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::back;
use crate::words::{Word, common as w, replies as r};

/// Replies of one page.
const PAGE: usize = 100;

/// What is looked for, as the address says it.
struct Wanted {
    /// The campaign whose replies are looked at, and its name.
    campaign: Option<(CampaignId, String)>,
    text: String,
    stop: Option<bool>,
}

impl Wanted {
    async fn of(v: &Visitor) -> Result<Self, Failure> {
        let campaign = match v.query("campaign").filter(|id| !id.is_empty()) {
            Some(id) => {
                let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
                let name = v.context.store.campaign_names(std::slice::from_ref(&id)).await?.remove(&id);
                Some((id, name.ok_or(Failure::NotFound)?))
            }
            None => None,
        };
        let stop = v.query("stop").and_then(|stop| stop.parse().ok());
        Ok(Self { campaign, text: v.query("q").unwrap_or_default().trim().to_owned(), stop })
    }

    fn filter(&self) -> ReplyFilter {
        let campaign = self.campaign.as_ref().map(|(id, _)| id.clone());
        let filter = ReplyFilter { campaign, stop: self.stop, ..ReplyFilter::default() };
        if self.text.is_empty() { filter } else { filter.searching(&self.text) }
    }

    fn is_everything(&self) -> bool {
        self.text.is_empty() && self.stop.is_none()
    }

    /// A page about what is looked for, from behind a reply on.
    fn path(&self, page: &str, after: &str) -> String {
        let campaign = self.campaign.as_ref().map_or("", |(id, _)| id.as_str());
        let stop = self.stop.map(|stop| stop.to_string()).unwrap_or_default();
        let pairs = [("campaign", campaign), ("q", &self.text), ("stop", &stop), ("after", after)];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("{page}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    }
}

pub async fn show(v: Visitor) -> Answer {
    let wanted = Wanted::of(&v).await?;
    let after = v.query("after").filter(|after| after.parse::<ReplyId>().is_ok());
    let is_first = after.is_none();
    let page = v.context.store.replies_wanted(&wanted.filter(), after, PAGE).await?;
    let mut ids: Vec<_> = page.items.iter().filter_map(|reply| reply.campaign.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = v.context.store.campaign_names(&ids).await?;
    let title = match &wanted.campaign {
        Some((_, name)) => v.tf(r::OF, &[name]),
        None => v.t(r::TITLE).to_owned(),
    };
    let content = html! {
        @if let Some((id, name)) = &wanted.campaign { (back(&format!("/statistics/{id}"), name)) }
        div.title { div { h1 { (title) } p.lead { (v.t(r::LEAD)) } } }
        @if page.items.is_empty() && page.next.is_none() && is_first && wanted.is_everything() {
            section.invite { (icons::message()) h2 { (v.t(r::EMPTY)) } p { (v.t(r::EMPTY_LEAD)) } }
        } @else {
            (tools(&v, &wanted))
            div #results {
                @if page.items.is_empty() { p.empty role="status" { (v.t(r::NONE_FOUND)) } }
                @else { (table(&v, &page.items, &names, wanted.campaign.is_none())) }
                @if let Some(next) = &page.next {
                    p.more { a.button.plain.small href=(wanted.path("/replies", next)) { (v.t(w::MORE)) } }
                }
            }
        }
    };
    Ok(layout::page(&v, &title, Place::Replies, content))
}

/// The file holds what the page shows: its address follows the search.
fn tools(v: &Visitor, wanted: &Wanted) -> Markup {
    let option = |value: &str, word: Word| {
        let is_chosen = wanted.stop.map(|stop| stop.to_string()).unwrap_or_default() == value;
        html! { option value=(value) selected[is_chosen] { (v.t(word)) } }
    };
    html! {
        form.tools role="search" method="get" action="/replies" data-search {
            @if let Some((id, _)) = &wanted.campaign { input type="hidden" name="campaign" value=(id); }
            div.search {
                label.unseen for="q" { (v.t(r::SEARCH)) }
                (icons::search())
                input #q name="q" type="search" value=(wanted.text) placeholder=(v.t(r::SEARCH)) autocomplete="off";
            }
            label.unseen for="stop" { (v.t(r::SHOWN)) }
            select.fit #stop name="stop" {
                (option("", r::EVERYTHING)) (option("true", r::STOPS)) (option("false", r::OTHERS))
            }
            button.button.plain.unscripted { (v.t(w::SEARCH)) }
            a.button.plain #export data-keyed href=(wanted.path("/replies/export", "")) { (icons::download()) (v.t(r::EXPORT)) }
        }
    }
}

fn table(v: &Visitor, replies: &[Reply], names: &HashMap<CampaignId, String>, has_campaign: bool) -> Markup {
    html! {
        div.sheet {
            table.cards {
                thead { tr {
                    th scope="col" { (v.t(r::AT)) } th scope="col" { (v.t(r::FROM)) } th scope="col" { (v.t(r::TEXT)) }
                    @if has_campaign { th scope="col" { (v.t(r::CAMPAIGN)) } }
                    @if v.may(UseCase::AddExclusion) { th scope="col" { span.unseen { (v.t(w::ACTIONS)) } } }
                } }
                tbody { @for reply in replies { (row(v, reply, names, has_campaign)) } }
            }
        }
    }
}

fn row(v: &Visitor, reply: &Reply, names: &HashMap<CampaignId, String>, has_campaign: bool) -> Markup {
    html! {
        tr {
            td.day data-label=(v.t(r::AT)) { time datetime=(reply.at) { (v.at(reply.at)) } }
            td.day data-label=(v.t(r::FROM)) { (reply.from) }
            td.said.whole data-label=(v.t(r::TEXT)) {
                @if reply.is_stop { span.status.excluded { (v.t(r::STOP)) } " " }
                span.words { (reply.text) }
            }
            @if has_campaign {
                td.whole.of data-label=(v.t(r::CAMPAIGN)) {
                    @match reply.campaign.as_ref().and_then(|id| Some((id, names.get(id)?))) {
                        Some((id, name)) => a href={ "/replies?campaign=" (id) } { (name) },
                        None => span.faint { (v.t(r::UNKNOWN)) },
                    }
                }
            }
            @if v.may(UseCase::AddExclusion) {
                td.actions {
                    @if !reply.is_stop {
                        @let query = serde_urlencoded::to_string([("phone", reply.from.to_string())]).unwrap_or_default();
                        a.action.told href={ "/exclusions?" (query) } title=(v.t(r::EXCLUDE)) {
                            (icons::shield()) span { (v.t(r::EXCLUDE)) " " (reply.from) }
                        }
                    }
                }
            }
        }
    }
}

/// The replies that the page shows, all of them, as a file that Excel opens well.
pub async fn export(v: Visitor) -> Answer {
    let wanted = Wanted::of(&v).await?;
    let header = [r::AT, r::FROM, r::TO, r::TEXT, r::STOP, r::CAMPAIGN_ID, r::CAMPAIGN].map(|word| v.t(word));
    let words = ReplyWords { header, stop: v.t(r::STOP), name: v.t(r::FILE) };
    let file = exports::replies(&v.context.store, &v.context.files, &wanted.filter(), &v.zone, words, v.now).await?;
    Ok(see(&file))
}
