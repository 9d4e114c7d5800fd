//! Whether a list is in use, and its removal.

use std::collections::HashSet;

use super::Error;
use crate::audience;
use crate::domain::ids::ListId;
use crate::domain::list::{List, Status};
use crate::files::{FileKey, Files};
use crate::store::AccountStore;

/// Campaigns read at once.
const CAMPAIGNS_AT_ONCE: usize = 200;

/// Lists of campaigns that are not finished.
pub async fn lists_in_use(store: &AccountStore) -> Result<HashSet<ListId>, Error> {
    let (mut used, mut after) = (HashSet::new(), None);
    loop {
        let page = store.campaigns(after.as_deref(), CAMPAIGNS_AT_ONCE).await?;
        let unfinished = page.items.into_iter().filter(|campaign| campaign.status.holds_its_lists());
        used.extend(unfinished.flat_map(|campaign| campaign.settings.lists));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(used),
        }
    }
}

/// The name of a campaign that is not finished and uses a list.
pub async fn campaign_using(store: &AccountStore, list: &ListId) -> Result<Option<String>, Error> {
    let mut after = None;
    loop {
        let page = store.campaigns(after.as_deref(), CAMPAIGNS_AT_ONCE).await?;
        let uses = |campaign: &&crate::domain::campaign::Campaign| {
            campaign.status.holds_its_lists() && campaign.settings.lists.contains(list)
        };
        if let Some(campaign) = page.items.iter().find(uses) {
            return Ok(Some(campaign.settings.name.clone()));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(None),
        }
    }
}

/// Removes a list and every file of it, unless a campaign that is not finished uses it. Disabled first, so that none
/// begins to meanwhile; the item last, so that after a crash the same call ends it.
pub async fn remove_list(store: &AccountStore, files: &Files, list: List) -> Result<(), Error> {
    let before = list.status;
    let status = if before == Status::Ready { Status::Disabled } else { before };
    let list = store.put_list(List { status, ..list }).await?;
    if let Some(campaign) = campaign_using(store, &list.id).await? {
        store.put_list(List { status: before, ..list }).await?;
        return Err(Error::ListInUse { campaign });
    }
    for generation in 1..=list.generation {
        let (account, id) = (&list.account, &list.id);
        for key in [
            FileKey::Contacts { account: account.clone(), list: id.clone(), generation },
            FileKey::Rejects { account: account.clone(), list: id.clone(), generation },
            FileKey::Upload { account: account.clone(), list: id.clone(), generation },
            FileKey::export_of_list(account, id, generation),
        ] {
            files.delete(&key).await.map_err(audience::Error::from)?;
        }
    }
    Ok(store.delete_list(&list).await?)
}
