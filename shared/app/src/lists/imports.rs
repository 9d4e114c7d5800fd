//! Imports of a list: the first one, repeated ones with another column or sheet, and ending one that was cut off.

use aws::files::{self, FileKey, Files};
use aws::store::{self, AccountStore};
use domain::ids::ListId;
use domain::list::{CUT_OFF, Column, IMPORT_STALLED, List, Purpose, Status, UPLOAD_MISSING};
use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, NotAgain};

/// Where the numbers are in an upload; with `None` the import detects it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSource {
    pub phone_column: Option<Column>,
    pub sheet: Option<String>,
}

/// Reads the same upload with another column or sheet, as a new generation. The present file is used until the new one
/// replaces it, and stays if the import fails.
pub(super) async fn import_again(context: &Context, list: List, source: ImportSource) -> Result<List, Error> {
    let Context { store, files, .. } = context;
    let now = context.now();
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
    // Another file under the same key is not the one that the list was read from.
    let is_there = match files.etag(&from).await {
        Ok(etag) => list.source.as_ref().is_none_or(|source| source.etag == etag),
        Err(files::Error::NotFound { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    if !is_there {
        return Err(NotAgain::UploadGone.into());
    }
    // The list first: an upload that the list does not wait for is skipped.
    let asked = List { phone_column: source.phone_column, sheet: source.sheet, ..list.clone().asked(number, now) };
    let asked = begin_import(store, asked, now).await?;
    let etag = list.source.as_ref().map(|source| source.etag.as_str());
    if let Err(error) = files.copy(&from, &upload(number), etag).await {
        let (version, upload) = (asked.version, asked.upload);
        store.put_list(List { version, upload, ..list }).await?;
        return Err(error.into());
    }
    Ok(asked)
}

/// Writes a list that waits for its upload. Dispatch checks whether it arrived, so that after a crash in between the
/// list does not wait forever.
pub(super) async fn begin_import(store: &AccountStore, asked: List, now: Timestamp) -> Result<List, store::Error> {
    store.watch_import(&asked.id, now + UPLOAD_FOLLOWS).await?;
    store.put_list(asked).await
}

/// Longest time until the upload follows: the longest request.
const UPLOAD_FOLLOWS: jiff::SignedDuration = jiff::SignedDuration::from_secs(120);

/// The state of an import that may have been cut off.
#[derive(Debug)]
pub enum Watched {
    /// It is over, or the list is gone.
    Over,
    /// It may still run until then.
    Until(Timestamp),
    /// It failed: the present list.
    Failed(Box<List>),
}

/// Checks an import that may have been cut off, and ends it if so: with a failure that says what to do, and with the
/// earlier file.
pub async fn settle_import(store: &AccountStore, files: &Files, id: &ListId, now: Timestamp) -> Result<Watched, Error> {
    let Some(list) = store.list(id).await? else { return Ok(Watched::Over) };
    let Some(import) = list.import.clone() else { return Ok(Watched::Over) };
    let generation = import.upload;
    let upload = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation };
    let is_missing = match files.etag(&upload).await {
        Ok(_) => false,
        Err(files::Error::NotFound { .. }) => true,
        Err(error) => return Err(error.into()),
    };
    // An attempt that has begun has the file, or reports itself that it is missing.
    let never_came = is_missing && import.generation == 0 && now >= import.began_at + UPLOAD_FOLLOWS;
    if !never_came && !import.is_stalled(now) {
        return Ok(Watched::Until(import.moved_at + IMPORT_STALLED));
    }
    let failure = if is_missing { UPLOAD_MISSING } else { CUT_OFF };
    Ok(Watched::Failed(Box::new(store.put_list(list.failed(failure, Vec::new(), now)).await?)))
}
