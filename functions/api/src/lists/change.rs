//! `PATCH|DELETE /v1/lists/{id}`: rename, choose another phone column, disable, remove.

use app::planning::{self, NotAgain, Place};
use aws::store::AccountStore;
use domain::account::Scope;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use serde::Deserialize;
use serde_json::{Value, json};
use web::{Kind, Problem};

use super::create::{ColumnView, column, sheet};
use super::view::list as list_schema;
use super::{answer, find};
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, patch};
use crate::contract::schema::{boolean, line, maybe, object};
use crate::failure::Failure;
use crate::gate::{Body, Caller, Id, IfMatch};

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
            Scope::Write,
            "Renames, disables, or imports again with another phone column or sheet",
            change,
        )
        .takes(body)
        .example(json!({ "name": "Clients d’Orléans" }))
        .answers(200, "The list", "La liste", list_schema()),
        delete("/lists/{id}", Scope::Write, "Removes a list that no unfinished campaign uses", remove).answers_empty(
            204,
            "Removed",
            "Supprimé",
        ),
    ]
}

#[derive(Deserialize)]
struct Changes {
    name: Option<String>,
    disabled: Option<bool>,
}

async fn change(app: App, caller: Caller, Id(id): Id<ListId>, if_match: IfMatch, Body(patch): Body<Value>) -> Answered {
    let store = app.store_of(&caller);
    let mut list = find(&store, &id).await?;
    if_match.holds(list.version)?;
    let names = patch.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let place = place_wanted(&patch, &list)?;
    let changes: Changes = serde_json::from_value(patch).map_err(Failure::Unread)?;
    list.modified_at = app.clock.now();
    if let Some(name) = changes.name {
        name.trim().clone_into(&mut list.name);
    }
    if let Some(disabled) = changes.disabled {
        list.status = match (list.status, disabled) {
            (Status::Ready | Status::Disabled, true) => Status::Disabled,
            (Status::Ready | Status::Disabled, false) => Status::Ready,
            (status, false) => status,
            (_, true) => {
                return Err(not_now(
                    "only a list that is ready can be disabled",
                    "seule une liste prête peut être désactivée",
                ));
            }
        };
    }
    let list = match place {
        Some(place) => import_again(&app, &store, list, place).await?,
        None => store.put_list(list).await?,
    };
    app.trail(&caller).note("list.changed", list.id.as_str(), names).await;
    answer(&app, &caller, &list).await
}

/// Another place than the list's, if the patch names one.
fn place_wanted(patch: &Value, list: &List) -> Result<Option<Place>, Failure> {
    let (column, sheet) = (patch.get("phone_column"), patch.get("sheet"));
    if column.is_none() && sheet.is_none() {
        return Ok(None);
    }
    let phone_column = match column {
        Some(column) => {
            let column: Option<ColumnView> = serde_json::from_value(column.clone()).map_err(Failure::Unread)?;
            column.map(Into::into)
        }
        None => list.phone_column.clone(),
    };
    let sheet = match sheet {
        Some(sheet) => sheet.as_str().map(|sheet| sheet.trim().to_owned()),
        None => list.sheet.clone(),
    };
    Ok(Some(Place { phone_column, sheet }))
}

fn not_now(english: &str, french: &str) -> Failure {
    Problem::new(Kind::Conflict, english, french).into()
}

/// Reads the same upload with another phone column or sheet.
async fn import_again(app: &App, store: &AccountStore, list: List, place: Place) -> Result<List, Failure> {
    Err(match planning::import_again(store, &app.files, list, place, app.clock.now()).await {
        Ok(again) => return Ok(again),
        Err(planning::Error::NotAgain(NotAgain::Exclusions)) => {
            not_now("import the exclusions anew instead", "importez plutôt les exclusions à nouveau")
        }
        Err(planning::Error::NotAgain(NotAgain::Importing)) => {
            not_now("the list is still being imported", "l’import de la liste est en cours")
        }
        Err(planning::Error::NotAgain(NotAgain::UploadGone)) => not_now(
            "the uploaded file is no longer kept; upload it anew",
            "le fichier déposé n’est plus conservé ; déposez-le à nouveau",
        ),
        Err(error) => error.into(),
    })
}

async fn remove(app: App, caller: Caller, Id(id): Id<ListId>, if_match: IfMatch) -> Answered {
    let store = app.store_of(&caller);
    let list = find(&store, &id).await?;
    if_match.holds(list.version)?;
    if list.purpose == Purpose::Exclusions && !caller.may(Scope::Admin) {
        // Its numbers would get marketing again.
        let (english, french) =
            ("removing exclusions needs the scope `admin`", "retirer des exclusions exige le droit `admin`");
        return Err(Problem::new(Kind::Forbidden, english, french).into());
    }
    let purpose = list.purpose;
    match planning::remove_list(&store, &app.files, list, app.clock.now()).await {
        Err(planning::Error::ListInUse { campaign }) => {
            let english = format!("the campaign “{campaign}” uses it and is not finished");
            let french = format!("la campagne « {campaign} » l’utilise et n’est pas terminée");
            return Err(Problem::new(Kind::Conflict, english, french).into());
        }
        removed => removed?,
    }
    app.trail(&caller).note("list.deleted", id.as_str(), purpose.code()).await;
    Ok(Answer::empty())
}
