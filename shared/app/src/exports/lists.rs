//! The contacts of a list as a sheet.

use aws::files::{self, FileKey, Files};
use contacts::{RowFeed, Sheet};
use domain::list::List;

use super::{CSV, Error};

/// Where the sheet of a list can be downloaded. It is written once for each generation of the list, which must be
/// readable.
pub async fn list(files: &Files, list: &List) -> Result<String, Error> {
    let (account, id, generation) = (list.account.clone(), list.id.clone(), list.generation);
    let export = FileKey::export_of_list(&account, &id, generation);
    if let Err(files::Error::NotFound { .. }) = files.size(&export).await {
        let sheet = sheet_of(files, &FileKey::Contacts { account, list: id, generation }).await?;
        files.put(&export, sheet, CSV).await?;
    }
    Ok(files.download_address(&export, &format!("{}.csv", list.name)).await?)
}

/// A list file as a sheet.
async fn sheet_of(files: &Files, contacts: &FileKey) -> Result<Vec<u8>, Error> {
    let (mut stream, _) = files.stream(contacts).await?;
    let broken = |cause: &dyn std::fmt::Display| Error::Broken { cause: cause.to_string() };
    let mut feed = RowFeed::new();
    let mut sheet: Option<Sheet> = None;
    while !feed.is_closed() {
        match stream.try_next().await.map_err(|error| broken(&error))? {
            Some(chunk) => feed.push(&chunk),
            None => feed.close(),
        }
        let Some(header) = feed.header().map_err(|error| broken(&error))? else { continue };
        let columns = header.columns().iter().map(String::as_str);
        let sheet = sheet.get_or_insert_with(|| Sheet::new(std::iter::once("phone").chain(columns)));
        while let Some(row) = feed.next_row().map_err(|error| broken(&error))? {
            let phone = row.phone.to_string();
            sheet.row(std::iter::once(phone.into()).chain(row.fields()));
        }
    }
    Ok(sheet.map(Sheet::into_bytes).unwrap_or_default())
}
