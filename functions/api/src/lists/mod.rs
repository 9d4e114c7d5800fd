//! Lists of contacts: uploaded or pasted, imported by another function, shown and summed up here.

mod change;
mod contacts;
mod create;
mod export;
mod summary;
mod view;

use app::{Context, UseCase};
use aws::store::{AccountStore, filtered};
use domain::ids::ListId;
use domain::list::{List, Purpose};
use domain::search::NamePart;
use web::Language;

pub use contacts::contacts;
pub use create::{NewExclusions, NewListView, PASTED_BYTES_MAX, UploadView, VALUES_MAX, create_list, upload_view};
use view::{ListView, view};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::error::{ApiError, not_found};
use crate::gate::{Caller, Id, NameFilter, Pages, Query};

const LISTING: &str = "lists";

pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        get("/lists", UseCase::ReadLists, page)
            .summary("Lists of contacts, newest first", "Listes de contacts, de la plus récente à la plus ancienne")
            .pages::<ListView>(),
        get("/lists/{id}", UseCase::ReadLists, show)
            .summary("A list and its report", "Une liste et son compte rendu d’import")
            .answers::<ListView>(200, "The list", "La liste"),
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

async fn page(context: Context, caller: Caller, pages: Pages, Query(filter): Query<NameFilter>) -> Answered {
    let store = &context.store;
    let part = NamePart::new(filter.q.as_deref().unwrap_or_default());
    let is_wanted = |list: &List| list.purpose == Purpose::Contacts && part.is_in(&list.name);
    let paging = pages.paging(LISTING)?;
    let read = |after: Option<String>, limit| async move { store.lists(after.as_deref(), limit).await };
    let page = filtered(paging.after, paging.limit, read, |list| list.id.to_string(), is_wanted).await?;
    let days = context.account().await?.purge_after_days;
    pages.page(LISTING, page, |list| view(&list, caller.language, days))
}

async fn show(context: Context, caller: Caller, Id(id): Id<ListId>) -> Answered {
    let list = find(&context.store, &id).await?;
    answer(&context, &list, caller.language).await
}

/// A list, with the version that it is at.
async fn answer(context: &Context, list: &List, language: Language) -> Answered {
    let days = context.account().await?.purge_after_days;
    Ok(Answer::ok(&view(list, language, days))?.version(list.version))
}

/// A list of the account, contacts or exclusions.
pub async fn find(store: &AccountStore, id: &ListId) -> Result<List, ApiError> {
    store.list(id).await?.ok_or_else(|| not_found().into())
}
