//! Counts an audience that is too large to be counted within a request, and reports progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::audience;
use domain::campaign::{Campaign, Counting};
use tracing::warn;

use crate::{App, Error};

/// Time between two progress updates.
const WORD_EVERY: Duration = Duration::from_secs(2);

/// Counts for a draft that requested it. The result is stored in the campaign, with a fingerprint of its settings.
pub async fn count(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let account = app.account_of(&campaign).await?;
    let lists = audience::Sources::find(&store, &campaign.settings.lists, audience::Leaving::Nobody).await;
    let contacts = lists.map_or(1, |sources| sources.contacts());
    let done = Arc::new(AtomicU32::new(0));
    let settings = campaign.settings.clone();
    let seen = done.clone();
    let counting = audience::count(&store, &app.files, &account, &settings, &app.short_url, move |recipients| {
        seen.store(recipients, Ordering::Relaxed);
    });
    tokio::pin!(counting);
    let mut campaign = campaign;
    let counted = loop {
        tokio::select! {
            counted = &mut counting => break counted,
            () = tokio::time::sleep(WORD_EVERY) => {
                let of = campaign.counting.as_ref().map_or(String::new(), |counting| counting.of.clone());
                let done_per_mille = per_mille(done.load(Ordering::Relaxed), contacts);
                campaign.counting = Some(Counting { of, done_per_mille });
                campaign = store.put_campaign(campaign).await?;
            }
        }
    };
    let count = match counted {
        Ok(count) => Some(count),
        Err(error) if error.is_temporary() => return Err(error.into()),
        Err(error) => {
            // The next estimate meets the same error and shows it to the user.
            warn!(account.id = %campaign.account, campaign.id = %campaign.id, error.chain = support::telemetry::chain(&error), "an audience cannot be counted");
            None
        }
    };
    store.put_campaign(Campaign { count, counting: None, next_check_at: None, ..campaign }).await?;
    Ok(())
}

/// Thousandths counted; 1,000 only when all are counted.
fn per_mille(done: u32, contacts: u64) -> u16 {
    const MOST: u16 = 999;
    u16::try_from(u64::from(done) * 1_000 / contacts.max(1)).map_or(MOST, |done| done.min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_never_shown_as_done_before_it_is() {
        let table = [(0, 0, 0), (0, 10, 0), (5, 10, 500), (10, 10, 999), (20, 10, 999), (u32::MAX, 1, 999)];
        for (done, contacts, expected) in table {
            assert_eq!(per_mille(done, contacts), expected, "{done} of {contacts}");
        }
    }
}
