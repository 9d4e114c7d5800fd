//! Purges lists that an account has not used for the time in its settings.

use app::{Actor, lists};
use aws::store::AccountStore;
use domain::ids::AccountId;
use domain::list::{List, Purpose};
use domain::unused_lists::UnusedLists;
use tracing::info;

use crate::{App, Error};

/// Checks the lists of one account.
pub async fn purge(app: &App, account: &AccountId) -> Result<(), Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    let Some(found) = store.account().await? else { return Ok(()) };
    let lists = store.lists_wanted(Purpose::Contacts, |_| true, None, usize::MAX).await?.items;
    let UnusedLists { due, next_check_at } = UnusedLists::find(lists, found.purge_after_days, now);
    let used = if due.is_empty() { Default::default() } else { lists::lists_in_use(&store, now).await? };
    // Scheduled before anything is deleted, so that after a crash the rest is found again.
    store.look_for_unused_lists(next_check_at).await?;
    for list in due.into_iter().filter(|list| !used.contains(&list.id)) {
        remove(app, &store, list, now).await?;
    }
    Ok(())
}

async fn remove(app: &App, store: &AccountStore, list: List, now: jiff::Timestamp) -> Result<(), Error> {
    let id = list.id.clone();
    if lists::purge(&Actor::function("dispatch"), store, &app.files, list, now).await? {
        info!(account.id = %store.id(), list.id = %id, "an unused list was purged");
    }
    Ok(())
}
