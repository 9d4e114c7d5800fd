//! Imports one upload.

use app::audience;
use app::webhooks::{Announcer, list_event};
use aws::files::{self, Fetched, FileKey, UPLOAD_BYTES_MAX};
use aws::store::{self, AccountStore};
use bytes::Bytes;
use contacts::{ImportError, Imported, Options};
use domain::country::Country;
use domain::ids::ListId;
use domain::import_report::ImportReport;
use domain::list::{Arrival, IMPORT_STALLED, List, Purpose, UPLOAD_MISSING, Upload};
use tracing::{info, warn};

use crate::{App, Error};

/// Most columns or sheets named in a failure.
const NAMES_MAX: usize = 50;
/// Progress of an import once the file is fetched, and once it is read, in thousandths.
const FETCHED_PER_MILLE: u16 = 300;
const READ_PER_MILLE: u16 = 700;

/// Imports the upload under a key; returns its rows, or `None` for a file that cannot be imported. Keys of another
/// form, older uploads and imported uploads are skipped: the imported file stays valid, whatever is under the key by
/// now. `told_at` is the time of the S3 event, the same at every repetition.
pub async fn import(app: &App, key: &str, told_at: jiff::Timestamp) -> Result<Option<u64>, Error> {
    let Some(FileKey::Upload { account, list, generation: number }) = FileKey::of_upload(key) else {
        warn!("a file that is not an upload was announced");
        return Ok(Some(0));
    };
    let store = app.store.account(&account);
    let Some(found) = store.list(&list).await? else { return Ok(Some(0)) };
    match found.arrival(number) {
        Arrival::Wanted => {}
        Arrival::Stands => return stands(app, &store, &found, told_at).await.map(|()| Some(0)),
        Arrival::Old => return Ok(Some(0)),
    }
    store.watch_import(&list, app.clock.now() + IMPORT_STALLED).await?;
    let Some(attempt) = Attempt::begin(app, &store, &list, number).await? else { return Ok(Some(0)) };
    let result = attempt.read().await?;
    let rows = result.as_ref().ok().map(|(imported, _)| imported.report.rows);
    let done = match result {
        Ok((imported, source)) => attempt.write(imported, source).await?,
        Err(refused) => attempt.refuse(&refused).await?,
    };
    // After the list is updated, and before S3's event counts as processed: after a crash in between the event comes
    // again and announces the same.
    if let Some(list) = done {
        store.unwatch_import(&list.id).await?;
        announce(app, &store, &list, told_at).await?;
    }
    Ok(rows)
}

async fn announce(app: &App, store: &AccountStore, list: &List, told_at: jiff::Timestamp) -> Result<(), Error> {
    let announcer = Announcer { store, queues: &app.queues, now: app.clock.now() };
    Ok(announcer.announce(&[list_event(list, told_at)]).await?)
}

