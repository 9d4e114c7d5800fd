//! `GET /v1/replies` and `GET /v1/campaigns/{id}/replies`: newest first.

use app::{Context, UseCase};
use aws::store::AccountStore;
use domain::ids::{CampaignId, ReplyId};
use domain::reply_filter::ReplyFilter;

use super::{ReplyView, view};
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{text, word};
use crate::error::not_found;
use crate::gate::{Id, Pages, Query, wrong_cursor};

const LISTING: &str = "replies";

pub fn operations() -> Vec<Operation> {
    vec![
        get("/replies", UseCase::ReadReplies, page)
            .summary(
                "Answers from phones, newest first",
                "Réponses des téléphones, de la plus récente à la plus ancienne",
            )
            .pages::<ReplyView>(),
        get("/campaigns/{id}/replies", UseCase::ReadReplies, page_of_campaign)
            .summary(
                "Answers to a campaign, newest first",
                "Réponses à une campagne, de la plus récente à la plus ancienne",
            )
            .named("list_campaign_replies")
            .pages::<ReplyView>(),
    ]
}

requests! {
    struct Filter {
        /// Part of the text, or some digits of the number
        /// Une partie du texte, ou quelques chiffres du numéro
        q?: String = text(0, 100),
        /// Only those that asked to stop, or only the others
        /// Seulement celles qui demandent l’arrêt, ou seulement les autres
        stop?: String = word(["true", "false"]),
        /// At or after
        /// À cet instant ou après
        from?: jiff::Timestamp,
        /// Before
        /// Avant
        to?: jiff::Timestamp,
    }

    pub struct AllReplies {
        /// Answers to this campaign
        /// Réponses à cette campagne
        campaign?: CampaignId,
        ..filter: Filter,
    }
}

impl From<Filter> for ReplyFilter {
    fn from(Filter { q, stop, from, to }: Filter) -> Self {
        let filter = Self { stop: stop.map(|stop| stop == "true"), from, to, ..Self::default() };
        match q {
            Some(text) => filter.searching(&text),
            None => filter,
        }
    }
}

impl From<AllReplies> for ReplyFilter {
    fn from(AllReplies { campaign, filter }: AllReplies) -> Self {
        Self { campaign, ..filter.into() }
    }
}

async fn page(context: Context, pages: Pages, Query(filter): Query<AllReplies>) -> Answered {
    listed(&context.store, &pages, LISTING, filter.into()).await
}

async fn page_of_campaign(
    context: Context,
    Id(id): Id<CampaignId>,
    pages: Pages,
    Query(filter): Query<Filter>,
) -> Answered {
    let store = &context.store;
    let campaign = store.campaign(&id).await?.ok_or_else(not_found)?;
    let wanted = ReplyFilter::from(filter);
    // There are no replies before it begins.
    let from = wanted.from.max(campaign.started_at.or(Some(campaign.created_at)));
    listed(store, &pages, &format!("{LISTING} {id}"), ReplyFilter { campaign: Some(id), from, ..wanted }).await
}

async fn listed(store: &AccountStore, pages: &Pages, listing: &str, wanted: ReplyFilter) -> Answered {
    let paging = pages.paging(listing)?;
    let is_id = |after: &String| after.parse::<ReplyId>().is_ok();
    if paging.after.as_ref().is_some_and(|after| !is_id(after)) {
        return Err(wrong_cursor().into());
    }
    let page = store.replies_wanted(&wanted, paging.after, paging.limit).await?;
    pages.page(listing, page, view)
}
