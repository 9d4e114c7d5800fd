//! The HTTP server of the sandbox: the carrier's protocol, the list of submitted messages, replies of phones, counts.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::book::{Answer, Incoming};
use super::deliver::{instant, ms};
use super::fate::Status;
use super::memory::Reply;
use super::page;
use super::row::{RowNumber, digits};
use super::{Sandbox, listing};

/// Largest submission, in bytes.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most messages of a submission.
const MESSAGES_MAX: usize = 1_000;
/// How long a response waits for early receipts.
const EARLY_WAIT: Duration = Duration::from_secs(5);
/// Characters of a reply: a little more than ten segments.
pub const REPLY_CHARACTERS_MAX: usize = 2_000;
/// Characters of the recipient of a reply.
const SHORT_CODE_CHARACTERS_MAX: usize = 20;
const ITEMS_DEFAULT: usize = 100;
const ITEMS_MAX: usize = 1_000;

pub fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/messages", post(submit).get(messages))
        .route("/reply", post(reply))
        .route("/stats", get(stats))
        .merge(page::routes())
        .fallback(|| async { Problem(StatusCode::NOT_FOUND, "nothing is here".into()) })
        .method_not_allowed_fallback(|| async {
            Problem(StatusCode::METHOD_NOT_ALLOWED, "this is asked for in another way".into())
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(only_by_its_own_name))
        .with_state(sandbox)
}

/// An error in the format of RFC 9457.
#[derive(Debug)]
pub struct Problem(pub StatusCode, pub String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

/// Accepts requests by a loopback host name only: a web page can make a browser call this port, but not with that name.
async fn only_by_its_own_name(request: Request, next: Next) -> Result<Response, Problem> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_none_or(is_loopback) {
        Ok(next.run(request).await)
    } else {
        Err(Problem(StatusCode::MISDIRECTED_REQUEST, "the sandbox answers on loopback only".into()))
    }
}

/// Whether a `Host` header, with or without its port, is a loopback name.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Parses a body declared as JSON: forms of other pages cannot declare that.
fn body<'a, T: Deserialize<'a>>(headers: &HeaderMap, body: &'a [u8]) -> Result<T, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json") {
        return Err(Problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json".into()));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        _ => Problem(StatusCode::BAD_REQUEST, error.to_string()),
    })
}

fn unwritable(error: &std::io::Error) -> Problem {
    tracing::error!(error = %error, "the sandbox cannot write its journal");
    Problem(StatusCode::SERVICE_UNAVAILABLE, "the sandbox cannot write its journal".into())
}

#[derive(Deserialize)]
struct Submission<'a> {
    #[serde(borrow)]
    messages: Vec<Incoming<'a>>,
}

#[derive(Serialize)]
struct Results<'a> {
    results: Vec<Answer<'a>>,
}

/// `POST /messages`: the carrier's protocol. Each id is accepted once; answers are in the order of the messages.
async fn submit(State(sandbox): State<Sandbox>, headers: HeaderMap, bytes: Bytes) -> Result<Response, Problem> {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let wanted = sandbox.0.settings.authorization.as_deref();
    if wanted.is_some_and(|wanted| given != Some(wanted.as_bytes())) {
        return Err(Problem(StatusCode::UNAUTHORIZED, "the authorization is missing or another".into()));
    }
    let Submission { messages } = body(&headers, &bytes)?;
    if messages.len() > MESSAGES_MAX {
        return Err(Problem(StatusCode::PAYLOAD_TOO_LARGE, format!("at most {MESSAGES_MAX} messages at once")));
    }
    let now = sandbox.clock().now();
    let taken = sandbox.book().take(&messages, ms(now)).map_err(|error| unwritable(&error))?;
    sandbox.0.bell.notify_one();
    if !taken.early.is_empty() {
        sandbox.deliver_early(&taken.early, now).await;
    }
    Ok(Json(Results { results: taken.answers }).into_response())
}

impl Sandbox {
    /// Delivers receipts before the response. If that fails, they are due like any other.
    async fn deliver_early(&self, numbers: &[RowNumber], now: jiff::Timestamp) {
        let Some(caller) = self.caller() else {
            self.book().memory_mut().schedule_again(numbers, ms(now));
            return;
        };
        let delivery = self.deliver_receipts(caller, numbers.to_vec(), now);
        if tokio::time::timeout(EARLY_WAIT, delivery).await.is_err() {
            self.book().memory_mut().schedule_again(numbers, ms(now));
        }
        self.0.bell.notify_one();
    }