/// Announces an imported upload again.
async fn stands(app: &App, store: &AccountStore, list: &List, told_at: jiff::Timestamp) -> Result<(), Error> {
    let Some(source) = &list.source else { return Ok(()) };
    let (account, id, generation) = (list.account.clone(), list.id.clone(), source.number);
    match app.files.etag(&FileKey::Upload { account, list: id, generation }).await {
        Ok(etag) if list.is_announced_again(&etag) => announce(app, store, list, told_at).await,
        Ok(_) => {
            warn!(account.id = %list.account, list.id = %list.id, "an imported list accepts no other file");
            Ok(())
        }
        Err(files::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A file that gives no list: the failure, the columns or sheets that exist, and all sheets, as the numbers may be in
/// another one.
struct Refused {
    failure: &'static str,
    names: Vec<String>,
    sheets: Vec<String>,
}

impl Refused {
    fn new(failure: &ImportError, sheets: Vec<String>) -> Self {
        let names = failure.names().iter().take(NAMES_MAX).cloned().collect();
        Self { failure: failure.code(), names, sheets }
    }
}

/// Options for reading the file of a list.
fn options(list: &List) -> Options {
    Options {
        country: Country::from_code(&list.country).unwrap_or_default(),
        phone_column: list.phone_column.clone(),
        sheet: list.sheet.clone(),
        // Pasted values have no header; for a file it is detected.
        header: list.is_pasted.then_some(false),
        ..Options::default()
    }
}

/// One attempt at an import. It writes its own files, and counts only while it is the newest.
struct Attempt<'a> {
    app: &'a App,
    store: &'a AccountStore,
    /// The list as it was when the attempt began.
    list: List,
    upload: u32,
    generation: u32,
}

impl<'a> Attempt<'a> {
    /// Takes the next generation for an attempt; `None` if the list is gone or no longer waits for the upload.
    async fn begin(
        app: &'a App,
        store: &'a AccountStore,
        id: &ListId,
        upload: u32,
    ) -> Result<Option<Self>, store::Error> {
        let begun = store.change_list(id, |list| list.begun(upload, app.clock.now()));
        Ok(begun.await?.map(|list| Self { app, store, generation: list.attempts, list, upload }))
    }

    /// Changes the list while this is the newest attempt.
    async fn update(&self, change: impl Fn(List) -> List) -> Result<Option<List>, store::Error> {
        let change = |list: List| list.is_attempting(self.generation).then(|| change(list));
        self.store.change_list(&self.list.id, change).await
    }

    /// Fetches and reads the file, on a blocking thread.
    async fn read(&self) -> Result<Result<(Imported, Upload), Refused>, Error> {
        let list = &self.list;
        let key = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation: self.upload };
        let Fetched { body, size, etag } = match self.app.files.fetch(&key).await {
            Err(files::Error::NotFound { .. }) => {
                return Ok(Err(Refused { failure: UPLOAD_MISSING, names: Vec::new(), sheets: Vec::new() }));
            }
            fetched => fetched?,
        };
        if size > UPLOAD_BYTES_MAX {
            let failure = ImportError::TooLarge { size, limit: UPLOAD_BYTES_MAX };
            return Ok(Err(Refused::new(&failure, Vec::new())));
        }
        let file = body.collect().await.map_err(|_| Error::CutOff)?.into_bytes();
        self.update(|list| list.moved(FETCHED_PER_MILLE, self.app.clock.now())).await?;
        let options = options(list);
        let import = move || {
            // A text is not kept: it is large, and can be dropped as soon as it is decoded.
            let workbook = contacts::is_workbook(&file).then(|| file.clone());
            contacts::import(file, &options).map_err(|failure| {
                let sheets = workbook.map(|file| contacts::sheets(file, &options.limits)).unwrap_or_default();
                Refused::new(&failure, sheets)
            })
        };
        let imported = tokio::task::spawn_blocking(import).await.map_err(|_| Error::CutOff)?;
        Ok(imported.map(|imported| (imported, Upload { number: self.upload, etag })))
    }

    /// Stores contacts and rejects, then marks the list as ready: files first, so that readers always find them.
    async fn write(&self, imported: Imported, source: Upload) -> Result<Option<List>, Error> {
        self.update(|list| list.moved(READ_PER_MILLE, self.app.clock.now())).await?;
        let Imported { report, sheets, rejects, contacts } = imported;
        let purpose = self.list.purpose;
        let write = move || match purpose {
            Purpose::Contacts => contacts.into_bytes(),
            // Other fields are never read, and a file of numbers alone can be searched.
            Purpose::Exclusions => contacts.into_numbers(),
        };
        let contacts = Bytes::from(tokio::task::spawn_blocking(write).await.map_err(|_| Error::CutOff)?);
        let (account, id, generation) = (self.list.account.clone(), self.list.id.clone(), self.generation);
        let contacts_key = FileKey::Contacts { account: account.clone(), list: id.clone(), generation };
        let rejects_key = FileKey::Rejects { account, list: id.clone(), generation };
        let files = &self.app.files;
        let (contacts_written, rejects_written) = tokio::join!(
            files.put(&contacts_key, contacts, "text/csv; charset=utf-8"),
            files.put(&rejects_key, rejects, "text/csv; charset=utf-8"),
        );
        contacts_written?;
        rejects_written?;
        let excluded = self.excluded(contacts_key.clone()).await?;
        let report = ImportReport { excluded, ..report };
        let ready = self.update(|list| List {
            report: Some(report.clone()),
            sheets: sheets.clone(),
            contacts: report.contacts,
            ..list.imported(source.clone(), self.app.clock.now())
        });
        let ready = ready.await?;
        match ready {
            Some(_) => info!(list.id = %id, rows = report.rows, contacts = report.contacts, "list imported"),
            // A newer attempt writes its own files.
            None => {
                files.delete(&contacts_key).await?;
                files.delete(&rejects_key).await?;
            }
        }
        Ok(ready)
    }

    /// How many of the contacts just written are excluded now. An import of exclusions excludes them all.
    async fn excluded(&self, contacts: FileKey) -> Result<u64, Error> {
        match self.list.purpose {
            Purpose::Exclusions => Ok(0),
            Purpose::Contacts => Ok(audience::excluded_of(self.store, &self.app.files, contacts).await?),
        }
    }

    /// Stores why there is no list, or none that replaces the earlier file.
    async fn refuse(&self, refused: &Refused) -> Result<Option<List>, Error> {
        let Refused { failure, names, sheets } = refused;
        info!(account.id = %self.list.account, list.id = %self.list.id, reason = failure, "a file cannot be imported");
        let refuse = |list: List| list.refused(failure, names.clone(), sheets.clone(), self.app.clock.now());
        Ok(self.update(refuse).await?)
    }
}

#[cfg(test)]
mod tests {
    use domain::list::Column;

    use super::*;

    #[test]
    fn a_file_is_read_as_its_list_says() {
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "lst_00000000000000000001".parse().unwrap());
        let list =
            List::awaiting(account, id, String::new(), Purpose::Contacts, String::new(), jiff::Timestamp::UNIX_EPOCH);
        let found_out = options(&list);
        assert_eq!((found_out.country, found_out.header), (Country::France, None));
        assert_eq!((found_out.phone_column, found_out.sheet), (None, None));
        let chosen = List {
            country: "BE".into(),
            phone_column: Some(Column::Index(2)),
            sheet: Some("Clients".into()),
            is_pasted: true,
            ..list
        };
        let options = options(&chosen);
        assert_eq!((options.country, options.header), (Country::Belgium, Some(false)));
        assert_eq!((options.phone_column, options.sheet.as_deref()), (Some(Column::Index(2)), Some("Clients")));
    }

    #[test]
    fn a_failure_names_fifty_columns_at_most() {
        let columns = (0..256).map(|number| format!("column_{number}")).collect();
        let refused = Refused::new(&ImportError::NoPhoneColumn { columns }, vec!["Clients".into()]);
        assert_eq!((refused.failure, refused.names.len(), refused.sheets.len()), ("no_phone_column", NAMES_MAX, 1));
        assert_eq!(refused.names[0], "column_0");
        let refused = Refused::new(&ImportError::EmptyFile, Vec::new());
        assert_eq!((refused.failure, refused.names.len()), ("empty_file", 0));
    }
}
