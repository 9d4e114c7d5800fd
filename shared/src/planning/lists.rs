//! Whether a list is in use, its removal, and its import anew.

use std::collections::HashSet;

use super::Error;
use crate::audience;
use crate::domain::ids::ListId;
use crate::domain::list::{Column, List, Purpose, Status};
use crate::files::{self, FileKey, Files};
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

/// Where the numbers stand in an upload; `None` lets the import find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub phone_column: Option<Column>,
    pub sheet: Option<String>,
}

/// Why an upload is not read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    /// Its numbers would not be excluded meanwhile.
    #[error("exclusions are imported anew instead")]
    Exclusions,
    #[error("the list is being imported")]
    Importing,
    #[error("the uploaded file is no longer kept")]
    UploadGone,
}

/// Reads the same upload at another place, as a new generation: files of a generation never change.
pub async fn import_again(store: &AccountStore, files: &Files, list: List, place: Place) -> Result<List, Error> {
    if list.purpose == Purpose::Exclusions {
        return Err(NotAgain::Exclusions.into());
    }
    match list.status {
        Status::Ready | Status::Failed | Status::Disabled => {}
        Status::AwaitingUpload | Status::Importing => return Err(NotAgain::Importing.into()),
    }
    let upload = |generation| FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation };
    let (from, to) = (upload(list.generation), upload(list.generation + 1));
    if let Err(files::Error::NotFound { .. }) = files.octets(&from).await {
        return Err(NotAgain::UploadGone.into());
    }
    let again = List {
        phone_column: place.phone_column,
        sheet: place.sheet,
        generation: list.generation + 1,
        status: Status::Importing,
        done_per_mille: 0,
        failure: None,
        ..list.clone()
    };
    // The list first: an upload whose generation the list does not have is passed over.
    let written = store.put_list(again).await?;
    if let Err(error) = files.copy(&from, &to).await {
        let version = written.version;
        store.put_list(List { version, ..list }).await?;
        return Err(audience::Error::from(error).into());
    }
    Ok(written)
}
