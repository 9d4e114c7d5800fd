//! Lists of contacts: uploaded or pasted, imported by another function, looked at and summed up here.

mod change;
mod contacts;
mod create;
mod export;
mod summary;
mod view;

use aws::store::{AccountStore, Page, filtered};
use domain::account::Scope;
use domain::ids::ListId;
use domain::list::{List, Purpose};
use serde_json::json;

pub use contacts::contacts;
pub use create::{NewExclusions, create_list, created, sources, upload, upload_address};
use view::{list, view};

use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::text;
use crate::failure::{Failure, not_found};
use crate::gate::{Caller, Id, Query};
use crate::search;

const LISTING: &str = "lists";

pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        get("/lists", Scope::Read, "Lists of contacts, newest first", page)
            .query(
                "q",
                text(0, 100).about(
                    "Part of the name; case and accents do not matter",
                    "Une partie du nom, sans égard à la casse ni aux accents",
                ),
            )
            .pages(list()),
        get("/lists/{id}", Scope::Read, "A list and its report", show).answers(200, "The list", "La liste", list()),
    ];
    for more in [
        create::operations(),
        change::operations(),
        contacts::operations(),
        export::operations(),
        summary::operations(),
    ] {
        operations.extend(more);
    }
    operations
}

async fn page(app: App, caller: Caller, query: Query) -> Answered {
    let store = app.store_of(&caller);
    let wanted = query.get("q").map(search::folded);
    let is_wanted = |list: &List| {
        let is_named = wanted.as_ref().is_none_or(|wanted| search::folded(&list.name).contains(wanted));
        list.purpose == Purpose::Contacts && is_named
    };
    let paging = query.paging(LISTING)?;
    let read = |after: Option<String>, limit| {
        let store = store.clone();
        async move { store.lists(after.as_deref(), limit).await }
    };
    let page = filtered(paging.after, paging.limit, read, |list| list.id.to_string(), is_wanted).await?;
    let Page { items, next } = page;
    let days = account_of(&app, &caller).await?.purge_after_days;
    query.page(LISTING, Page { items, next }, |list| json!(view(&list, caller.language, days)))
}

async fn show(app: App, caller: Caller, Id(id): Id<ListId>) -> Answered {
    let list = find(&app.store_of(&caller), &id).await?;
    answer(&app, &caller, &list).await
}

/// A list, with the version that it is at.
async fn answer(app: &App, caller: &Caller, list: &List) -> Answered {
    let days = account_of(app, caller).await?.purge_after_days;
    Ok(Answer::ok(&view(list, caller.language, days))?.version(list.version))
}

/// A list of the account, contacts or exclusions.
pub async fn find(store: &AccountStore, id: &ListId) -> Result<List, Failure> {
    store.list(id).await?.ok_or_else(|| not_found().into())
}
