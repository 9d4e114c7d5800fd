//! Carriers' callbacks: verified, queued, answered. Nothing is looked up, so that a response takes no longer than the
//! queue; `track` applies the receipts to campaigns.

mod group;
mod log;

use app::Start;
use app::config::Queue;
use aws::queue::Queues;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, body};
use carrier::callback::{self, Callback, CallbackAuth, Unreadable};
use domain::signature::{Secret, Untrusted};
use http::StatusCode;
use serde_json::json;
use support::{Clock, ConfigErrors};
use tracing::{error, warn};
use web::{FieldError, Kind, Problem, Text, entry};

/// Largest callback: some 7,000 receipts.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Seconds until a carrier should retry after the queue failed.
const RETRY_SECONDS: u32 = 5;
/// Seconds until it should retry while no signing secret is configured.
const UNSET_RETRY_SECONDS: u32 = 300;

/// Everything that receipts needs.
#[derive(Clone)]
pub struct App {
    pub queues: Queues,
    pub callers: std::sync::Arc<[CallbackAuth]>,
    pub clock: Clock,
}

impl App {
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            let queues = resources.queues(&[Queue::Events]);
            let (carrier, token) = (resources.lookup.text("CARRIER"), resources.lookup.text("CALLBACK_TOKEN"));
            // Several during a rotation, apart by commas; none until the operator has put one in.
            let secrets = resources.lookup.maybe("CALLBACK_SECRET").unwrap_or_default();
            let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
            let secrets: Result<Vec<Secret>, _> = secrets.map(str::parse).collect();
            let secrets = secrets.unwrap_or_else(|fault| {
                resources.lookup.add_error(format!("CALLBACK_SECRET is {fault}"));
                Vec::new()
            });
            let caller = CallbackAuth { carrier: carrier.into(), token: token.into(), secrets };
            Some(Self { queues, callers: [caller].into(), clock: resources.clock() })
        })
    }
}

/// Every route behind one entry point.
pub fn router(app: App) -> Router {
    let routes = Router::new().route("/v1/callbacks/{carrier}/{token}", post(call)).with_state(app);
    entry::json(routes, "receipts")
}

/// `POST /v1/callbacks/{carrier}/{token}`: receipts and replies. 202 once they are on the queue; rejected records are
/// listed and fail alone.
async fn call(
    State(app): State<App>,
    Path((carrier, token)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let caller = app.callers.iter().find(|caller| caller.is_named(&carrier, &token)).ok_or(Kind::NotFound)?;
    if caller.secrets.is_empty() {
        // The configuration is incomplete, not the callback, which is sent only once: ask the carrier to retry.
        error!(
            carrier = caller.carrier,
            "no callback can be believed: put callback_secret into the carrier's secret, \
            then deploy with another SecretsVersion"
        );
        return Err(Problem::from(Kind::Unavailable).retry_after(UNSET_RETRY_SECONDS));
    }
    let (parts, body) = request.into_parts();
    let body = body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| too_large())?;
    let now = app.clock.now();
    caller.verify(&parts.headers, &body, now).map_err(untrusted)?;
    let callback = callback::parse(&body, now).map_err(|error| unreadable(&error))?;
    if callback.refused > 0 {
        warn!(callback.refused = callback.refused, carrier = caller.carrier, "records of a callback were refused");
    }
    let events = group::events(&callback);
    if let Err(error) = app.queues.events(&events).await {
        // Some may already be on the queue; the carrier sends all of them again, which is harmless.
        for event in &events {
            log::not_queued(event, &caller.carrier, &error);
        }
        return Err(Problem::from(Kind::Unavailable).retry_after(RETRY_SECONDS));
    }
    events.iter().for_each(log::queued);
    answer(&callback)
}

/// The response: accepted and rejected records. If all records are rejected, the call is an error.
fn answer(callback: &Callback) -> Result<Response, Problem> {
    let (receipts, replies) = (callback.receipts.len(), callback.replies.len());
    if receipts + replies == 0 && callback.refused > 0 {
        let error = |error: &callback::CallbackError| FieldError::new("record", error.pointer.clone(), text(error));
        return Err(Problem::invalid(callback.errors.iter().map(error).collect()));
    }
    let errors: Vec<_> =
        callback.errors.iter().map(|fault| json!({"pointer": fault.pointer, "detail": fault.detail})).collect();
    let taken = json!({"receipts": receipts, "replies": replies, "refused": callback.refused, "errors": errors});
    Ok((StatusCode::ACCEPTED, Json(taken)).into_response())
}

/// Carriers' programmers read English; the protocol's own words are not translated.
fn text(fault: &callback::CallbackError) -> Text {
    Text::new(fault.detail, fault.detail)
}

fn too_large() -> Problem {
    Problem::new(Kind::TooLarge, "at most 1 MiB in one call", "1 Mio au plus par appel")
}

fn untrusted(why: Untrusted) -> Problem {
    warn!(reason = %why, "a callback was refused");
    let french = match why {
        Untrusted::Headers => "les en-têtes de signature manquent ou sont mal formés",
        Untrusted::TooFarFromNow => "l’horodatage s’écarte de plus de cinq minutes",
        Untrusted::NoMatch => "aucune signature ne correspond",
    };
    Problem::new(Kind::Unauthenticated, why.to_string(), french)
}

fn unreadable(why: &Unreadable) -> Problem {
    match why {
        Unreadable::NotJson(_) => Problem::new(Kind::Malformed, "the body is not JSON", "le corps n’est pas du JSON"),
        Unreadable::NotACallback(_) => Problem::invalid_field(
            "callback",
            "",
            "an object with the lists receipts and replies is needed",
            "un objet avec les listes receipts et replies est attendu",
        ),
    }
}
