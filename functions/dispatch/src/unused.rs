//! Purges lists that an account has not used for as long as it says.

use app::{Actor, lists};
use aws::store::AccountStore;
use domain::ids::AccountId;
use domain::list::{List, Purpose, Status};
use jiff::SignedDuration;
use tracing::info;

use crate::{App, Error};

/// Between two looks at an account; less where a list is due before.
const LOOK: SignedDuration = SignedDuration::from_hours(24);
/// Between two looks at lists that are due and in use.
const LOOK_LEAST: SignedDuration = SignedDuration::from_hours(1);

/// Looks at the lists of one account.
pub async fn purge(app: &App, account: &AccountId) -> Result<(), Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    let Some(found) = store.account().await? else { return Ok(()) };
    let purge_at = |list: &List| list.purge_at(found.purge_after_days);
    let lists = store.lists_wanted(Purpose::Contacts, |_| true, None, usize::MAX).await?.items;
    let is_due = |list: &List| list.status != Status::Importing && purge_at(list).is_some_and(|at| at <= now);
    let (due, others): (Vec<_>, Vec<_>) = lists.into_iter().partition(is_due);
    let used = if due.is_empty() { Default::default() } else { lists::lists_in_use(&store, now).await? };
    let next = others.iter().filter_map(purge_at).min().map_or(now + LOOK, |at| at.clamp(now + LOOK_LEAST, now + LOOK));
    // Planned before anything goes: what a crash leaves is found again.
    store.look_for_unused_lists(next).await?;
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
