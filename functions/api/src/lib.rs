//! The HTTPS JSON API of the accounts. `contract` defines it, `gate` checks requests, the other modules are its
//! resources: one file or folder each.

#[macro_use]
mod contract;

mod account;
mod answer;
mod app;
mod campaigns;
mod contacts;
mod error;
mod exclusions;
mod gate;
mod health;
mod images;
mod lists;
mod messages;
mod replies;
mod templates;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use web::Language;

pub use app::App;

use contract::operation::Operation;

/// Every call of the API, in the order of the document.
fn operations() -> Vec<Operation> {
    let resources = [
        health::operations(),
        account::operations(),
        lists::operations(),
        exclusions::operations(),
        contacts::operations(),
        campaigns::operations(),
        replies::operations(),
        messages::operations(),
        templates::operations(),
        images::operations(),
    ];
    resources.into_iter().flatten().collect()
}

/// The OpenAPI document; its names are the same in either language.
pub fn openapi(language: Language) -> serde_json::Value {
    let operations = operations();
    let specs: Vec<_> = operations.iter().map(|operation| &operation.spec).collect();
    contract::openapi::document(&specs, &account::calls(), language)
}

/// Every operation behind one entry point.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for Operation { spec, handler } in operations() {
        let (path, gate) = (spec.route(), (app.clone(), Arc::new(spec)));
        router = router.route(&path, handler.route_layer(from_fn_with_state(gate, gate::pass)));
    }
    // Load balancers and people open the root.
    router = router.route("/health", get(async || health::health().await));
    router = router.route("/v1/openapi.json", get(health::document)).route("/docs", get(health::docs));
    web::entry::json(router.with_state(app), "api")
}
