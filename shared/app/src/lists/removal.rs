//! Which lists are in use, and the removal of one.

use std::collections::HashSet;

use aws::files::{FileKey, Files};
use aws::store::{self, AccountStore};
use domain::campaign::Campaign;
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use jiff::Timestamp;

use crate::actor::Actor;
use crate::context::{Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// Campaigns read at once.
const CAMPAIGNS_AT_ONCE: usize = 200;

/// Removes a list and its files, unless a campaign that is not finished uses it.
pub async fn remove(context: &Context, id: &ListId, expected: &Expected) -> Result<List, Error> {
    let list = super::find(context, id, expected).await?;
    let permit = context.permit(match list.purpose {
        Purpose::Contacts => UseCase::DeleteList,
        Purpose::Exclusions => UseCase::DeleteImportedExclusions,
    })?;
    let noting = permit.noting(id, &list.name);
    remove_with(&context.store, &noting, &context.files, list.clone(), context.now()).await?;
    Ok(list)
}

/// Removes a list that was unused for long. One that is used or changed meanwhile stays: the next check decides.
pub async fn purge(
    actor: &Actor,
    store: &AccountStore,
    files: &Files,
    list: List,
    now: Timestamp,
) -> Result<bool, Error> {
    let noting = store.with_audit(&actor.entry(UseCase::PurgeList, &list.id, &list.name, now)?);
    match remove_with(store, &noting, files, list, now).await {
        Err(Error::ListInUse { .. } | Error::Store(store::Error::Conflict { .. })) => Ok(false),
        removed => removed.map(|()| true),
    }
}

/// Lists of unfinished campaigns.
pub async fn lists_in_use(store: &AccountStore, now: Timestamp) -> Result<HashSet<ListId>, Error> {
    let (mut used, mut after) = (HashSet::new(), None);
    loop {
        let (campaigns, next) = unfinished(store, now, after).await?;
        used.extend(campaigns.into_iter().flat_map(|campaign| campaign.settings.lists));
        match next {
            Some(next) => after = Some(next),
            None => return Ok(used),
        }
    }
}

/// The name of an unfinished campaign that uses a list.
pub async fn campaign_using(store: &AccountStore, list: &ListId, now: Timestamp) -> Result<Option<String>, Error> {
    let mut after = None;
    loop {
        let (campaigns, next) = unfinished(store, now, after).await?;
        if let Some(campaign) = campaigns.into_iter().find(|campaign| campaign.settings.lists.contains(list)) {
            return Ok(Some(campaign.settings.name));
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(None),
        }
    }
}

/// Some unfinished campaigns, and where the next ones begin. They are found by their projections, with a strongly
/// consistent read; there are few, however many campaigns are finished.
async fn unfinished(
    store: &AccountStore,
    now: Timestamp,
    after: Option<String>,
) -> Result<(Vec<Campaign>, Option<String>), store::Error> {
    let page = store.current_campaigns(now, after.as_deref(), CAMPAIGNS_AT_ONCE).await?;
    let campaigns = page.items.into_iter().filter(|campaign| campaign.status.holds_its_lists()).collect();
    Ok((campaigns, page.next))
}

/// Disabled first, so that no campaign begins to use it meanwhile; the item last, so that after a crash the same call
/// completes it. Exclusions stop counting before their files are removed. `noting` writes the audit log entry.
async fn remove_with(
    store: &AccountStore,
    noting: &AccountStore,
    files: &Files,
    list: List,
    now: Timestamp,
) -> Result<(), Error> {
    let before = list.clone();
    let status = if list.status == Status::Ready { Status::Disabled } else { list.status };
    let imported_at = list.imported_at.filter(|_| list.purpose == Purpose::Contacts);
    let list = store.put_list(List { status, imported_at, ..list }).await?;
    if let Some(campaign) = campaign_using(store, &list.id, now).await? {
        store.put_list(List { version: list.version, ..before }).await?;
        return Err(Error::ListInUse { campaign });
    }
    for generation in 1..=list.last_number() {
        let (account, id) = (&list.account, &list.id);
        for key in [
            FileKey::Contacts { account: account.clone(), list: id.clone(), generation },
            FileKey::Rejects { account: account.clone(), list: id.clone(), generation },
            FileKey::Upload { account: account.clone(), list: id.clone(), generation },
            FileKey::export_of_list(account, id, generation),
        ] {
            files.delete(&key).await?;
        }
    }
    store.unwatch_import(&list.id).await?;
    Ok(noting.delete_list(&list).await?)
}
