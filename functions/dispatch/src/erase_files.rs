//! Removes a number from the files of one list or one campaign.

use app::audience::AudienceRows;
use aws::files::{self, FileKey};
use aws::store::AccountStore;
use contacts::{ListEraser, audience_without, sheet_without};
use domain::campaign::{Campaign, Status};
use domain::import_report::ImportReport;
use domain::list::{self, List};
use domain::phone::PhoneNumber;

use crate::{App, Error, report};

const CSV: &str = "text/csv; charset=utf-8";

/// Result of searching for the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EraseOutcome {
    Nothing,
    Erased,
    /// It may be there, and the files are in use.
    InUse,
}

fn broken(cause: &dyn std::fmt::Display) -> Error {
    app::audience::Error::Broken { cause: cause.to_string() }.into()
}

/// Processes every generation of a list: contacts, rejects, and the upload if either contained the number.
pub async fn of_list(app: &App, store: &AccountStore, list: &List, phone: PhoneNumber) -> Result<EraseOutcome, Error> {
    if list.status == list::Status::Importing {
        return Ok(EraseOutcome::InUse);
    }
    let mut outcome = EraseOutcome::Nothing;
    for generation in 1..=list.last_number() {
        let (account, id) = (list.account.clone(), list.id.clone());
        let contacts_key = FileKey::Contacts { account: account.clone(), list: id.clone(), generation };
        let rejects_key = FileKey::Rejects { account: account.clone(), list: id.clone(), generation };
        let (rows, contacts) = contacts_without(app, &contacts_key, phone).await?;
        let rejects = rejects_without(app, &rejects_key, phone).await?;
        if contacts.is_some() || rejects.is_some() {
            outcome = EraseOutcome::Erased;
            // Derived files and the upload first, the contacts last: after a crash the contacts still show that this is
            // to be done. The upload is deleted, because it cannot be rewritten without the number.
            app.files.delete(&FileKey::export_of_list(&account, &id, generation)).await?;
            app.files.delete(&FileKey::Upload { account, list: id, generation }).await?;
        }
        for (key, without) in [(rejects_key, rejects), (contacts_key, contacts)] {
            if let Some(without) = without {
                app.files.put(&key, without, CSV).await?;
            }
        }
        if let Some(rows) = rows.filter(|_| generation == list.generation) {
            counted(store, list, rows).await?;
        }
    }
    Ok(outcome)
}

/// The remaining number of rows, if there is such a file, and the file without the number if it contained it.
async fn contacts_without(
    app: &App,
    key: &FileKey,
    phone: PhoneNumber,
) -> Result<(Option<u64>, Option<Vec<u8>>), Error> {
    let mut stream = match app.files.stream(key).await {
        Err(files::Error::NotFound { .. }) => return Ok((None, None)),
        opened => opened?.0,
    };
    let mut eraser = ListEraser::new(phone);
    while let Some(chunk) = stream.try_next().await.map_err(|error| broken(&error))? {
        eraser.push(Some(&chunk)).map_err(|error| broken(&error))?;
    }
    eraser.push(None).map_err(|error| broken(&error))?;
    let (rows, without) = eraser.finish();
    Ok((Some(rows), without))
}

async fn rejects_without(app: &App, key: &FileKey, phone: PhoneNumber) -> Result<Option<Vec<u8>>, Error> {
    match app.files.get(key).await {
        Err(files::Error::NotFound { .. }) => Ok(None),
        sheet => Ok(sheet_without(&sheet?, phone)),
    }
}

/// Updates the number of contacts of a list and of its report. After a crash this is detected and repeated.
async fn counted(store: &AccountStore, list: &List, rows: u64) -> Result<(), Error> {
    let counted = store.change_list(&list.id, |present| {
        if present.contacts == rows || present.generation != list.generation || !present.is_readable() {
            return None;
        }
        let report = present.report.map(|report| ImportReport { contacts: rows, ..report });
        Some(List { contacts: rows, report, ..present })
    });
    counted.await?;
    Ok(())
}

/// Processes audience, report and batches of a campaign that has been cut into batches.
pub async fn of_campaign(
    app: &App,
    store: &AccountStore,
    campaign: &Campaign,
    phone: PhoneNumber,
) -> Result<EraseOutcome, Error> {
    let Some(batch) = store.batch_that_may_hold(&campaign.id, phone).await? else { return Ok(EraseOutcome::Nothing) };
    let mut others = Vec::new();
    // When the file has expired, the number can only be the last one of a batch.
    if let Some(rows) = AudienceRows::read_if_kept(&app.files, campaign, &batch).await? {
        for pair in rows.of(&batch) {
            others.push(pair?.0.phone);
        }
    }
    let is_in_file = others.contains(&phone);
    if !is_in_file && ![batch.phones.start(), batch.phones.end()].contains(&&phone) {
        return Ok(EraseOutcome::Nothing);
    }
    if campaign.status != Status::Finished {
        return Ok(EraseOutcome::InUse);
    }
    if is_in_file {
        // The report before the audience, which shows after a crash that this is still to be done.
        report::write_without(app, campaign, Some(phone)).await?;
        let key = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
        let audience = app.files.get(&key).await?;
        if let Some(without) = audience_without(&audience, phone).map_err(|error| broken(&error))? {
            app.files.put(&key, without, CSV).await?;
        }
    }
    // Finally the range of the batch: the nearest remaining numbers.
    others.retain(|other| *other != phone && !other.is_placeholder());
    let placeholder = phone.placeholder();
    let ends = others.first().copied().unwrap_or(placeholder)..=others.last().copied().unwrap_or(placeholder);
    store.put_batch_ends(&campaign.id, batch.number, ends).await?;
    Ok(EraseOutcome::Erased)
}
