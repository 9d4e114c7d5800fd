//! Imports one upload.

use bytes::Bytes;
use shared::contacts::{self, ImportFailure, Imported, Options};
use shared::domain::country::Country;
use shared::domain::ids::{AccountId, ListId};
use shared::domain::list::{List, Status};
use shared::files::{FileKey, UPLOAD_OCTETS_MAX};
use shared::store::{self, AccountStore};
use shared::webhooks::{Announcer, list_event};
use tracing::{info, warn};

use crate::{App, Error, report};

/// Somebody renaming the list meanwhile is no reason to give up.
const TRIES: u32 = 5;
/// Columns or sheets that a failure names at most.
const NAMES_MAX: usize = 50;
/// How far an import is when the file is there, and when it was read, in thousandths.
const FETCHED_PER_MILLE: u16 = 300;
const READ_PER_MILLE: u16 = 700;

/// Imports the upload under a key; answers its rows, or `None` for a file that cannot be imported. A key that is none of
/// ours, or of an older upload, is passed over. `told_at` is when S3 saw it, the same however often it tells.
pub async fn import(app: &App, key: &str, told_at: jiff::Timestamp) -> Result<Option<u64>, Error> {
    let Some(FileKey::Upload { account, list, generation }) = FileKey::of_upload(key) else {
        warn!("a file that is not an upload was announced");
        return Ok(Some(0));
    };
    let store = app.store.account(&account);
    let begun = update(&store, &list, generation, |list| {
        list.status = Status::Importing;
        list.done_per_mille = 0;
        list.failure = None;
        list.failure_names.clear();
    });
    let Some(found) = begun.await? else { return Ok(Some(0)) };
    let result = read(app, &store, &found, generation).await?;
    let now = app.clock.now();
    let rows = result.as_ref().ok().map(|imported| imported.report.rows);
    let done = match result {
        Ok(imported) => write(app, &store, &account, &found, generation, imported).await?,
        Err(Refused { failure, sheets }) => {
            info!(account.id = %account, list.id = %list, reason = failure.code(), "a file cannot be imported");
            let failed = update(&store, &list, generation, |list| {
                list.status = Status::Failed;
                list.failure = Some(failure.code().into());
                list.sheets.clone_from(&sheets);
                list.failure_names = failure.names().iter().take(NAMES_MAX).cloned().collect();
                list.modified_at = now;
            });
            failed.await?
        }
    };
    // After the list says so, and before S3's call counts as done: cut off in between, the import is done again and
    // tells the same.
    if let Some(list) = done {
        let announcer = Announcer { store: &store, queues: &app.queues, now: app.clock.now() };
        announcer.announce(&[list_event(&list, told_at)]).await?;
    }
    Ok(rows)
}

/// A file that gives no list, and the sheets that it has: perhaps the numbers stand in another one.
struct Refused {
    failure: ImportFailure,
    sheets: Vec<String>,
}

/// Fetches the file and reads it, off the threads that serve others.
async fn read(
    app: &App,
    store: &AccountStore,
    list: &List,
    generation: u32,
) -> Result<Result<Imported, Refused>, Error> {
    let key = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation };
    let octets = app.files.octets(&key).await?;
    if octets > UPLOAD_OCTETS_MAX {
        let failure = ImportFailure::TooLarge { octets, limit: UPLOAD_OCTETS_MAX };
        return Ok(Err(Refused { failure, sheets: Vec::new() }));
    }
    let file = app.files.get(&key).await?;
    update(store, &list.id, generation, |list| list.done_per_mille = FETCHED_PER_MILLE).await?;
    let country = Country::from_code(&list.country).unwrap_or_default();
    let header = list.is_pasted.then_some(false);
    let (phone_column, sheet) = (list.phone_column.clone(), list.sheet.clone());
    let options = Options { country, phone_column, sheet, header, ..Options::default() };
    let import = move || {
        // A text is not held on to: it is large, and may be dropped as soon as it is decoded.
        let workbook = contacts::is_workbook(&file).then(|| file.clone());
        contacts::import(file, &options).map_err(|failure| Refused {
            failure,
            sheets: workbook.map(|file| contacts::sheets(file, &options.limits)).unwrap_or_default(),
        })
    };
    tokio::task::spawn_blocking(import).await.map_err(|_| Error::CutOff)
}

/// Stores contacts and rejects, then says that the list is ready: files first, or a reader would find none.
async fn write(
    app: &App,
    store: &AccountStore,
    account: &AccountId,
    list: &List,
    generation: u32,
    imported: Imported,
) -> Result<Option<List>, Error> {
    update(store, &list.id, generation, |list| list.done_per_mille = READ_PER_MILLE).await?;
    let Imported { report, sheets, rejects, contacts } = imported;
    let contacts =
        tokio::task::spawn_blocking(|| Bytes::from(contacts.into_bytes())).await.map_err(|_| Error::CutOff)?;
    let (account, id) = (account.clone(), list.id.clone());
    let contacts_key = FileKey::Contacts { account: account.clone(), list: id.clone(), generation };
    let rejects_key = FileKey::Rejects { account, list: id.clone(), generation };
    let (contacts_written, rejects_written) = tokio::join!(
        app.files.put(&contacts_key, contacts, "text/csv; charset=utf-8"),
        app.files.put(&rejects_key, rejects, "text/csv; charset=utf-8"),
    );
    contacts_written?;
    rejects_written?;
    let excluded = report::excluded(app, store, list, contacts_key).await?;
    let (text, now) = (report::json(&report, excluded), app.clock.now());
    let ready = update(store, &id, generation, |list| {
        list.status = Status::Ready;
        list.done_per_mille = 1_000;
        list.report = Some(text.clone());
        list.sheets.clone_from(&sheets);
        list.contacts = report.contacts;
        list.imported_at = Some(now);
        list.modified_at = now;
    });
    let ready = ready.await?;
    if ready.is_some() {
        info!(list.id = %id, rows = report.rows, contacts = report.contacts, "list imported");
    }
    Ok(ready)
}

/// Changes a list that still waits for this upload; `None` when it is gone or a newer upload has come.
async fn update(
    store: &AccountStore,
    id: &ListId,
    generation: u32,
    change: impl Fn(&mut List),
) -> Result<Option<List>, store::Error> {
    let mut tries = 0;
    loop {
        let Some(mut list) = store.list(id).await?.filter(|list| list.generation == generation) else {
            return Ok(None);
        };
        change(&mut list);
        match store.put_list(list).await {
            Err(store::Error::Conflict { .. }) if tries < TRIES => tries += 1,
            written => return written.map(Some),
        }
    }
}
