//! `GET /v1/account/audit`: who did what, newest first.

use app::{Context, UseCase};
use aws::store::AuditEntry;

use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::gate::Pages;

const LISTING: &str = "audit";

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account/audit", UseCase::ReadAudit, page)
            .summary("Who did what, newest first", "Qui a fait quoi, du plus récent au plus ancien")
            .pages::<EntryView>(),
    ]
}

answers! {
    struct EntryView as "AuditEntry" {
        at: jiff::Timestamp,
        /// User or key
        /// Utilisateur ou clé
        by: String,
        /// Such as campaign.paused
        /// Par exemple campaign.paused
        action: String,
        /// Id of what it was done to
        /// Identifiant de ce qui a été touché
        about: String,
        details: String,
        /// Address of the client, without its last part
        /// Adresse du client, sans sa dernière partie
        from: String,
    }
}

async fn page(context: Context, pages: Pages) -> Answered {
    let paging = pages.paging(LISTING)?;
    let page = context.store.clone().audit(paging.after.as_deref(), paging.limit).await?;
    pages.page(LISTING, page, |AuditEntry { at, by, action, about, details, from }| EntryView {
        at,
        by,
        action,
        about,
        details,
        from,
    })
}
