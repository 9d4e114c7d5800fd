//! The commands that move a campaign, each one conditional write together with its money.

use aws::queue::Wakeup;
use domain::account::Account;
use domain::campaign::{Campaign, Command, PauseReason, Status};
use domain::credits::{Movement, MovementKind};
use domain::release::Pacing;
use domain::tally::Tally;
use jiff::Timestamp;
use support::telemetry::chain;
use tracing::warn;

use super::{Counted, Error, Estimate, Planner};

impl Planner {
    /// Reserves the exact total and makes the campaign ready; every blocker is reported at once.
    pub async fn validate(
        &self,
        account: &Account,
        campaign: Campaign,
        now: Timestamp,
    ) -> Result<(Campaign, Counted), Error> {
        campaign.status.after(Command::Validate, false)?;
        let (campaign, counted) = self.estimate(account, campaign, now).await?;
        let Counted::Now(estimate) = counted else { return Ok((campaign, counted)) };
        let Estimate { count: Some(count), starts_at: Some(due_at), .. } = estimate.as_ref() else {
            return Err(Error::Blocked { campaign: campaign.id, blockers: estimate.blockers });
        };
        if !estimate.blockers.is_empty() {
            return Err(Error::Blocked { campaign: campaign.id, blockers: estimate.blockers });
        }
        let (credits, due_at) = (count.credits, *due_at);
        let pacing = Pacing::new(campaign.settings.schedule.pace_per_hour);
        let made_with = Some(campaign.messages_made_with(account, &self.short_url));
        let held = Campaign { reserved: credits, used: 0, given_back: 0, ..campaign };
        let held = Campaign { due_at: Some(due_at), pacing, made_with, ..held };
        let ready = held.apply(Command::Validate, now)?;
        let movement = movement(&ready, MovementKind::Reserved, credits, now);
        let ready = self.store.put_campaign_and_move(ready, account.balance.mode, &[movement]).await?;
        if due_at <= now {
            self.wake(&ready).await;
        }
        Ok((ready, Counted::Now(estimate)))
    }

    /// Stops a sending campaign; batches at work end in their own time.
    pub async fn pause(&self, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
        let paused = campaign.apply(Command::Pause(PauseReason::User), now)?;
        let paused = self.store.put_campaign(paused).await?;
        // So that webhooks hear of it at once; it is paused whether the queue answers or not, and the tick tells them.
        self.wake(&paused).await;
        Ok(paused)
    }

    pub async fn resume(&self, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
        let is_about_lists = campaign.pause_reason == Some(PauseReason::Lists) && campaign.audience.is_none();
        let resumed = campaign.apply(Command::Resume, now)?;
        let resumed = if is_about_lists { self.bind_lists(resumed, now).await? } else { resumed };
        let resumed = self.store.put_campaign(resumed).await?;
        self.wake(&resumed).await;
        Ok(resumed)
    }

    /// Changes the pace, also while sending. Refused once everything is handed over.
    pub async fn change_pace(
        &self,
        campaign: Campaign,
        per_hour: Option<u32>,
        now: Timestamp,
    ) -> Result<Campaign, Error> {
        match campaign.status {
            Status::Consolidating | Status::Finished | Status::Deleted => return Err(Error::HandedOver),
            Status::Draft | Status::Ready | Status::Sending | Status::Paused => {}
        }
        let pacing = campaign.pacing.at_pace(per_hour, now);
        let mut next = Campaign { pacing, modified_at: now, ..campaign };
        next.settings.schedule.pace_per_hour = per_hour;
        if next.status == Status::Sending {
            next.look_at = Some(now);
        }
        let next = self.store.put_campaign(next).await?;
        if next.status == Status::Sending {
            self.wake(&next).await;
        }
        Ok(next)
    }

    /// Takes a ready campaign back to draft, and its credits back to the balance.
    pub async fn edit(&self, account: &Account, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
        let draft = campaign.apply(Command::Edit, now)?;
        let back = movement(&campaign, MovementKind::GivenBack, campaign.reserved, now);
        let draft = Campaign { reserved: 0, used: 0, given_back: 0, ..draft };
        Ok(self.store.put_campaign_and_move(draft, account.balance.mode, &[back]).await?)
    }

    /// Ends a paused or ready campaign. One that never started is finished at once and its credits go back; of one
    /// that did, dispatch settles the credits when its receipts are in.
    pub async fn cancel(&self, account: &Account, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
        let cancelled = campaign.apply(Command::Cancel, now)?;
        if cancelled.status != Status::Finished {
            let cancelled = self.store.put_campaign(cancelled).await?;
            self.wake(&cancelled).await;
            return Ok(cancelled);
        }
        let back = movement(&campaign, MovementKind::GivenBack, campaign.reserved, now);
        let ended = Campaign { given_back: campaign.reserved, tally: Some(Tally::default()), ..cancelled };
        let ended = self.store.put_campaign_and_move(ended, account.balance.mode, &[back]).await?;
        self.wake(&ended).await;
        Ok(ended)
    }

    /// Deletes for everybody; dispatch gives back what was held and removes what is left.
    pub async fn delete(&self, campaign: Campaign, now: Timestamp) -> Result<(), Error> {
        let deleted = self.store.put_campaign(campaign.apply(Command::Delete, now)?).await?;
        self.wake(&deleted).await;
        Ok(())
    }

    /// Asks dispatch to look at a campaign now. What was written stands whether it hears this or not: a wake-up that is
    /// lost costs a minute, as the tick finds what is due, and an error here would say that nothing was done.
    pub async fn wake(&self, campaign: &Campaign) {
        let wakeup = Wakeup { account: campaign.account.clone(), campaign: campaign.id.clone() };
        if let Err(error) = self.queues.wake(&wakeup, 0).await {
            warn!(campaign.id = %campaign.id, error.chain = chain(&error), "a wake-up was lost; the tick will find it");
        }
    }
}

fn movement(campaign: &Campaign, kind: MovementKind, credits: u64, at: Timestamp) -> Movement {
    Movement { at, kind, credits, about: campaign.id.to_string() }
}
