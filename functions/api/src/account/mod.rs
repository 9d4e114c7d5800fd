//! The account itself: settings, credits, keys, users, audit.

mod credits;
mod keys;
mod settings;
mod trail;
mod users;

pub use settings::account_of;

use crate::contract::operation::Operation;

pub fn operations() -> Vec<Operation> {
    let rooms =
        [settings::operations(), credits::operations(), keys::operations(), users::operations(), trail::operations()];
    rooms.into_iter().flatten().collect()
}
