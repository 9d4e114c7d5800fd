//! The next fold of a campaign's journal, and the fold lock: one small item, because `track` requests folds often.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use domain::ids::CampaignId;
use jiff::{SignedDuration, Timestamp};

use super::batches::pk;
use super::campaigns::DUE;
use super::item::{instant, ms, n, number, s};
use super::{AccountStore, Result, failed, reading, unbuilt};

const WHAT: &str = "fold";
pub(super) const SK: &str = "fold";

/// The scheduled fold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextFold {
    pub due_at: Option<Timestamp>,
    /// Interval between folds, as the last one set it.
    pub interval: Option<SignedDuration>,
}

impl AccountStore {
    fn update_fold<const N: usize>(
        &self,
        campaign: &CampaignId,
        expression: &str,
        values: [(&str, AttributeValue); N],
    ) -> UpdateItemFluentBuilder {
        let pk = pk(self.account.as_str(), campaign);
        reading::update(&self.db, &self.tables.campaigns, pk, SK, expression, values)
    }

    /// Requests a fold at an instant, unless an earlier one is scheduled; returns whether it was recorded.
    pub async fn schedule_fold(&self, campaign: &CampaignId, at: Timestamp) -> Result<bool> {
        let values = [(":due", s(DUE)), (":at", n(ms(at)))];
        let update = self
            .update_fold(campaign, "SET due = :due, due_at = :at", values)
            .condition_expression("attribute_not_exists(due_at) OR due_at > :at");
        noted(update.send().await.map_err(failed("write", WHAT)))
    }

    /// When the next fold is due.
    pub async fn next_fold(&self, campaign: &CampaignId) -> Result<NextFold> {
        let pk = pk(self.account.as_str(), campaign);
        let item = reading::get(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await?.unwrap_or_default();
        let value = |name| item.contains_key(name).then(|| number(&item, name, WHAT)).transpose();
        let due_at = value("due_at")?.map(|at| instant(at, WHAT)).transpose()?;
        Ok(NextFold { due_at, interval: value("interval_s")?.map(SignedDuration::from_secs) })
    }

    /// Takes the fold lock until an instant; false if another process has it.
    pub async fn hold_fold(&self, campaign: &CampaignId, now: Timestamp, until: Timestamp) -> Result<bool> {
        let values = [(":now", n(ms(now))), (":until", n(ms(until)))];
        let update = self
            .update_fold(campaign, "SET held_until = :until", values)
            .condition_expression("attribute_not_exists(held_until) OR held_until <= :now");
        noted(update.send().await.map_err(failed("write", WHAT)))
    }

    /// Extends the fold lock; a conflict if another process has it by now.
    pub async fn renew_fold(&self, campaign: &CampaignId, held_until: Timestamp, until: Timestamp) -> Result<()> {
        let values = [(":held", n(ms(held_until))), (":until", n(ms(until)))];
        let update = self.update_fold(campaign, "SET held_until = :until", values);
        update.condition_expression("held_until = :held").send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The condition of a transaction: the fold lock is still held.
    pub(super) fn fold_is_held(&self, campaign: &CampaignId, held_until: Timestamp) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.campaigns)
            .key("pk", s(pk(self.account.as_str(), campaign)))
            .key("sk", s(SK))
            .condition_expression("held_until = :held")
            .expression_attribute_values(":held", n(ms(held_until)))
            .build()
            .map_err(unbuilt(WHAT))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Releases the fold lock; `next` sets the time of the next fold and the interval.
    pub async fn release_fold(
        &self,
        campaign: &CampaignId,
        held_until: Timestamp,
        next: Option<(Timestamp, SignedDuration)>,
    ) -> Result<()> {
        let held = (":held", n(ms(held_until)));
        let update = match next {
            Some((at, interval)) => {
                let values = [held, (":due", s(DUE)), (":at", n(ms(at))), (":interval", n(interval.as_secs()))];
                let next = "SET due = :due, due_at = :at, interval_s = :interval REMOVE held_until";
                self.update_fold(campaign, next, values)
            }
            None => self.update_fold(campaign, "REMOVE held_until", [held]),
        };
        let update = update.condition_expression("held_until = :held");
        // On a conflict the lock expired, and another process folds.
        noted(update.send().await.map_err(failed("write", WHAT))).map(|_| ())
    }

    /// Removes a fold that is not needed from the index, unless it was requested for another instant meanwhile.
    pub async fn unschedule_fold(&self, campaign: &CampaignId, at: Timestamp) -> Result<()> {
        let update = self.update_fold(campaign, "REMOVE due, due_at", [(":at", n(ms(at)))]);
        let update = update.condition_expression("due_at = :at");
        noted(update.send().await.map_err(failed("write", WHAT))).map(|_| ())
    }

    /// Removes the fold of a deleted campaign from the index.
    pub async fn forget_fold(&self, campaign: &CampaignId) -> Result<()> {
        reading::forget(&self.db, &self.tables.campaigns, &pk(self.account.as_str(), campaign), SK, WHAT).await
    }
}

fn noted<T>(written: Result<T>) -> Result<bool> {
    Ok(reading::unless_conflict(written)?.is_some())
}
