//! The phones of the sandbox as a web page: conversations with links to follow and a field to reply. In French.
//! Rendered on the server, so that it works without scripts; a small script refreshes it.

mod html;

use axum::Router;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::Sandbox;
use super::deliver::instant;
use super::listing::{self, Message};
use super::row::{RowNumber, digits};
use super::server::Problem;

const PHONES_PER_PAGE: usize = 25;
const MESSAGES_PER_PAGE: usize = 50;
/// Own content only, nothing inline, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(phones))
        .route("/answer", post(answer))
        .route("/style.css", get(|| async { asset("text/css; charset=utf-8", include_str!("page/style.css")) }))
        .route("/page.js", get(|| async { asset("text/javascript; charset=utf-8", include_str!("page/page.js")) }))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], text).into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    phone: Option<String>,
    /// Phones whose newest message is before this one.
    before: Option<RowNumber>,
    /// Messages of the open phone before this one.
    older: Option<RowNumber>,
    sent: Option<String>,
}

/// One line of the open conversation.
enum Line {
    Received(Message),
    Answered { to: String, text: String, at: jiff::Timestamp },
}

impl Line {
    fn at(&self) -> jiff::Timestamp {
        match self {
            Self::Received(message) => instant(message.row.at_ms),
            Self::Answered { at, .. } => *at,
        }
    }
}

/// The open phone.
struct Open {
    number: String,
    lines: Vec<Line>,
    older: Option<RowNumber>,
    answers_to: String,
}

/// `GET /?phone=&before=&older=`: phones by their newest message, and one of them open.
async fn phones(State(sandbox): State<Sandbox>, query: Result<Query<PageQuery>, QueryRejection>) -> Response {
    // An invalid query shows the first page.
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let wanted = query.phone.as_deref().and_then(meant);
    let stats = sandbox.stats();
    let (list, next) = {
        let book = sandbox.book();
        let mut numbers: Vec<_> = listing::newest_of_each(&book, query.before).take(PHONES_PER_PAGE + 1).collect();
        let is_more = numbers.len() > PHONES_PER_PAGE;
        numbers.truncate(PHONES_PER_PAGE);
        let next = if is_more { numbers.last().copied() } else { None };
        (numbers.into_iter().filter_map(|number| listing::message(&book, number)).collect::<Vec<_>>(), next)
    };
    let open = wanted.as_deref().map(|number| open(&sandbox, number, query.older));
    let view = html::View { stats, list, before: query.before, next, open, is_sent: query.sent.is_some() };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(html::page(&view))).into_response()
}

/// The number that was typed: `+33612345678`, `33 6 12…` or `06 12…`.
fn meant(typed: &str) -> Option<String> {
    let bare: String = typed.chars().filter(|c| c.is_ascii_digit()).collect();
    match bare.strip_prefix('0') {
        Some(national) => Some(format!("+33{national}")),
        None if bare.is_empty() => None,
        None => Some(format!("+{bare}")),
    }
}

fn open(sandbox: &Sandbox, number: &str, older: Option<RowNumber>) -> Open {
    let to = digits(number);
    let answers_to = sandbox.usual_recipient(to);
    let book = sandbox.book();
    let before = older.unwrap_or(RowNumber::MAX);
    let mut numbers: Vec<_> =
        listing::conversation(&book, to).skip_while(|number| *number >= before).take(MESSAGES_PER_PAGE + 1).collect();
    let is_more = numbers.len() > MESSAGES_PER_PAGE;
    numbers.truncate(MESSAGES_PER_PAGE);
    let oldest = numbers.last().copied();
    numbers.reverse();
    let mut lines: Vec<Line> =
        numbers.iter().filter_map(|number| listing::message(&book, *number)).map(Line::Received).collect();
    // Replies among the messages shown: all up to the end of the newest page, none before its oldest message.
    let from = lines.iter().map(Line::at).min().filter(|_| is_more).unwrap_or(jiff::Timestamp::MIN);
    let until = if older.is_some() { lines.iter().map(Line::at).max() } else { Some(jiff::Timestamp::MAX) };
    let until = until.unwrap_or(jiff::Timestamp::MAX);
    let replies = book.memory().replies().iter().filter(|reply| reply.from == number);
    let answered =
        replies.map(|reply| Line::Answered { to: reply.to.clone(), text: reply.text.clone(), at: instant(reply.at) });
    lines.extend(answered.filter(|line| (from..=until).contains(&line.at())));
    lines.sort_by_key(Line::at);
    Open { number: number.to_owned(), lines, older: oldest.filter(|_| is_more), answers_to }
}

#[derive(Deserialize)]
struct AnswerForm {
    from: String,
    to: String,
    text: String,
}

/// `POST /answer`, the form of the page. Forms of other pages are refused.
async fn answer(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, Problem> {
    let site = headers.get(HeaderName::from_static("sec-fetch-site")).and_then(|site| site.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return Err(Problem(StatusCode::FORBIDDEN, "only the page of the sandbox may answer".into()));
    }
    let Form(form) = form.map_err(|error| Problem(StatusCode::UNPROCESSABLE_ENTITY, error.body_text()))?;
    sandbox.answer(&form.from, Some(&form.to), &form.text).await?;
    let number = digits(&form.from);
    Ok(Redirect::to(&format!("/?phone=%2B{number}&sent=1")).into_response())
}
