//! `PATCH|DELETE /v1/lists/{id}`: rename, choose another phone column, disable, remove.

use app::lists::{self, ListChanges};
use app::{Context, UseCase};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::ListId;
use serde::Deserialize;
use serde_json::json;

use super::answer;
use super::create::{ColumnView, column, sheet};
use super::view::list as list_schema;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, patch};
use crate::contract::schema::{boolean, line, maybe, object};
use crate::gate::{Body, Caller, Id, IfMatch, present};

pub fn operations() -> Vec<Operation> {
    let body = object([
        maybe("name", line(NAME_CHARACTERS_MAX)),
        maybe(
            "phone_column",
            column()
                .or_null()
                .about("Imports again; null finds it by itself", "Importe à nouveau ; null la trouve tout seul"),
        ),
        maybe(
            "sheet",
            sheet().or_null().about(
                "Imports again; null takes the first that is visible",
                "Importe à nouveau ; null prend la première visible",
            ),
        ),
        maybe(
            "disabled",
            boolean().about(
                "A disabled list cannot be used by campaigns",
                "Une liste désactivée ne peut pas servir à une campagne",
            ),
        ),
    ]);
    vec![
        patch(
            "/lists/{id}",
            UseCase::ChangeList,
            "Renames, disables, or imports again with another phone column or sheet",
            change,
        )
        .takes(body)
        .example(json!({ "name": "Clients d’Orléans" }))
        .answers(200, "The list", "La liste", list_schema()),
        delete("/lists/{id}", UseCase::DeleteList, "Removes a list that no unfinished campaign uses", remove)
            .answers_empty(204, "Removed", "Supprimé"),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    name: Option<String>,
    disabled: Option<bool>,
    #[serde(deserialize_with = "present")]
    phone_column: Option<Option<ColumnView>>,
    #[serde(deserialize_with = "present")]
    sheet: Option<Option<String>>,
}

async fn change(
    context: Context,
    caller: Caller,
    Id(id): Id<ListId>,
    IfMatch(expected): IfMatch,
    Body(patch): Body<Patch>,
) -> Answered {
    let Patch { name, disabled, phone_column, sheet } = patch;
    let phone_column = phone_column.map(|column| column.map(Into::into));
    let changes = ListChanges { name, disabled, phone_column, sheet };
    let list = lists::change(&context, &id, &expected, &changes).await?;
    answer(&context, &list, caller.language).await
}

async fn remove(context: Context, Id(id): Id<ListId>, IfMatch(expected): IfMatch) -> Answered {
    lists::remove(&context, &id, &expected).await?;
    Ok(Answer::empty())
}
