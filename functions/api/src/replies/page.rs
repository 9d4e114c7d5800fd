//! `GET /v1/replies` and `GET /v1/campaigns/{id}/replies`: newest first.

use jiff::Timestamp;
use shared::domain::account::Scope;
use shared::domain::ids::{CampaignId, ReplyId};
use shared::domain::letters::fold;
use shared::domain::reply::Reply;
use shared::store::{AccountStore, Page};

use super::{reply, view};
use crate::App;
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{id, instant, text, word};
use crate::failure::{Failure, not_found};
use crate::gate::{Caller, Id, Paging, Query, wrong_cursor};
use crate::search;

const LISTING: &str = "replies";

pub fn operations() -> Vec<Operation> {
    let all = get("/replies", Scope::Read, "Answers from phones, newest first", page)
        .query("campaign", id("cmp_").about("Answers to this campaign"));
    let own = get("/campaigns/{id}/replies", Scope::Read, "Answers to a campaign, newest first", page_of_campaign)
        .named("list_campaign_replies");
    vec![filters(all).pages(reply()), filters(own).pages(reply())]
}

/// Parameters that the listings and the export share.
pub fn filters(operation: Operation) -> Operation {
    operation
        .query("q", text(0, 100).about("Part of the text, or some digits of the number"))
        .query("stop", word(["true", "false"]).about("Only those that asked to stop, or only the others"))
        .query("from", instant().about("At or after"))
        .query("to", instant().about("Before"))
}

/// Which replies are asked for.
#[derive(Default)]
pub struct Wanted {
    campaign: Option<CampaignId>,
    /// As it is looked for in texts.
    words: Option<String>,
    digits: Option<String>,
    stop: Option<bool>,
    pub from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Wanted {
    pub fn of(query: &Query) -> Self {
        Self {
            campaign: query.parsed("campaign"),
            stop: query.parsed("stop"),
            from: query.parsed("from"),
            to: query.parsed("to"),
            ..Self::searching(query.get("q"))
        }
    }

    fn searching(text: Option<&str>) -> Self {
        let digits = |text: &str| {
            let is_number = text.chars().all(|c| c.is_ascii_digit() || " +.-".contains(c));
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            // `06…` is written `+336…` here.
            (is_number && !digits.is_empty()).then(|| digits.trim_start_matches('0').to_owned())
        };
        Self { words: text.map(|text| fold(text.trim())), digits: text.and_then(digits), ..Self::default() }
    }

    pub fn is_wanted(&self, reply: &Reply) -> bool {
        let has_words = self.words.as_ref().is_none_or(|words| fold(&reply.text).contains(words));
        let has_digits = self.digits.as_ref().is_some_and(|digits| reply.from.digits().to_string().contains(digits));
        self.campaign.as_ref().is_none_or(|campaign| reply.campaign.as_ref() == Some(campaign))
            && (has_words || has_digits)
            && self.stop.is_none_or(|stop| reply.is_stop == stop)
            && self.to.is_none_or(|to| reply.at < to)
    }

    /// Where the newest reply that can be wanted stands at the latest.
    fn begin(&self) -> Option<ReplyId> {
        self.to.map(|to| ReplyId::new(to, [0; 6]))
    }
}

async fn page(app: App, caller: Caller, query: Query) -> Answered {
    let (store, wanted) = (app.store_of(&caller), Wanted::of(&query));
    listed(&store, &query, LISTING, wanted).await
}

async fn page_of_campaign(app: App, caller: Caller, Id(id): Id<CampaignId>, query: Query) -> Answered {
    let store = app.store_of(&caller);
    let campaign = store.campaign(&id).await?.ok_or_else(not_found)?;
    let wanted = Wanted::of(&query);
    // Nobody answers before it begins.
    let from = wanted.from.max(campaign.started_at.or(Some(campaign.created_at)));
    listed(&store, &query, &format!("{LISTING} {id}"), Wanted { campaign: Some(id), from, ..wanted }).await
}

async fn listed(store: &AccountStore, query: &Query, listing: &str, wanted: Wanted) -> Answered {
    let paging = query.paging(listing)?;
    let is_id = |after: &String| after.parse::<ReplyId>().is_ok();
    if paging.after.as_ref().is_some_and(|after| !is_id(after)) {
        return Err(wrong_cursor().into());
    }
    let Page { items, next } = replies(store, paging, &wanted).await?;
    query.page(listing, Page { items, next }, view)
}

/// A page of the replies that are wanted.
pub async fn replies(store: &AccountStore, paging: Paging, wanted: &Wanted) -> Result<Page<Reply>, Failure> {
    let after = paging.after.or_else(|| wanted.begin().map(|id| id.to_string()));
    let read = |after: Option<String>, limit| async move {
        let after = after.and_then(|id| id.parse().ok());
        store.replies(wanted.from, after.as_ref(), limit).await
    };
    let is_wanted = |reply: &Reply| wanted.is_wanted(reply);
    Ok(search::filtered(Paging { after, ..paging }, read, |reply| reply.id.to_string(), is_wanted).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_found_by_its_words_and_by_its_number() {
        let from = "+33612345678".parse().unwrap();
        let reply = Reply::new(from, "36105", "Merci, à bientôt !", None, Timestamp::UNIX_EPOCH);
        let wanted = |q: &str| Wanted::searching(Some(q)).is_wanted(&reply);
        for q in ["bientot", "MERCI", "à bientôt", "0612345678", "06 12 34", "+336123", " "] {
            assert!(wanted(q), "{q}");
        }
        for q in ["adieu", "0698", "merci 06"] {
            assert!(!wanted(q), "{q}");
        }
    }
}
