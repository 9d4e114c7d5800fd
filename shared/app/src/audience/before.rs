//! Whether a campaign may start now: its lists are as validated, and no running import would change its recipients.

use aws::store::AccountStore;
use domain::campaign::{Campaign, Kind, PauseCause};
use domain::list::List;
use jiff::Timestamp;

use super::Error;

/// A campaign starts up to this long after it was due: at the next tick.
const STARTS_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// The result of the checks before a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeforeStart {
    Ready,
    /// A running import must be waited for.
    Importing,
    /// The campaign would be sent to other recipients than validated.
    Obstacle(PauseCause),
}

/// Checks the lists of a campaign, and for marketing the imports of exclusions that began before its start: numbers
/// whose exclusion was requested get nothing. Stalled imports are not waited for, nor those that began later, which
/// might never end: each batch reads their exclusions.
pub async fn before_start(store: &AccountStore, campaign: &Campaign, now: Timestamp) -> Result<BeforeStart, Error> {
    let count = campaign.count.clone().unwrap_or_default();
    for id in &campaign.settings.lists {
        let list = store.list(id).await?;
        if list.as_ref().is_some_and(|list| list.is_being_imported(now)) {
            return Ok(BeforeStart::Importing);
        }
        if let Some(cause) = count.obstacle(id, list.as_ref()) {
            return Ok(BeforeStart::Obstacle(cause));
        }
    }
    if campaign.settings.kind == Kind::Marketing {
        let start = campaign.due_at.unwrap_or(now) + STARTS_WITHIN;
        let began_before = |list: &List| {
            list.import.as_ref().is_some_and(|import| import.began_at <= start && !import.is_stalled(now))
        };
        if store.exclusion_lists().await?.iter().any(began_before) {
            return Ok(BeforeStart::Importing);
        }
    }
    Ok(BeforeStart::Ready)
}
