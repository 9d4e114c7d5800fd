//! Campaigns: drafts and their settings, what they will cost, the commands that move them, what became of them.

mod check;
mod command;
mod draft;
mod estimate;
mod page;
mod recipients;
mod retry;
mod settings;
mod stats;
mod trial;
mod view;
mod words;

use app::planning::Planner;
use aws::store::{self, AccountStore};
use domain::campaign::Campaign;
use domain::ids::CampaignId;

use crate::App;
use crate::contract::operation::Operation;
use crate::failure::{Failure, not_found};
use crate::gate::{Caller, IfMatch};

pub fn operations() -> Vec<Operation> {
    let rooms = [
        page::operations(),
        draft::operations(),
        estimate::operations(),
        command::operations(),
        stats::operations(),
        recipients::operations(),
        retry::operations(),
        trial::operations(),
    ];
    rooms.into_iter().flatten().collect()
}

/// A campaign of the account.
async fn find(store: &AccountStore, id: &CampaignId) -> Result<Campaign, Failure> {
    store.campaign(id).await?.ok_or_else(|| not_found().into())
}

/// What would become of the caller's campaigns, and the commands that move them.
pub fn planner(app: &App, caller: &Caller) -> Planner {
    let (store, files, queues) = (app.store_of(caller), app.files.clone(), app.queues.clone());
    Planner { store, files, queues, short_url: app.short_url.to_string() }
}

/// Times that a change is tried again when somebody else was faster.
const TRIES_MAX: u32 = 6;

/// Counts tries of one change. Dispatch writes to a campaign too while it runs, so a lost race is no reason to give up:
/// what stands then decides whether the change is still allowed.
#[derive(Debug, Default)]
struct Tries(u32);

impl Tries {
    /// Whether to read again and try again.
    fn again<T>(&mut self, tried: &Result<T, Failure>) -> bool {
        self.0 += 1;
        matches!(tried, Err(Failure::Store(store::Error::Conflict { .. }))) && self.0 < TRIES_MAX
    }
}

/// The campaign as it stands, if it is one that the request means.
async fn current(store: &AccountStore, id: &CampaignId, if_match: &IfMatch) -> Result<Campaign, Failure> {
    let found = find(store, id).await?;
    if_match.holds(found.version)?;
    Ok(found)
}
