//! The right to fold a campaign: one at a time, and while its outcomes are frozen nobody.

use aws::store::AccountStore;
use domain::ids::CampaignId;
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error};

/// Nobody else folds for so long after the last sign of life, and when that is given.
const HELD: SignedDuration = SignedDuration::from_secs(40);
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_secs(25);

/// The right to fold a campaign, which nobody else has meanwhile.
#[derive(Debug)]
pub struct Held {
    until: Timestamp,
}

impl Held {
    /// Takes it; `None` while somebody else has it.
    pub async fn take(app: &App, store: &AccountStore, campaign: &CampaignId) -> Result<Option<Self>, Error> {
        let now = app.clock.now();
        let until = now + HELD;
        Ok(store.hold_fold(campaign, now, until).await?.then_some(Self { until }))
    }

    /// Until when it is known to be had.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Keeps it a while longer.
    pub async fn renew(&mut self, app: &App, store: &AccountStore, campaign: &CampaignId) -> Result<(), Error> {
        let now = app.clock.now();
        if self.until < now + RENEWED_BEFORE {
            let until = now + HELD;
            store.renew_fold(campaign, self.until, until).await?;
            self.until = until;
        }
        Ok(())
    }

    /// Gives it back.
    pub async fn release(self, store: &AccountStore, campaign: &CampaignId) -> Result<(), Error> {
        Ok(store.release_fold(campaign, self.until, None).await?)
    }
}
