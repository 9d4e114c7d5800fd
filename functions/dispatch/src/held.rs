//! The fold lock of a campaign: one fold at a time, and none while its outcomes are frozen.

use aws::store::AccountStore;
use domain::ids::CampaignId;
use jiff::{SignedDuration, Timestamp};

use crate::{App, Error};

/// How long the lock is valid after it was taken or renewed, and how often it is renewed.
const HELD: SignedDuration = SignedDuration::from_secs(40);
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_secs(25);

/// The fold lock, held.
#[derive(Debug)]
pub struct Held {
    until: Timestamp,
}

impl Held {
    /// Takes the lock; `None` while another process has it.
    pub async fn take(app: &App, store: &AccountStore, campaign: &CampaignId) -> Result<Option<Self>, Error> {
        let now = app.clock.now();
        let until = now + HELD;
        Ok(store.hold_fold(campaign, now, until).await?.then_some(Self { until }))
    }

    /// Until when the lock is valid.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Extends the lock.
    pub async fn renew(&mut self, app: &App, store: &AccountStore, campaign: &CampaignId) -> Result<(), Error> {
        let now = app.clock.now();
        if self.until < now + RENEWED_BEFORE {
            let until = now + HELD;
            store.renew_fold(campaign, self.until, until).await?;
            self.until = until;
        }
        Ok(())
    }

    /// Releases the lock.
    pub async fn release(self, store: &AccountStore, campaign: &CampaignId) -> Result<(), Error> {
        Ok(store.release_fold(campaign, self.until, None).await?)
    }
}
