//! Who did what: one entry for each change that a person may ask about later.

use shared::store::AuditEntry;

use crate::App;
use crate::failure::Failure;
use crate::gate::Caller;

/// The trail of one caller.
pub struct Trail<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
}

impl Trail<'_> {
    /// Writes that the caller did `action` to `about`. Written after the deed: an entry of what was refused would lie.
    pub async fn note(&self, action: &str, about: &str, details: impl Into<String>) -> Result<(), Failure> {
        let entry = AuditEntry {
            at: self.app.clock.now(),
            by: self.caller.by.clone(),
            action: action.into(),
            about: about.into(),
            details: details.into(),
            from: self.caller.from.clone(),
        };
        self.app.store_of(self.caller).put_audit(&entry, self.app.random()).await?;
        Ok(())
    }
}
