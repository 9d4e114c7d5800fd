//! Whether a list is in use, its removal, its import anew, and the end of an import that was cut off.

use std::collections::HashSet;

use aws::files::{self, FileKey, Files};
use aws::store::{self, AccountStore};
use domain::campaign::{Campaign, Count, CountedList};
use domain::ids::ListId;
use domain::list::{CUT_OFF, Column, IMPORT_STALLED, List, Purpose, Status, UPLOAD_MISSING};
use jiff::Timestamp;

use super::{Error, Planner, check};
use crate::audience;

/// Campaigns read at once.
const CAMPAIGNS_AT_ONCE: usize = 200;

/// Lists of campaigns that are not finished.
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

/// The name of a campaign that is not finished and uses a list.
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

/// Some campaigns that are not finished, and where the next ones begin. They are found by their cards, which a strongly
/// consistent read shows and of which there are few, however many campaigns are over.
async fn unfinished(
    store: &AccountStore,
    now: Timestamp,
    after: Option<String>,
) -> Result<(Vec<Campaign>, Option<String>), store::Error> {
    let page = store.current_campaigns(now, after.as_deref(), CAMPAIGNS_AT_ONCE).await?;
    let campaigns = page.items.into_iter().filter(|campaign| campaign.status.holds_its_lists()).collect();
    Ok((campaigns, page.next))
}

/// Removes a list and every file of it, unless a campaign that is not finished uses it. Disabled first, so that none
/// begins to meanwhile; the item last, so that after a crash the same call ends it. Exclusions count no more before
/// their files go.
pub async fn remove_list(store: &AccountStore, files: &Files, list: List, now: Timestamp) -> Result<(), Error> {
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
            files.delete(&key).await.map_err(audience::Error::from)?;
        }
    }
    store.unwatch_import(&list.id).await?;
    Ok(store.delete_list(&list).await?)
}

impl Planner {
    /// A campaign that was paused because its lists are not what was validated, bound to what they are now: its start
    /// counts and reserves anew. Blocked while one cannot be used or lacks a column that the message needs.
    pub(super) async fn bind_lists(&self, campaign: Campaign, now: Timestamp) -> Result<Campaign, Error> {
        let lists = self.lists_of(&campaign).await?;
        let blockers = check::of_lists(&campaign.settings.message, &lists);
        if !blockers.is_empty() {
            return Err(Error::Blocked { campaign: campaign.id, blockers });
        }
        let lists = lists.iter().filter_map(|(_, list)| Some(CountedList::new(list.as_ref()?))).collect();
        let count = campaign.count.clone().map(|count| Count { lists, ..count });
        Ok(Campaign { count, due_at: Some(now), ..campaign })
    }
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

/// Reads the same upload at another place, as a new generation. The file that stands is read until the new one replaces
/// it, and stays if there comes none.
pub async fn import_again(
    store: &AccountStore,
    files: &Files,
    list: List,
    place: Place,
    now: Timestamp,
) -> Result<List, Error> {
    if list.purpose == Purpose::Exclusions {
        return Err(NotAgain::Exclusions.into());
    }
    match list.status {
        Status::Ready | Status::Failed | Status::Disabled => {}
        Status::AwaitingUpload | Status::Importing => return Err(NotAgain::Importing.into()),
    }
    let upload = |generation| FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation };
    let read = list.source.as_ref().map_or(list.upload, |source| source.number);
    let (from, number) = (upload(read), list.upload + 1);
    // Another file under the same key is not the one that the list is of.
    let is_there = match files.etag(&from).await {
        Ok(etag) => list.source.as_ref().is_none_or(|source| source.etag == etag),
        Err(files::Error::NotFound { .. }) => false,
        Err(error) => return Err(audience::Error::from(error).into()),
    };
    if !is_there {
        return Err(NotAgain::UploadGone.into());
    }
    // The list first: an upload that the list does not wait for is passed over.
    let asked = List { phone_column: place.phone_column, sheet: place.sheet, ..list.clone().asked(number, now) };
    let asked = begin_import(store, asked, now).await?;
    let etag = list.source.as_ref().map(|source| source.etag.as_str());
    if let Err(error) = files.copy(&from, &upload(number), etag).await {
        let (version, upload) = (asked.version, asked.upload);
        store.put_list(List { version, upload, ..list }).await?;
        return Err(audience::Error::from(error).into());
    }
    Ok(asked)
}

/// Writes a list whose import was asked for and whose upload follows. Dispatch looks whether it came: a crash in between
/// leaves no list that waits for ever.
pub async fn begin_import(store: &AccountStore, asked: List, now: Timestamp) -> Result<List, store::Error> {
    store.watch_import(&asked.id, now + UPLOAD_FOLLOWS).await?;
    store.put_list(asked).await
}

/// An upload follows the list that waits for it within the request that asked, of which none has longer.
const UPLOAD_FOLLOWS: jiff::SignedDuration = jiff::SignedDuration::from_secs(120);

/// What became of an import that may have been cut off.
#[derive(Debug)]
pub enum Watched {
    /// It is over, or the list is gone.
    Over,
    /// Nothing is wrong until then.
    Until(Timestamp),
    /// It came to nothing: the list as it is now.
    Failed(Box<List>),
}

/// Looks at an import that may have been cut off, and ends it if it was: with a failure that says what to do, and with
/// the file that stood before.
pub async fn settle_import(store: &AccountStore, files: &Files, id: &ListId, now: Timestamp) -> Result<Watched, Error> {
    let Some(list) = store.list(id).await? else { return Ok(Watched::Over) };
    let Some(import) = list.import.clone() else { return Ok(Watched::Over) };
    let generation = import.upload;
    let upload = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation };
    let is_missing = match files.etag(&upload).await {
        Ok(_) => false,
        Err(files::Error::NotFound { .. }) => true,
        Err(error) => return Err(audience::Error::from(error).into()),
    };
    // An attempt that has begun has the file, or says itself that it is missing.
    let never_came = is_missing && import.generation == 0 && now >= import.began_at + UPLOAD_FOLLOWS;
    if !never_came && !import.is_stalled(now) {
        return Ok(Watched::Until(import.moved_at + IMPORT_STALLED));
    }
    let failure = if is_missing { UPLOAD_MISSING } else { CUT_OFF };
    Ok(Watched::Failed(Box::new(store.put_list(list.failed(failure, Vec::new(), now)).await?)))
}
