//! When the journal of a campaign is folded next, and who folds it: one small item, because `track` asks for a fold often.

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

/// What is known of the next fold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextFold {
    pub due_at: Option<Timestamp>,
    /// From one fold to the next, as the last one found it right.
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

    /// Asks for a fold at an instant, unless one is to come earlier; whether that was noted.
    pub async fn schedule_fold(&self, campaign: &CampaignId, at: Timestamp) -> Result<bool> {
        let values = [(":due", s(DUE)), (":at", n(ms(at)))];
        let update = self
            .update_fold(campaign, "SET due = :due, due_at = :at", values)
            .condition_expression("attribute_not_exists(due_at) OR due_at > :at");
        noted(update.send().await.map_err(failed("write", WHAT)))
    }

    /// When the next fold is to come.
    pub async fn next_fold(&self, campaign: &CampaignId) -> Result<NextFold> {
        let pk = pk(self.account.as_str(), campaign);
        let item = reading::get(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await?.unwrap_or_default();
        let value = |name| item.contains_key(name).then(|| number(&item, name, WHAT)).transpose();
        let due_at = value("due_at")?.map(|at| instant(at, WHAT)).transpose()?;
        Ok(NextFold { due_at, interval: value("interval_s")?.map(SignedDuration::from_secs) })
    }

    /// Takes the right to fold until an instant; false while somebody else has it.
    pub async fn hold_fold(&self, campaign: &CampaignId, now: Timestamp, until: Timestamp) -> Result<bool> {
        let values = [(":now", n(ms(now))), (":until", n(ms(until)))];
        let update = self
            .update_fold(campaign, "SET held_until = :until", values)
            .condition_expression("attribute_not_exists(held_until) OR held_until <= :now");
        noted(update.send().await.map_err(failed("write", WHAT)))
    }

    /// Keeps the right to fold until a later instant; a conflict when somebody else has it by now.
    pub async fn renew_fold(&self, campaign: &CampaignId, held_until: Timestamp, until: Timestamp) -> Result<()> {
        let values = [(":held", n(ms(held_until))), (":until", n(ms(until)))];
        let update = self.update_fold(campaign, "SET held_until = :until", values);
        update.condition_expression("held_until = :held").send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The condition of a transaction: the right to fold is still this one.
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

    /// Gives the right to fold back; `next` says when the next fold is to come instead of the one that was due, and how
    /// long it is from one to the next.
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
        // On a conflict it lapsed, and somebody else folds.
        noted(update.send().await.map_err(failed("write", WHAT))).map(|_| ())
    }

    /// Takes a fold that is not needed out of the index, unless it was asked for at another instant meanwhile.
    pub async fn unschedule_fold(&self, campaign: &CampaignId, at: Timestamp) -> Result<()> {
        let update = self.update_fold(campaign, "REMOVE due, due_at", [(":at", n(ms(at)))]);
        let update = update.condition_expression("due_at = :at");
        noted(update.send().await.map_err(failed("write", WHAT))).map(|_| ())
    }

    /// Takes the fold of a campaign that is gone out of the index.
    pub async fn forget_fold(&self, campaign: &CampaignId) -> Result<()> {
        reading::forget(&self.db, &self.tables.campaigns, &pk(self.account.as_str(), campaign), SK, WHAT).await
    }
}

fn noted<T>(written: Result<T>) -> Result<bool> {
    Ok(reading::unless_conflict(written)?.is_some())
}
