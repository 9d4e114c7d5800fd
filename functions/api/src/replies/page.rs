//! `GET /v1/replies` and `GET /v1/campaigns/{id}/replies`: newest first.

use app::{Context, UseCase};
use aws::store::AccountStore;
use domain::ids::{CampaignId, ReplyId};
use domain::reply_filter::ReplyFilter;

use super::{reply, view};
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{id, instant, text, word};
use crate::error::not_found;
use crate::gate::{Id, Query, wrong_cursor};

const LISTING: &str = "replies";

pub fn operations() -> Vec<Operation> {
    let all = get("/replies", UseCase::ReadReplies, "Answers from phones, newest first", page)
        .query("campaign", id("cmp_").about("Answers to this campaign", "Réponses à cette campagne"));
    let own =
        get("/campaigns/{id}/replies", UseCase::ReadReplies, "Answers to a campaign, newest first", page_of_campaign)
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

async fn page(context: Context, query: Query) -> Answered {
    listed(&context.store, &query, LISTING, wanted(&query)).await
}

async fn page_of_campaign(context: Context, Id(id): Id<CampaignId>, query: Query) -> Answered {
    let store = &context.store;
    let campaign = store.campaign(&id).await?.ok_or_else(not_found)?;
    let wanted = wanted(&query);
    // Nobody answers before it begins.
    let from = wanted.from.max(campaign.started_at.or(Some(campaign.created_at)));
    listed(store, &query, &format!("{LISTING} {id}"), ReplyFilter { campaign: Some(id), from, ..wanted }).await
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
