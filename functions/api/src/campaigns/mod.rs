//! Campaigns: drafts and their settings, estimates, commands, results.

mod body;
mod command;
mod draft;
mod estimate;
mod page;
mod recipients;
mod retry;
mod settings;
mod stats;
mod test_send;
mod view;
mod words;

use app::Context;
use domain::campaign::Campaign;
use domain::ids::CampaignId;
use web::Language;

pub use words::{blocker, draft_problem};

use crate::answer::{Answer, Answered};
use crate::contract::operation::Operation;
use crate::error::{ApiError, not_found};

pub fn operations() -> Vec<Operation> {
    let parts = [
        page::operations(),
        draft::operations(),
        estimate::operations(),
        command::operations(),
        stats::operations(),
        recipients::operations(),
        retry::operations(),
        test_send::operations(),
    ];
    parts.into_iter().flatten().collect()
}

/// A campaign of the account.
async fn find(context: &Context, id: &CampaignId) -> Result<Campaign, ApiError> {
    context.store.campaign(id).await?.ok_or_else(|| not_found().into())
}

/// A campaign after a command.
async fn answer(context: &Context, campaign: &Campaign, language: Language) -> Answered {
    let account = context.account().await?;
    let view = view::view(&context.store, campaign, &account, language, context.now()).await?;
    Ok(Answer::ok(&view)?.version(campaign.version))
}

/// A campaign that was just created.
async fn created(context: &Context, campaign: &Campaign, language: Language) -> Answered {
    let account = context.account().await?;
    let view = view::view(&context.store, campaign, &account, language, context.now()).await?;
    Ok(Answer::created(&format!("/campaigns/{}", campaign.id), &view)?.version(campaign.version))
}
