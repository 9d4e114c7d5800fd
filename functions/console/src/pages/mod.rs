//! The pages, one file each. `routes` maps paths to pages.

pub mod account;
pub mod campaign;
pub mod campaigns;
pub mod commands;
pub mod confirm;
pub mod draft;
pub mod erasures;
pub mod exclusions;
pub mod guide;
pub mod images;
pub mod lists;
pub mod me;
pub mod preview;
pub mod replies;
pub mod signin;
pub mod statistics;
pub mod templates;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use crate::App;
use crate::visitor::{PageError, redirect_to};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/campaigns", get(campaigns::show))
        .route("/campaigns/new", get(draft::general::new).post(draft::general::create))
        .route("/campaigns/{id}", get(campaign::show))
        .route("/campaigns/{id}/confirm/{verb}", get(confirm::show))
        .route("/campaigns/{id}/do/{verb}", post(commands::run))
        .merge(draft::routes())
        .merge(lists::routes())
        .merge(account::routes())
        .route("/exclusions", get(exclusions::show).post(exclusions::add))
        .route("/exclusions/export", get(exclusions::export))
        .route("/exclusions/{phone}/remove", get(exclusions::ask).post(exclusions::remove))
        .route("/erasures", get(erasures::show).post(erasures::submit))
        .route("/erasures/{id}", get(erasures::one))
        .route("/replies", get(replies::show))
        .route("/replies/export", get(replies::export))
        .route("/templates", get(templates::show).post(templates::create))
        .route("/templates/new", get(templates::new))
        .route("/templates/preview", post(templates::preview))
        .route("/templates/{id}", get(templates::edit).post(templates::update))
        .route("/templates/{id}/use", post(templates::use_it))
        .route("/templates/{id}/delete", get(templates::ask).post(templates::delete))
        .route("/statistics", get(statistics::period::show))
        .route("/statistics/{id}", get(statistics::one::show))
        .route("/statistics/{id}/retry", post(statistics::one::retry))
        .route("/statistics/{id}/report", get(statistics::one::report))
        .route("/images", post(images::create))
        .route("/guide", get(guide::show))
        .route("/me/signout", post(me::sign_out))
        .route("/me/signout-everywhere", post(me::sign_out_everywhere))
        .route("/me/language", post(me::language))
        .fallback(nowhere)
}

async fn home() -> Response {
    redirect_to("/campaigns")
}

async fn nowhere() -> PageError {
    PageError::NotFound
}
