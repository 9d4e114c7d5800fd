//! The account itself: settings, credits, keys, users, webhooks, audit.

mod credits;
mod deliveries;
mod events;
mod keys;
mod settings;
mod trail;
mod users;
mod webhooks;

pub use events::{Call, calls};
pub use settings::settings_error;
pub use webhooks::webhook_refusal;

use crate::contract::operation::Operation;

pub fn operations() -> Vec<Operation> {
    let parts = [
        settings::operations(),
        credits::operations(),
        keys::operations(),
        users::operations(),
        webhooks::operations(),
        deliveries::operations(),
        trail::operations(),
    ];
    parts.into_iter().flatten().collect()
}
