//! When dispatch checks for unused lists: one item per account.

use aws_sdk_dynamodb::types::AttributeValue;

use super::campaigns::DUE;
use super::item::{Item, ms, n, s};
use super::reading;
use super::{AccountStore, Result, failed};

const WHAT: &str = "look for unused lists";
/// Sort key of the item, as the index `due` shows it.
pub(super) const SK: &str = "unused-lists";

impl AccountStore {
    fn look(&self, at: jiff::Timestamp) -> Item {
        let key = |name: &str, value: AttributeValue| (name.to_owned(), value);
        Item::from([
            key("pk", s(self.account.as_str())),
            key("sk", s(SK)),
            key("due", s(DUE)),
            key("due_at", n(ms(at))),
        ])
    }

    /// Checks for unused lists at an instant, and then daily.
    pub async fn look_for_unused_lists(&self, at: jiff::Timestamp) -> Result<()> {
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(self.look(at)));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The same for an account with its first list; otherwise a check is scheduled already.
    pub(super) async fn begin_to_look_for_unused_lists(&self, at: jiff::Timestamp) -> Result<()> {
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(self.look(at)));
        let put = put.condition_expression("attribute_not_exists(pk)").send().await;
        reading::unless_conflict(put.map_err(failed("write", WHAT))).map(drop)
    }
}
