//! Who did what: one entry for each change that a person may ask about later.

use aws::store::AuditEntry;
use support::telemetry::chain;

use crate::App;
use crate::gate::Caller;

/// The trail of one caller.
pub struct Trail<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
}

impl Trail<'_> {
    /// Writes that the caller did `action` to `about`. Written after the deed: an entry of what was refused would lie.
    /// What is done stays done if the entry cannot be written, or a client that tries again would do it twice; then the
    /// log keeps it.
    pub async fn note(&self, action: &str, about: &str, details: impl Into<String>) {
        let entry = AuditEntry {
            at: self.app.clock.now(),
            by: self.caller.by.clone(),
            action: action.into(),
            about: about.into(),
            details: details.into(),
            from: self.caller.from.clone(),
        };
        if let Err(error) = self.app.store_of(self.caller).put_audit(&entry, self.app.random()).await {
            tracing::error!(
                action,
                about,
                by = entry.by,
                error.chain = chain(&error),
                "an audit entry was not written"
            );
        }
    }
}
