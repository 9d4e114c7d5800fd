//! Estimates exactly what a campaign would send now.

use std::collections::BTreeMap;

use domain::account::Account;
use domain::campaign::{Campaign, Count, Counting};
use domain::credits::Credits;
use domain::forecast::{Forecast, forecast};
use domain::ids::{CampaignId, ListId};
use domain::list::List;
use domain::proof;
use domain::segments::Encoding;
use domain::territory::Territory;
use jiff::Timestamp;

use super::check::{self, Warning, due_at};
use super::find;
use crate::audience::{self, Leaving, Sources};
use crate::context::{Attempts, Context, Expected};
use crate::error::{Blocker, Error};
use crate::use_case::UseCase;

/// Most contacts that are counted within a request; above, dispatch counts.
pub const COUNTED_AT_ONCE_MAX: u64 = 1_000_000;

/// The result of an estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// `None` while something needed for counting is missing.
    pub count: Option<Count>,
    /// The remaining balance; `None` for an unlimited account, without a count, or if it does not suffice.
    pub balance_after: Option<Credits>,
    pub encoding: Encoding,
    pub starts_at: Option<Timestamp>,
    pub forecast: Option<Forecast>,
    pub warnings: Vec<Warning>,
    pub blockers: Vec<Blocker>,
}

/// An estimate, or the progress of dispatch's count.
#[derive(Debug, Clone, PartialEq)]
pub enum Counted {
    Now(Box<Estimate>),
    Counting { done_per_mille: u16 },
}

/// Estimates a campaign. It decides nothing, so everyone with read permission may use it.
pub async fn estimate(context: &Context, id: &CampaignId) -> Result<(Campaign, Counted), Error> {
    context.permit(UseCase::EstimateCampaign)?;
    let account = context.account().await?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, &Expected::Any).await?;
        let counted = run(context, &account, found, context.now()).await;
        if !attempts.again(&counted) {
            return counted;
        }
    }
}

/// Counts, unless a current count exists, and returns the estimate with the campaign as stored now: with its count, or
/// with the request for one.
pub(super) async fn run(
    context: &Context,
    account: &Account,
    campaign: Campaign,
    now: Timestamp,
) -> Result<(Campaign, Counted), Error> {
    let lists = lists_of(context, &campaign).await?;
    let (mut blockers, warnings) = check::before_count(account, &campaign, &lists, now);
    if lacks_proof(context, account, &campaign).await? {
        blockers.push(Blocker::NoProof);
    }
    let starts_at = due_at(account, &campaign, now).ok();
    let encoding = check::encoding(&campaign.settings.message.text);
    let mut estimate =
        Estimate { count: None, balance_after: None, encoding, starts_at, forecast: None, warnings, blockers };
    let hinders = |blocker: &Blocker| {
        matches!(
            blocker,
            Blocker::NoLists
                | Blocker::ListNotReady { .. }
                | Blocker::NoText
                | Blocker::Text(_)
                | Blocker::StopDoesNotFit { .. }
        )
    };
    if estimate.blockers.iter().any(hinders) {
        return Ok((campaign, Counted::Now(Box::new(estimate))));
    }
    let of = audience::fingerprint(&context.store, account, &campaign.settings).await?;
    // A count from before counted lists were recorded cannot be bound to.
    let stands = |count: &Count| count.of == of && count.lists.len() == campaign.settings.lists.len();
    let (campaign, count) = match campaign.count.clone().filter(stands) {
        Some(count) => (campaign, count),
        None => match count(context, account, campaign, of, now).await? {
            (campaign, Ok(count)) => (campaign, count),
            (campaign, Err(done_per_mille)) => return Ok((campaign, Counted::Counting { done_per_mille })),
        },
    };
    let settings = &campaign.settings;
    let territories = by_territory(&count);
    let at = starts_at.unwrap_or(now).max(now);
    let forecast = forecast(account, settings.kind, &territories, settings.schedule.pace_per_hour, at);
    let (blockers, warnings) = check::after_count(account, &campaign, &count, &forecast);
    estimate.blockers.extend(blockers);
    estimate.warnings.extend(warnings);
    let needed = count.credits.saturating_sub(campaign.reserved);
    estimate.balance_after = account.balance.after(needed).ok().flatten();
    (estimate.forecast, estimate.count) = (Some(forecast), Some(count));
    Ok((campaign, Counted::Now(Box::new(estimate))))
}

/// The lists of a campaign as they are now, in its order.
pub(super) async fn lists_of(context: &Context, campaign: &Campaign) -> Result<Vec<(ListId, Option<List>)>, Error> {
    let mut lists = Vec::with_capacity(campaign.settings.lists.len());
    for id in &campaign.settings.lists {
        lists.push((id.clone(), context.store.list(id).await?));
    }
    Ok(lists)
}

/// The account requires a proof of every message, and this one has none finished.
async fn lacks_proof(context: &Context, account: &Account, campaign: &Campaign) -> Result<bool, Error> {
    let message = &campaign.settings.message;
    if !account.requires_proof || campaign.settings.proof || message.text.trim().is_empty() {
        return Ok(false);
    }
    let made_with = campaign.messages_made_with(account, &context.short_url);
    Ok(context.store.proof(&proof::fingerprint(message, &made_with)).await?.is_none())
}

/// Counts within the request if small enough, otherwise asks dispatch.
async fn count(
    context: &Context,
    account: &Account,
    campaign: Campaign,
    of: String,
    now: Timestamp,
) -> Result<(Campaign, Result<Count, u16>), Error> {
    if let Some(counting) = campaign.counting.clone().filter(|counting| counting.of == of) {
        return Ok((campaign, Err(counting.done_per_mille)));
    }
    let contacts = Sources::find(&context.store, &campaign.settings.lists, Leaving::Nobody).await?.contacts();
    if contacts > COUNTED_AT_ONCE_MAX {
        let counting = Some(Counting { of, done_per_mille: 0 });
        let asked = context.store.put_campaign(Campaign { counting, next_check_at: Some(now), ..campaign }).await?;
        context.wake(&asked).await;
        return Ok((asked, Err(0)));
    }
    let counted =
        audience::count(&context.store, &context.files, account, &campaign.settings, &context.short_url, |_| ())
            .await?;
    let kept = Campaign { count: Some(counted.clone()), counting: None, ..campaign };
    Ok((context.store.put_campaign(kept).await?, Ok(counted)))
}
/// A count's territories back from their codes.
pub(super) fn by_territory(count: &Count) -> BTreeMap<Territory, u64> {
    count.by_territory.iter().filter_map(|(code, count)| Some((Territory::from_code(code)?, *count))).collect()
}
