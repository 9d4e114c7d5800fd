//! The web console for marketers. Server-rendered pages; scripts only make them faster.
//!
//! `gate` lets people in, `visitor` is who came in, `pages` are one file each, `view` is how they look, `words` what they
//! say in two languages.

mod app;
mod gate;
mod pages;
mod view;
mod visitor;
mod words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

pub use app::App;

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