    /// Queues a reply of a phone. It is sent at once if the receiver is there, else later.
    pub async fn answer(&self, from: &str, to: Option<&str>, text: &str) -> Result<(), Problem> {
        let refuse = |detail: &str| Err(Problem(StatusCode::UNPROCESSABLE_ENTITY, detail.into()));
        let number = digits(from);
        if number == 0 {
            return refuse("from: a phone number in E.164 is needed, such as +33612345678");
        }
        let text = text.trim();
        if text.is_empty() || text.chars().count() > REPLY_CHARACTERS_MAX {
            return refuse("text: 1 to 2000 characters are needed");
        }
        let to = match to.map(str::trim).filter(|to| !to.is_empty()) {
            Some(to) if to.chars().count() > SHORT_CODE_CHARACTERS_MAX => {
                return refuse("to: at most 20 characters are possible");
            }
            Some(to) => to.to_owned(),
            None => self.usual_recipient(number),
        };
        let now = self.clock().now();
        let reply = Reply { from: from.to_owned(), to, text: text.to_owned(), at: ms(now), is_acknowledged: false };
        self.book().reply(reply).map_err(|error| unwritable(&error))?;
        if let Some(caller) = self.caller() {
            self.deliver_replies(caller, now, &mut super::Delivered::default()).await;
        }
        self.0.bell.notify_one();
        Ok(())
    }

    /// The recipient of a phone's reply: the STOP code in its newest message, else that of the settings.
    pub(super) fn usual_recipient(&self, number: u64) -> String {
        let book = self.book();
        let newest = book.memory().newest(number).and_then(|number| listing::message(&book, number));
        let code = newest.and_then(|message| stop_code(&message.text));
        code.unwrap_or_else(|| self.0.settings.stop_code.clone())
    }
}

/// The digits after the last `STOP au`, `STOP to` or just `STOP` of a text.
fn stop_code(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let index = words.iter().rposition(|word| word.eq_ignore_ascii_case("stop"))?;
    let code = words.get(index + 1..)?.iter().take(2).find_map(|word| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        (4..=6).contains(&word.len()).then_some(word).filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
    })?;
    Some(code.to_owned())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyRequest {
    from: String,
    to: Option<String>,
    text: String,
}

/// `POST /reply {from, to?, text}`: a phone replies. 202; delivered as a signed callback, now if possible.
async fn reply(State(sandbox): State<Sandbox>, headers: HeaderMap, bytes: Bytes) -> Result<Response, Problem> {
    let request: ReplyRequest = body(&headers, &bytes)?;
    sandbox.answer(&request.from, request.to.as_deref(), &request.text).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"status": "accepted"}))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessagesQuery {
    to: Option<String>,
    campaign: Option<String>,
    after: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
struct Item {
    id: String,
    from: String,
    to: String,
    text: String,
    encoding: String,
    segments: u32,
    status: Status,
    at: jiff::Timestamp,
    times_submitted: u16,
}

/// `GET /messages?to=&campaign=&after=&limit=`: every submitted message, in order.
async fn messages(
    State(sandbox): State<Sandbox>,
    query: Result<Query<MessagesQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|error| Problem(StatusCode::UNPROCESSABLE_ENTITY, error.body_text()))?;
    let refuse = |detail: &str| Problem(StatusCode::UNPROCESSABLE_ENTITY, detail.to_owned());
    let after = match query.after.as_deref().filter(|after| !after.is_empty()) {
        Some(after) => Some(after.parse::<RowNumber>().map_err(|_| refuse("after: a cursor out of next is needed"))?),
        None => None,
    };
    let limit = match query.limit.as_deref().filter(|limit| !limit.is_empty()) {
        Some(limit) => limit.parse().map_err(|_| refuse("limit: 1 to 1000 are possible"))?,
        None => ITEMS_DEFAULT,
    };
    if !(1..=ITEMS_MAX).contains(&limit) {
        return Err(refuse("limit: 1 to 1000 are possible"));
    }
    // An unescaped `+` arrives as a space.
    let to =
        query.to.as_deref().filter(|to| !to.is_empty()).map(|to| format!("+{}", to.trim_start_matches(['+', ' '])));
    let campaign = query.campaign.as_deref().filter(|campaign| !campaign.is_empty());
    let book = sandbox.book();
    let filter = listing::Filter { to: to.as_deref().map(digits), campaign, after };
    let (numbers, next) = listing::page(&book, &filter, limit);
    let items: Vec<Item> = numbers
        .into_iter()
        .filter_map(|number| listing::message(&book, number))
        .map(|message| Item {
            id: message.id,
            from: message.from,
            to: message.to,
            text: message.text,
            encoding: message.encoding,
            segments: message.segments,
            status: message.row.status,
            at: instant(message.row.at_ms),
            times_submitted: message.row.times_submitted,
        })
        .collect();
    Ok(Json(json!({"items": items, "next": next.map(|next| next.to_string())})).into_response())
}

/// `GET /stats`: counts since the journal began.
async fn stats(State(sandbox): State<Sandbox>) -> Response {
    Json(sandbox.stats()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_code_is_found_where_french_messages_have_it() {
        for (text, expected) in [
            ("Soldes ! STOP au 36105", Some("36105")),
            ("Soldes STOP au 36105.", Some("36105")),
            ("Soldes stop 36180", Some("36180")),
            ("STOP ou 36111 puis STOP au 36200", Some("36200")),
            ("On ne STOPPE rien au 36105", None),
            ("STOP", None),
            ("STOP au 3", None),
            ("", None),
        ] {
            assert_eq!(stop_code(text).as_deref(), expected, "{text}");
        }
    }
}
