//! Settings of an account, and what follows from them.

use jiff::Timestamp;

use crate::domain::account::Account;
use crate::store::{self, AccountStore};

/// Writes the settings of an account that is still as it was read. Lists that another purge delay makes unused are
/// looked for at once; after a crash in between, the daily look finds them.
pub async fn change_account(
    store: &AccountStore,
    read: &Account,
    changed: &Account,
    now: Timestamp,
) -> Result<(), store::Error> {
    store.put_account(changed).await?;
    if changed.purge_after_days != read.purge_after_days {
        store.look_for_unused_lists(now).await?;
    }
    Ok(())
}
