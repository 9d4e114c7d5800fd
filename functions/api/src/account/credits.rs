//! `GET /v1/account/credits`: the ledger of credits, newest first.

use app::{Context, UseCase};
use domain::credits::{Movement, MovementKind};
use serde::Serialize;

use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{any_text, count, field, instant, integer, object, word};
use crate::gate::Query;

const LISTING: &str = "credits";

pub fn operations() -> Vec<Operation> {
    let change = || integer(i64::MIN, i64::MAX);
    let line = object([
        field("at", instant()),
        field("kind", word(MovementKind::ALL.map(MovementKind::code))),
        field("credits", count()),
        field(
            "balance_change",
            change()
                .about("What it does to the balance of a limited account", "Ce qu’il fait au solde d’un compte limité"),
        ),
        field("reserved_change", change()),
        field(
            "about",
            any_text().about(
                "The campaign or the reason that it belongs to",
                "La campagne ou la raison à laquelle il se rapporte",
            ),
        ),
    ]);
    vec![
        get("/account/credits", UseCase::ReadCredits, "The ledger of credits, newest first", page)
            .pages(line.named("Movement")),
    ]
}

#[derive(Serialize)]
struct MovementView {
    at: jiff::Timestamp,
    kind: &'static str,
    credits: u64,
    balance_change: i64,
    reserved_change: i64,
    about: String,
}

fn view(movement: Movement) -> MovementView {
    let (to_balance, to_reserved) = movement.kind.signs();
    let credits = i64::try_from(movement.credits).unwrap_or(i64::MAX);
    MovementView {
        at: movement.at,
        kind: movement.kind.code(),
        credits: movement.credits,
        balance_change: i64::from(to_balance) * credits,
        reserved_change: i64::from(to_reserved) * credits,
        about: movement.about,
    }
}

async fn page(context: Context, query: Query) -> Answered {
    let paging = query.paging(LISTING)?;
    let page = context.store.clone().movements(paging.after.as_deref(), paging.limit).await?;
    query.page(LISTING, page, view)
}
