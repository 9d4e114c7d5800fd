//! `GET /v1/lists/{id}/export` and `/rejects`: files for people, by a redirect to a short-lived URL.

use app::exports;
use app::{Context, UseCase};
use aws::files::{self, FileKey};
use domain::ids::ListId;

use super::contacts::contacts_file;
use super::find;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::error::not_found;
use crate::gate::Id;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/lists/{id}/export", UseCase::ReadLists, export)
            .summary("The contacts as a CSV that Excel opens well", "Les contacts en CSV, que lit bien un tableur")
            .named("export_list")
            .conflict_before_ready()
            .answers_empty(303, "To the file", "Vers le fichier"),
        get("/lists/{id}/rejects", UseCase::ReadLists, rejects)
            .summary(
                "The rows that the import rejected: line, column, value, reason",
                "Les lignes rejetées à l’import : ligne, colonne, valeur, raison",
            )
            .conflict_before_ready()
            .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

async fn export(context: Context, Id(id): Id<ListId>) -> Answered {
    let list = find(&context.store, &id).await?;
    contacts_file(&list)?;
    Ok(Answer::redirect_to(&exports::list(&context.files, &list).await?))
}

async fn rejects(context: Context, Id(id): Id<ListId>) -> Answered {
    let list = find(&context.store, &id).await?;
    contacts_file(&list)?;
    let file = FileKey::Rejects { account: list.account.clone(), list: id, generation: list.generation };
    match context.files.size(&file).await {
        Err(files::Error::NotFound { .. }) => return Err(not_found().into()),
        bytes => bytes?,
    };
    Ok(Answer::redirect_to(&context.files.download_address(&file, &format!("{}-rejects.csv", list.name)).await?))
}
