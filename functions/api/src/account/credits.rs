//! `GET /v1/account/credits`: the ledger of credits, newest first.

use app::{Context, UseCase};
use domain::credits::{Movement, MovementKind};

use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::gate::Pages;

const LISTING: &str = "credits";

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account/credits", UseCase::ReadCredits, page)
            .summary("The ledger of credits, newest first", "Le journal des crédits, du plus récent au plus ancien")
            .pages::<MovementView>(),
    ]
}

answers! {
    struct MovementView as "Movement" {
        at: jiff::Timestamp,
        kind: MovementKind,
        credits: u64,
        /// What it does to the balance of a limited account
        /// Ce qu’il fait au solde d’un compte limité
        balance_change: i64,
        reserved_change: i64,
        /// The campaign or the reason that it belongs to
        /// La campagne ou la raison à laquelle il se rapporte
        about: String,
    }
}

fn view(movement: Movement) -> MovementView {
    let (to_balance, to_reserved) = movement.kind.signs();
    let credits = i64::try_from(movement.credits).unwrap_or(i64::MAX);
    MovementView {
        at: movement.at,
        kind: movement.kind,
        credits: movement.credits,
        balance_change: i64::from(to_balance) * credits,
        reserved_change: i64::from(to_reserved) * credits,
        about: movement.about,
    }
}

async fn page(context: Context, pages: Pages) -> Answered {
    let paging = pages.paging(LISTING)?;
    let page = context.store.clone().movements(paging.after.as_deref(), paging.limit).await?;
    pages.page(LISTING, page, view)
}
