//! `GET /v1/lists/{id}/export` and `/rejects`: files for people, by a redirect to a short-lived address.

use shared::contacts::{RowFeed, Sheet};
use shared::domain::account::Scope;
use shared::domain::ids::ListId;
use shared::files::{self, FileKey};

use super::contacts::contacts_file;
use super::find;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::failure::{Failure, not_found};
use crate::gate::{Caller, Id};

pub const CSV: &str = "text/csv; charset=utf-8";

pub fn operations() -> Vec<Operation> {
    vec![
        get("/lists/{id}/export", Scope::Read, "The contacts as a CSV that Excel opens well", export)
            .named("export_list")
            .early()
            .answers_empty(303, "To the file"),
        get(
            "/lists/{id}/rejects",
            Scope::Read,
            "The rows that the import rejected: line, column, value, reason",
            rejects,
        )
        .early()
        .answers_empty(303, "To the file"),
    ]
}

async fn export(app: App, caller: Caller, Id(id): Id<ListId>) -> Answered {
    let list = find(&app.store_of(&caller), &id).await?;
    let contacts = contacts_file(&list)?;
    let export = FileKey::export_of_list(&list.account, &id, list.generation);
    if let Err(files::Error::NotFound { .. }) = app.files.octets(&export).await {
        let sheet = sheet_of(&app, &contacts).await?;
        app.files.put(&export, sheet, CSV).await?;
    }
    Ok(Answer::see(&app.files.download_address(&export, &format!("{}.csv", list.name)).await?))
}

/// A list file as a sheet.
async fn sheet_of(app: &App, contacts: &FileKey) -> Result<Vec<u8>, Failure> {
    let (mut stream, _) = app.files.stream(contacts).await?;
    let broken = |cause: &dyn std::fmt::Display| files::Error::Unavailable {
        verb: "export",
        key: format!("{contacts:?}"),
        cause: cause.to_string(),
    };
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

async fn rejects(app: App, caller: Caller, Id(id): Id<ListId>) -> Answered {
    let list = find(&app.store_of(&caller), &id).await?;
    contacts_file(&list)?;
    let file = FileKey::Rejects { account: list.account.clone(), list: id, generation: list.generation };
    match app.files.octets(&file).await {
        Err(files::Error::NotFound { .. }) => return Err(not_found().into()),
        octets => octets?,
    };
    Ok(Answer::see(&app.files.download_address(&file, &format!("{}-rejects.csv", list.name)).await?))
}
