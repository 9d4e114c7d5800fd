//! `GET /v1/lists/{id}/export` and `/rejects`: files for people, by a redirect to a short-lived address.

use app::exports;
use aws::files::{self, FileKey};
use domain::account::Scope;
use domain::ids::ListId;

use super::contacts::contacts_file;
use super::find;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::failure::not_found;
use crate::gate::{Caller, Id};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/lists/{id}/export", Scope::Read, "The contacts as a CSV that Excel opens well", export)
            .named("export_list")
            .early()
            .answers_empty(303, "To the file", "Vers le fichier"),
        get(
            "/lists/{id}/rejects",
            Scope::Read,
            "The rows that the import rejected: line, column, value, reason",
            rejects,
        )
        .early()
        .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

async fn export(app: App, caller: Caller, Id(id): Id<ListId>) -> Answered {
    let list = find(&app.store_of(&caller), &id).await?;
    contacts_file(&list)?;
    Ok(Answer::see(&exports::list(&app.files, &list).await?))
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
