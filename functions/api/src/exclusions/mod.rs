//! Numbers that must not get marketing: STOP replies, single entries, imports. The newest decision on a number counts.

mod change;
mod export;
mod page;

use domain::account::{Exclusion, ExclusionSource};

use crate::contract::operation::Operation;
use crate::contract::schema::phone;

pub fn operations() -> Vec<Operation> {
    [page::operations(), change::operations(), export::operations()].into_iter().flatten().collect()
}

answers! {
    struct ExclusionView as "Exclusion" {
        phone: String = phone(),
        source: ExclusionSource,
        reason: Option<String>,
        /// User, key, campaign or import that excluded it
        /// Utilisateur, clé, campagne ou import qui l’a exclu
        by: String,
        at: jiff::Timestamp,
    }
}

fn view(exclusion: Exclusion) -> ExclusionView {
    ExclusionView {
        phone: exclusion.phone.to_string(),
        source: exclusion.source,
        reason: exclusion.reason,
        by: exclusion.by,
        at: exclusion.at,
    }
}
