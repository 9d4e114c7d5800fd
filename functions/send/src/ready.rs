//! Whether part of a batch may be sent, read after its lease was taken.

use aws::queue::BatchHint;
use aws::store::AccountStore;
use domain::account::Account;
use domain::campaign::{Audience, Campaign};
use domain::legal_window::LegalWindow;
use domain::release::{BatchSlice, batch_slice};
use domain::send::{is_more_released, may_send};
use jiff::Timestamp;

use crate::{App, Error};

/// What is needed to send a batch.
#[derive(Debug)]
pub struct Ready {
    pub campaign: Campaign,
    pub audience: Audience,
    pub account: Account,
    /// The position of the batch in the audience.
    pub slice: BatchSlice,
}

impl Ready {
    /// `None` if nothing of the batch may be sent now.
    pub async fn read(app: &App, store: &AccountStore, hint: &BatchHint) -> Result<Option<Self>, Error> {
        let Some(campaign) = store.campaign(&hint.campaign).await? else { return Ok(None) };
        let Some(audience) = campaign.audience.clone().filter(|_| may_send(&campaign)) else { return Ok(None) };
        let slice = batch_slice(&audience.runs, hint.batch).ok_or_else(|| Error::Unexpected {
            campaign: campaign.id.clone(),
            batch: hint.batch,
            cause: "no such batch".into(),
        })?;
        if slice.released == 0 {
            return Ok(None);
        }
        let Some(account) = store.account().await? else { return Ok(None) };
        // Dispatch releases it again when the window opens.
        Ok(Some(Self { campaign, audience, account, slice }).filter(|ready| ready.is_open(app.clock.now())))
    }

    /// Whether the legal window is open for these recipients, or does not apply to the campaign.
    pub fn is_open(&self, now: Timestamp) -> bool {
        LegalWindow::new(&self.account, self.campaign.settings.kind, now).is_open(self.slice.territory)
    }
}

/// Whether more of a batch was released while it was sent. Read after the lease has ended.
pub async fn has_more(store: &AccountStore, hint: &BatchHint, sent: Option<Ready>) -> Result<bool, Error> {
    let sent = sent.map(|ready| ready.slice).filter(|sent| sent.released < sent.recipients);
    let Some(sent) = sent else { return Ok(false) };
    let campaign = store.campaign(&hint.campaign).await?.filter(may_send);
    let audience = campaign.and_then(|campaign| campaign.audience);
    Ok(is_more_released(sent, audience.and_then(|audience| batch_slice(&audience.runs, hint.batch))))
}
