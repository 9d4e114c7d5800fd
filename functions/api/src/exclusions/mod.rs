//! Numbers that must not get marketing: STOP replies, single entries, imports. Of all that is known of a number the
//! newest word counts.

mod change;
mod export;
mod page;

use domain::account::{Exclusion, ExclusionSource};
use serde::Serialize;

use crate::contract::operation::Operation;
use crate::contract::schema::{Schema, any_text, field, instant, object, phone, word};

pub fn operations() -> Vec<Operation> {
    [page::operations(), change::operations(), export::operations()].into_iter().flatten().collect()
}

fn exclusion() -> Schema {
    object([
        field("phone", phone()),
        field("source", word(ExclusionSource::ALL.map(ExclusionSource::code))),
        field("reason", any_text().or_null()),
        field(
            "by",
            any_text().about(
                "User, key, campaign or import that excluded it",
                "Utilisateur, clé, campagne ou import qui l’a exclu",
            ),
        ),
        field("at", instant()),
    ])
    .named("Exclusion")
}

#[derive(Serialize)]
struct ExclusionView {
    phone: String,
    source: &'static str,
    reason: Option<String>,
    by: String,
    at: jiff::Timestamp,
}

fn view(exclusion: Exclusion) -> ExclusionView {
    ExclusionView {
        phone: exclusion.phone.to_string(),
        source: exclusion.source.code(),
        reason: exclusion.reason,
        by: exclusion.by,
        at: exclusion.at,
    }
}
