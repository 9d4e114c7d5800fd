//! The web console for marketers. Server-rendered pages; scripts only make them faster.
//!
//! `gate` authenticates, `pages` has one file per page, `view` the layout, `words` the texts in two languages.

mod app;
mod gate;
mod pages;
mod view;
mod words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

pub use app::{App, Config};

/// Every page behind one entry point.
pub fn router(app: App) -> Router {
    let inside = pages::routes().layer(from_fn_with_state(app.clone(), gate::pass));
    let routes = Router::new()
        .merge(inside)
        .route("/signin", get(pages::signin::show).post(pages::signin::submit))
        .route("/signin/language", post(pages::signin::language))
        .route("/assets/{file}", get(view::assets::serve));
    gate::entry::wrap(routes, app)
}
