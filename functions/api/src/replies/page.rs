//! `GET /v1/replies` and `GET /v1/campaigns/{id}/replies`: newest first.

use aws::store::AccountStore;
use domain::account::Scope;
use domain::ids::{CampaignId, ReplyId};
use domain::reply_filter::ReplyFilter;

use super::{reply, view};
use crate::App;
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{id, instant, text, word};
use crate::failure::not_found;
use crate::gate::{Caller, Id, Query, wrong_cursor};

const LISTING: &str = "replies";

pub fn operations() -> Vec<Operation> {
    let all = get("/replies", Scope::Read, "Answers from phones, newest first", page)
        .query("campaign", id("cmp_").about("Answers to this campaign", "Réponses à cette campagne"));
    let own = get("/campaigns/{id}/replies", Scope::Read, "Answers to a campaign, newest first", page_of_campaign)
        .named("list_campaign_replies");
    vec![filters(all).pages(reply()), filters(own).pages(reply())]
}

/// Parameters that the listings and the export share.
pub fn filters(operation: Operation) -> Operation {
    operation
        .query(
            "q",
            text(0, 100).about(
                "Part of the text, or some digits of the number",
                "Une partie du texte, ou quelques chiffres du numéro",
            ),
        )
        .query(
            "stop",
            word(["true", "false"]).about(
                "Only those that asked to stop, or only the others",
                "Seulement celles qui demandent l’arrêt, ou seulement les autres",
            ),
        )
        .query("from", instant().about("At or after", "À cet instant ou après"))
        .query("to", instant().about("Before", "Avant"))
}

/// Which replies are asked for.
pub fn wanted(query: &Query) -> ReplyFilter {
    let filter = ReplyFilter {
        campaign: query.parsed("campaign"),
        stop: query.parsed("stop"),
        from: query.parsed("from"),
        to: query.parsed("to"),
        ..ReplyFilter::default()
    };
    match query.get("q") {
        Some(text) => filter.searching(text),
        None => filter,
    }
}

async fn page(app: App, caller: Caller, query: Query) -> Answered {
    listed(&app.store_of(&caller), &query, LISTING, wanted(&query)).await
}

async fn page_of_campaign(app: App, caller: Caller, Id(id): Id<CampaignId>, query: Query) -> Answered {
    let store = app.store_of(&caller);
    let campaign = store.campaign(&id).await?.ok_or_else(not_found)?;
    let wanted = wanted(&query);
    // Nobody answers before it begins.
    let from = wanted.from.max(campaign.started_at.or(Some(campaign.created_at)));
    listed(&store, &query, &format!("{LISTING} {id}"), ReplyFilter { campaign: Some(id), from, ..wanted }).await
}

async fn listed(store: &AccountStore, query: &Query, listing: &str, wanted: ReplyFilter) -> Answered {
    let paging = query.paging(listing)?;
    let is_id = |after: &String| after.parse::<ReplyId>().is_ok();
    if paging.after.as_ref().is_some_and(|after| !is_id(after)) {
        return Err(wrong_cursor().into());
    }
    let page = store.replies_wanted(&wanted, paging.after, paging.limit).await?;
    query.page(listing, page, view)
}
