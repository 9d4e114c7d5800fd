//! `PATCH|DELETE /v1/lists/{id}`: rename, choose another phone column, disable, remove.

use app::lists::{self, ListChanges};
use app::{Context, UseCase};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::ListId;
use serde_json::json;

use super::answer;
use super::create::{ColumnView, sheet};
use super::view::ListView;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, patch};
use crate::contract::schema::line;
use crate::gate::{Body, Caller, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    vec![
        patch("/lists/{id}", UseCase::ChangeList, change)
            .summary(
                "Renames, disables, or imports again with another phone column or sheet",
                "Renomme, désactive, ou importe à nouveau avec une autre colonne de téléphone",
            )
            .example(json!({ "name": "Clients d’Orléans" }))
            .answers::<ListView>(200, "The list", "La liste"),
        delete("/lists/{id}", UseCase::DeleteList, remove)
            .summary(
                "Removes a list that no unfinished campaign uses",
                "Supprime une liste qu’aucune campagne non terminée n’utilise",
            )
            .answers_empty(204, "Removed", "Supprimé"),
    ]
}

requests! {
    struct Patch {
        name?: String = line(NAME_CHARACTERS_MAX),
        /// Imports again; null finds it by itself
        /// Importe à nouveau ; null la trouve tout seul
        phone_column?: Option<ColumnView>,
        /// Imports again; null takes the first that is visible
        /// Importe à nouveau ; null prend la première visible
        sheet?: Option<String> = sheet(),
        /// A disabled list cannot be used by campaigns
        /// Une liste désactivée ne peut pas servir à une campagne
        disabled?: bool,
    }
}

async fn change(
    context: Context,
    caller: Caller,
    Id(id): Id<ListId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<Patch>,
) -> Answered {
    let Patch { name, phone_column, sheet, disabled } = patch;
    let phone_column = phone_column.map(|column| column.map(Into::into));
    let changes = ListChanges { name, disabled, phone_column, sheet };
    let list = lists::change(&context, &id, &expected, &changes).await?;
    answer(&context, &list, caller.language).await
}

async fn remove(context: Context, Id(id): Id<ListId>, IfMatch(expected): IfMatch) -> Answered {
    lists::remove(&context, &id, &expected).await?;
    Ok(Answer::empty())
}
