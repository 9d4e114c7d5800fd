//! `GET /v1/account/audit`: who did what, newest first.

use app::{Context, UseCase};
use aws::store::AuditEntry;
use serde::Serialize;

use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{any_text, field, instant, object};
use crate::gate::Query;

const LISTING: &str = "audit";

pub fn operations() -> Vec<Operation> {
    let entry = object([
        field("at", instant()),
        field("by", any_text().about("User or key", "Utilisateur ou clé")),
        field("action", any_text().about("Such as campaign.paused", "Par exemple campaign.paused")),
        field("about", any_text().about("Id of what it was done to", "Identifiant de ce qui a été touché")),
        field("details", any_text()),
        field(
            "from",
            any_text()
                .about("Address of the client, without its last part", "Adresse du client, sans sa dernière partie"),
        ),
    ]);
    vec![get("/account/audit", UseCase::ReadAudit, "Who did what, newest first", page).pages(entry.named("AuditEntry"))]
}

#[derive(Serialize)]
struct EntryView {
    at: jiff::Timestamp,
    by: String,
    action: String,
    about: String,
    details: String,
    from: String,
}

async fn page(context: Context, query: Query) -> Answered {
    let paging = query.paging(LISTING)?;
    let page = context.store.clone().audit(paging.after.as_deref(), paging.limit).await?;
    query.page(LISTING, page, |AuditEntry { at, by, action, about, details, from }| EntryView {
        at,
        by,
        action,
        about,
        details,
        from,
    })
}
