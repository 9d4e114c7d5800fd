//! Whether a campaign may start now: its lists are what was validated, and no import is under way that would change whom it
//! is sent to.

use aws::store::AccountStore;
use domain::campaign::{Campaign, Kind, PauseCause};
use domain::list::List;
use jiff::Timestamp;

use super::Error;

/// A campaign starts up to so long after it was due: the tick that finds it.
const STARTS_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// What is found before a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeforeStart {
    Ready,
    /// An import is worth waiting for.
    Importing,
    /// The campaign would not be sent to what was validated.
    Obstacle(PauseCause),
}

/// Looks at the lists of a campaign, and for marketing at the imports of exclusions that began before its start: numbers
/// whose exclusion somebody has asked for get nothing. Imports that have stalled are not waited for, nor those that began
/// later, of which there could always be one more: each batch looks for what they bring.
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
