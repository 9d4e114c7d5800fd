//! Settings of an account, and the effects of changing them.

use aws::store::{self, AccountStore, CONFLICT_TRIES};
use domain::account::Account;
use domain::campaign::{Campaign, Status};
use domain::settings::AccountSettings;
use jiff::Timestamp;

use crate::context::{Attempts, Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// Campaigns of one page of the index.
const CAMPAIGNS_AT_ONCE: usize = 100;

/// Changes the settings. `edit` makes the new ones from the present ones; `at_any_hour` lifts the limit on the window's
/// end, for the sandbox carrier. Lists that another purge delay makes unused are checked at once; after a crash in
/// between, the daily check finds them. Campaigns that wait for the sending window are checked again if the window
/// changes.
pub async fn change<E: From<Error>>(
    context: &Context,
    expected: &Expected,
    at_any_hour: bool,
    edit: impl Fn(AccountSettings) -> Result<AccountSettings, E>,
) -> Result<Account, E> {
    let permit = context.permit(UseCase::ChangeSettings)?;
    let mut attempts = Attempts::default();
    loop {
        let read = context.account().await?;
        expected.holds(read.version, "account")?;
        let present = AccountSettings::from_account(&read);
        let wanted = edit(present.clone())?;
        let changed = wanted.apply(&read, at_any_hour).map_err(Error::Settings)?;
        let names = present.changes(&AccountSettings::from_account(&changed));
        if names.is_empty() {
            return Ok(read);
        }
        let written = write(context, &permit.noting(&read.id, names), &read, &changed).await;
        if !attempts.again(&written) {
            written?;
            return Ok(context.account().await?);
        }
    }
}

async fn write(context: &Context, noting: &AccountStore, read: &Account, changed: &Account) -> Result<(), Error> {
    let now = context.now();
    noting.put_account(changed).await?;
    if changed.purge_after_days != read.purge_after_days {
        context.store.look_for_unused_lists(now).await?;
    }
    if (changed.window, &changed.time_zone) != (read.window, &read.time_zone) {
        make_sending_due(&context.store, now).await?;
    }
    Ok(())
}

/// Makes every sending campaign due: its next check was computed from the earlier window.
async fn make_sending_due(store: &AccountStore, now: Timestamp) -> Result<(), store::Error> {
    let mut after: Option<String> = None;
    loop {
        let any = None::<fn(&str) -> bool>;
        let page = store.campaigns_with_status(Status::Sending, any, after.as_deref(), CAMPAIGNS_AT_ONCE).await?;
        for campaign in page.items {
            make_due(store, campaign, now).await?;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

async fn make_due(store: &AccountStore, campaign: Campaign, now: Timestamp) -> Result<(), store::Error> {
    let id = campaign.id.clone();
    let mut found = Some(campaign);
    for _ in 0..CONFLICT_TRIES {
        // One without an audience is being started.
        let waits = |campaign: &Campaign| {
            let is_sending = campaign.status == Status::Sending && campaign.audience.is_some();
            is_sending && campaign.next_check_at.is_none_or(|next_check_at| next_check_at > now)
        };
        let Some(campaign) = found.filter(waits) else { return Ok(()) };
        match store.put_campaign(Campaign { next_check_at: Some(now), ..campaign }).await {
            Err(store::Error::Conflict { .. }) => found = store.campaign(&id).await?,
            written => return written.map(drop),
        }
    }
    // After this many conflicts, their writer has read the new window.
    Ok(())
}
