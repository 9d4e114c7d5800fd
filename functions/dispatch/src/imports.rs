//! Ends imports that were cut off, so that a list does not wait forever.

use app::lists::{self, Watched};
use app::webhooks::{Announcer, list_event};
use domain::ids::{AccountId, ListId};
use tracing::warn;

use crate::{App, Error};

/// Checks the import of one list.
pub async fn settle(app: &App, account: &AccountId, id: &ListId) -> Result<(), Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    match lists::settle_import(&store, &app.files, id, now).await? {
        Watched::Until(at) => store.watch_import(id, at).await?,
        Watched::Failed(list) => {
            warn!(account.id = %account, list.id = %id, reason = list.failure, "an import was cut off");
            let announcer = Announcer { store: &store, queues: &app.queues, now };
            announcer.announce(&[list_event(&list, now)]).await?;
            store.unwatch_import(id).await?;
        }
        Watched::Over => store.unwatch_import(id).await?,
    }
    Ok(())
}
