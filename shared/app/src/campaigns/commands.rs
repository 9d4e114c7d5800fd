//! The commands on a campaign, each a conditional write together with its credits and its audit log entry.

use aws::store::AccountStore;
use domain::account::Account;
use domain::campaign::{Campaign, Command, Count, CountedList, PauseReason, Status};
use domain::credits::{Movement, MovementKind};
use domain::ids::CampaignId;
use domain::release::Pacing;
use domain::tally::Tally;
use jiff::Timestamp;

use super::{Counted, Estimate, check, estimate, find};
use crate::context::{Attempts, Context, Expected, Permit};
use crate::error::Error;
use crate::use_case::UseCase;

/// Reserves the exact total and makes the campaign ready; every blocker is reported at once. While dispatch counts, the
/// campaign is returned unchanged.
pub async fn validate(context: &Context, id: &CampaignId, expected: &Expected) -> Result<(Campaign, Counted), Error> {
    let permit = context.permit(UseCase::ValidateCampaign)?;
    let account = context.account().await?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, expected).await?;
        let validated = validate_found(&permit, &account, found).await;
        if !attempts.again(&validated) {
            return validated;
        }
    }
}

async fn validate_found(
    permit: &Permit<'_>,
    account: &Account,
    campaign: Campaign,
) -> Result<(Campaign, Counted), Error> {
    let (context, now) = (permit.context, permit.context.now());
    campaign.status.after(Command::Validate, false)?;
    let (campaign, counted) = estimate::run(context, account, campaign, now).await?;
    let Counted::Now(estimate) = counted else { return Ok((campaign, counted)) };
    let Estimate { count: Some(count), starts_at: Some(due_at), .. } = estimate.as_ref() else {
        return Err(blocked(&campaign, estimate.blockers));
    };
    if !estimate.blockers.is_empty() {
        return Err(blocked(&campaign, estimate.blockers));
    }
    let (credits, due_at) = (count.credits, *due_at);
    let pacing = Pacing::new(campaign.settings.schedule.pace_per_hour);
    let made_with = Some(campaign.messages_made_with(account, &context.short_url));
    let held = Campaign { reserved: credits, used: 0, given_back: 0, ..campaign };
    let held = Campaign { due_at: Some(due_at), pacing, made_with, ..held };
    let ready = held.apply(Command::Validate, now)?;
    let movement = movement(&ready, MovementKind::Reserved, credits, now);
    let noting = permit.noting(&ready.id, format!("{credits} credits"));
    let ready = noting.put_campaign_and_move(ready, account.balance.mode, &[movement]).await?;
    if due_at <= now {
        context.wake(&ready).await;
    }
    Ok((ready, Counted::Now(estimate)))
}

/// Pauses a sending campaign; leased batches finish their call.
pub async fn pause(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    run(context, UseCase::PauseCampaign, id, expected, Verb::Pause).await
}

/// Resumes a paused campaign. One that was paused because its lists differ from the validated ones is bound to the
/// present lists; blocked while one cannot be used.
pub async fn resume(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    run(context, UseCase::ResumeCampaign, id, expected, Verb::Resume).await
}

/// Sets a ready campaign back to draft, and gives its credits back.
pub async fn take_back(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    run(context, UseCase::TakeBackCampaign, id, expected, Verb::TakeBack).await
}

/// Ends a paused or ready campaign. One that never started is finished at once and its credits are given back;
/// otherwise dispatch settles the credits when its receipts are in.
pub async fn cancel(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    run(context, UseCase::CancelCampaign, id, expected, Verb::Cancel).await
}

/// Deletes it for all users; dispatch gives reserved credits back and removes the data.
pub async fn delete(context: &Context, id: &CampaignId, expected: &Expected) -> Result<Campaign, Error> {
    run(context, UseCase::DeleteCampaign, id, expected, Verb::Delete).await
}

/// Changes the pace, also while sending; `None` means as fast as the carrier takes messages. Refused once everything is
/// handed over.
pub async fn change_pace(
    context: &Context,
    id: &CampaignId,
    expected: &Expected,
    per_hour: Option<u32>,
) -> Result<Campaign, Error> {
    run(context, UseCase::ChangePace, id, expected, Verb::Pace(per_hour)).await
}

#[derive(Debug, Clone, Copy)]
enum Verb {
    Pause,
    Resume,
    TakeBack,
    Cancel,
    Delete,
    Pace(Option<u32>),
}

