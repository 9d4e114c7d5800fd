//! When dispatch checks an import that may have been cut off: one item for each running import.

use domain::ids::ListId;

use super::campaigns::DUE;
use super::item::{Item, ms, n, s};
use super::reading;
use super::{AccountStore, Result, failed};

const WHAT: &str = "watch over an import";
/// What sort keys begin with, before the id of the list.
pub(super) const PREFIX: &str = "import#";

impl AccountStore {
    /// Schedules a check of the import of a list.
    pub async fn watch_import(&self, list: &ListId, at: jiff::Timestamp) -> Result<()> {
        let item = Item::from([
            ("pk".to_owned(), s(self.account.as_str())),
            ("sk".to_owned(), s(format!("{PREFIX}{list}"))),
            ("due".to_owned(), s(DUE)),
            ("due_at".to_owned(), n(ms(at))),
        ]);
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// Removes the check: the import is over.
    pub async fn unwatch_import(&self, list: &ListId) -> Result<()> {
        let sk = format!("{PREFIX}{list}");
        reading::forget(&self.db, &self.tables.campaigns, self.account.as_str(), &sk, WHAT).await
    }
}
