//! Short links and image links: redirects a code to its campaign's target and puts the hit on the events queue.
//!
//! - `ranges` – which link a number belongs to, cached;
//! - `hits` – sends clicks to the queue, several per request;
//! - `pages` – the pages: an image, or an error.
//!
//! The code alone identifies campaign and recipient, so a hit costs one cached read and its part of a queue request.

mod hits;
mod pages;
mod ranges;

use std::sync::Arc;

use app::Start;
use app::config::{Queue, Table};
use aws::files::{FileKey, Files};
use aws::store::LinkTarget;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::clicks::visitor;
use domain::links::LinkKey;
use hits::{Hit, Hits};
use ranges::{CachedRange, Leads, Ranges};
use sha2::{Digest as _, Sha256};
use support::telemetry::chain;
use support::{Clock, ConfigErrors, random};
use tracing::error;
use web::{Entry, Language};

/// Everything that redirect needs.
#[derive(Clone)]
pub struct App {
    link_key: LinkKey,
    files: Files,
    clock: Clock,
    ranges: Arc<Ranges>,
    hits: Hits,
}

impl App {
    /// Starts the task that passes hits on, so it must be called inside a Tokio runtime.
    pub fn new(start: &Start) -> Result<Self, ConfigErrors> {
        start.make(|resources| {
            Some(Self {
                link_key: resources.lookup.link_key(),
                files: resources.files(),
                clock: resources.clock(),
                ranges: Arc::new(Ranges::new(resources.store(&[Table::Links]))),
                hits: Hits::new(resources.queues(&[Queue::Events])),
            })
        })
    }
}

/// Never cached, indexed, framed or used as referrer: a code is as private as the message that contains it.
static HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "private, no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Every route behind one entry point. No log line per request: a campaign may have a hundred thousand clicks.
pub fn router(app: App) -> Router {
    let routes = Router::new().route("/{code}", get(follow)).fallback(nothing).method_not_allowed_fallback(nothing);
    let entry = Entry {
        function: "redirect",
        is_logged: false,
        language: Language::from_headers,
        explain: pages::explain,
        headers: &HEADERS,
    };
    entry.wrap(routes.with_state(app))
}

async fn nothing(headers: HeaderMap) -> Response {
    pages::not_found(Language::from_headers(&headers))
}

/// `GET|HEAD /{code}`: 302 to the target or, after its end, to its fallback; or the image's page. 404 for an unknown
/// code and for an expired one, whose hit still counts.
async fn follow(
    State(app): State<App>,
    method: Method,
    code: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let language = Language::from_headers(&headers);
    let number = code.ok().and_then(|Path(code)| app.link_key.decode(&code));
    let Some(number) = number else { return pages::not_found(language) };
    let now = app.clock.now();
    let link = match app.ranges.find(number, now).await {
        Ok(Some(link)) => link,
        Ok(None) => return pages::not_found(language),
        Err(error) => {
            error!(error.chain = chain(&error), "a link cannot be looked up");
            return pages::unavailable(language);
        }
    };
    app.hits.pass_on(hit(&app, &link, number, &method, &headers, now)).await;
    match link.leads(now) {
        Leads::To(location) => redirect(location),
        Leads::ToImage => image(&app, &link, language).await,
        Leads::Nowhere => pages::expired(language),
    }
}

fn hit(app: &App, link: &CachedRange, number: u64, method: &Method, headers: &HeaderMap, now: jiff::Timestamp) -> Hit {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let agent = text(header::USER_AGENT);
    // The last address is the one that the gateway saw; clients can forge those before it.
    let address = text(HeaderName::from_static("x-forwarded-for"));
    let address = address.and_then(|list| list.rsplit(',').next()).map_or("", str::trim);
    Hit {
        account: link.range.account.clone(),
        campaign: link.range.campaign.clone(),
        recipient: u32::try_from(number - link.range.first).unwrap_or(u32::MAX),
        link: link.range.index,
        visitor: visitor(method == Method::HEAD, agent),
        at: now,
        key: key(&app.link_key, address, now),
    }
}

/// A key unique to the hit. Its upper half is a keyed hash of the address and the day: several addresses within seconds
/// indicate link previews.
fn key(link_key: &LinkKey, address: &str, now: jiff::Timestamp) -> u64 {
    let day = now.as_second().div_euclid(24 * 60 * 60);
    let digest: [u8; 32] = Sha256::digest(format!("{day} {address}")).into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    (u64::from(link_key.fingerprint(half)) << 32) | u64::from(u32::from_be_bytes(random::bytes()))
}

fn redirect(location: HeaderValue) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

async fn image(app: &App, link: &CachedRange, language: Language) -> Response {
    let LinkTarget::Image(image) = &link.range.target else { return pages::not_found(language) };
    let file = FileKey::Image { account: link.range.account.clone(), image: image.clone() };
    match app.files.download_address(&file, image.as_str()).await {
        Ok(address) => pages::image(language, &address),
        Err(error) => {
            error!(error.chain = chain(&error), "an image URL cannot be signed");
            pages::unavailable(language)
        }
    }
}