async fn run(
    context: &Context,
    use_case: UseCase,
    id: &CampaignId,
    expected: &Expected,
    verb: Verb,
) -> Result<Campaign, Error> {
    let permit = context.permit(use_case)?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, expected).await?;
        let details = match verb {
            Verb::Delete => found.settings.name.clone(),
            Verb::Pace(per_hour) => per_hour.map_or("unlimited".into(), |per_hour| per_hour.to_string()),
            Verb::Pause | Verb::Resume | Verb::TakeBack | Verb::Cancel => String::new(),
        };
        let moved = verb.run(context, &permit.noting(id, details), found).await;
        if !attempts.again(&moved) {
            return moved;
        }
    }
}

impl Verb {
    /// Applies a command; `noting` writes the audit log entry. Webhooks are notified when dispatch runs.
    async fn run(self, context: &Context, noting: &AccountStore, campaign: Campaign) -> Result<Campaign, Error> {
        let now = context.now();
        let moved = match self {
            Self::Pause => noting.put_campaign(campaign.apply(Command::Pause(PauseReason::User), now)?).await?,
            Self::Resume => {
                let is_about_lists = campaign.pause_reason == Some(PauseReason::Lists) && campaign.audience.is_none();
                let resumed = campaign.apply(Command::Resume, now)?;
                let resumed = if is_about_lists { bind_lists(context, resumed, now).await? } else { resumed };
                noting.put_campaign(resumed).await?
            }
            Self::TakeBack => return take_back_found(context, noting, campaign, now).await,
            Self::Cancel => cancel_found(context, noting, campaign, now).await?,
            Self::Delete => noting.put_campaign(campaign.apply(Command::Delete, now)?).await?,
            Self::Pace(per_hour) => {
                let paced = at_pace(&campaign, per_hour, now)?;
                if paced.settings == campaign.settings {
                    return Ok(campaign);
                }
                let paced = noting.put_campaign(paced).await?;
                if paced.status != Status::Sending {
                    return Ok(paced);
                }
                paced
            }
        };
        context.wake(&moved).await;
        Ok(moved)
    }
}

/// A campaign with another pace. Unused grants of the old pace are lost.
fn at_pace(campaign: &Campaign, per_hour: Option<u32>, now: Timestamp) -> Result<Campaign, Error> {
    match campaign.status {
        Status::Consolidating | Status::Finished | Status::Deleted => return Err(Error::HandedOver),
        Status::Draft | Status::Ready | Status::Sending | Status::Paused => {}
    }
    let pacing = campaign.pacing.at_pace(per_hour, now);
    let mut next = Campaign { pacing, modified_at: now, ..campaign.clone() };
    next.settings.schedule.pace_per_hour = per_hour;
    if next.status == Status::Sending {
        next.next_check_at = Some(now);
    }
    Ok(next)
}

async fn take_back_found(
    context: &Context,
    noting: &AccountStore,
    campaign: Campaign,
    now: Timestamp,
) -> Result<Campaign, Error> {
    let draft = campaign.apply(Command::Edit, now)?;
    let back = movement(&campaign, MovementKind::GivenBack, campaign.reserved, now);
    let draft = Campaign { reserved: 0, used: 0, given_back: 0, ..draft };
    Ok(noting.put_campaign_and_move(draft, context.account().await?.balance.mode, &[back]).await?)
}

async fn cancel_found(
    context: &Context,
    noting: &AccountStore,
    campaign: Campaign,
    now: Timestamp,
) -> Result<Campaign, Error> {
    let cancelled = campaign.apply(Command::Cancel, now)?;
    if cancelled.status != Status::Finished {
        return Ok(noting.put_campaign(cancelled).await?);
    }
    let back = movement(&campaign, MovementKind::GivenBack, campaign.reserved, now);
    let ended = Campaign { given_back: campaign.reserved, tally: Some(Tally::default()), ..cancelled };
    Ok(noting.put_campaign_and_move(ended, context.account().await?.balance.mode, &[back]).await?)
}

/// A campaign that was paused because of its lists, bound to the present lists: its start counts and reserves again.
/// Blocked while one cannot be used or lacks a column that the message needs.
async fn bind_lists(context: &Context, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
    let lists = estimate::lists_of(context, &campaign).await?;
    let blockers = check::of_lists(&campaign.settings.message, &lists);
    if !blockers.is_empty() {
        return Err(blocked(&campaign, blockers));
    }
    let lists = lists.iter().filter_map(|(_, list)| Some(CountedList::new(list.as_ref()?))).collect();
    let count = campaign.count.clone().map(|count| Count { lists, ..count });
    Ok(Campaign { count, due_at: Some(now), ..campaign })
}

pub(super) fn blocked(campaign: &Campaign, blockers: Vec<super::Blocker>) -> Error {
    let settings = Box::new(campaign.settings.clone());
    Error::Blocked { campaign: campaign.id.clone(), settings, blockers }
}

fn movement(campaign: &Campaign, kind: MovementKind, credits: u64, at: Timestamp) -> Movement {
    Movement { at, kind, credits, about: campaign.id.to_string() }
}
