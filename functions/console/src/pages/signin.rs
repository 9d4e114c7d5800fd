//! Signing in, and signing in again without losing typed input.

use app::password;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::account::User;
use domain::ids::AccountId;
use http::{HeaderMap, StatusCode, header};
use maud::{Markup, html};
use support::random;
use web::{Language, address};

use crate::App;
use crate::pages::me;
use crate::view::parts::Field;
use crate::view::{icons, layout, problem};
use crate::visitor::language as language_of;
use crate::visitor::{Fields, PageError, fields, origin, session};
use crate::words::{self, Word};

/// Attempts to sign in within [`SPAN_SECONDS`], for one e-mail address and from one network.
const TRIES_OF_EMAIL: u32 = 10;
const TRIES_OF_PLACE: u32 = 50;
const SPAN_SECONDS: i64 = 15 * 60;
/// The input from before the session ended may be as long as a form.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Longest password that is hashed.
const PASSWORD_BYTES_MAX: usize = 1_000;
/// A hash that no password matches: an unknown address takes as long as a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The sign-in form, and what to continue with.
#[derive(Default)]
struct Form<'a> {
    email: &'a str,
    problem: Option<Word>,
    /// The path to continue with.
    next: &'a str,
    /// The form that was sent when the session had ended.
    kept: &'a str,
    is_again: bool,
}

pub async fn show(headers: HeaderMap) -> Response {
    let form = Form { next: "/campaigns", ..Form::default() };
    page(language_of(&headers), StatusCode::OK, &form)
}

pub async fn language(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(fields) = fields::read(body, FORM_BYTES_MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    me::set_language(fields.get("language"), "/signin", &parts.headers)
}

/// No session: shows the sign-in form, which keeps the form that was sent.
pub fn again(language: Language, path: &str, sent: Option<&Fields>) -> Response {
    let kept = sent.map(|fields| serde_urlencoded::to_string(&fields.0).unwrap_or_default()).unwrap_or_default();
    let form = Form { next: path, kept: &kept, is_again: sent.is_some(), ..Form::default() };
    page(language, StatusCode::UNAUTHORIZED, &form)
}

fn page(language: Language, status: StatusCode, form: &Form<'_>) -> Response {
    let t = |word: Word| word.of(language);
    let error = form.problem.map(t);
    let content = html! {
        div.sign-in data-signin {
            div.sign-in-brand { (icons::mark()) span { "Envol" } }
            h1 { (t(words::common::SIGN_IN_TITLE)) }
            @if form.is_again { p.note.info role="status" { (t(words::common::SIGN_IN_AGAIN)) } } @else { p.lead { (t(words::common::SIGN_IN_LEAD)) } }
            form method="post" action="/signin" {
                @if let Some(error) = error { p.note.bad role="alert" { (error) } }
                input type="hidden" name="next" value=(form.next);
                input type="hidden" name="kept" value=(form.kept);
                (Field { name: "email", label: t(words::common::EMAIL), hint: None, error: None }.input("email", form.email, "username"))
                (Field { name: "password", label: t(words::common::PASSWORD), hint: None, error: None }
                    .input("password", "", "current-password"))
                button.button { (t(words::common::SIGN_IN)) }
            }
            (languages(language))
        }
    };
    (status, layout::bare(language, t(words::common::SIGN_IN_TITLE), content)).into_response()
}

fn languages(language: Language) -> Markup {
    let other = if language == Language::French { ("en", "English") } else { ("fr", "Français") };
    html! {
        form.languages method="post" action="/signin/language" {
            button.quiet name="language" value=(other.0) lang=(other.0) { (other.1) }
        }
    }
}

pub async fn submit(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let language = language_of(&parts.headers);
    match sign_in(&app, &parts.headers, body, language).await {
        Ok(response) => response,
        Err(failure) => problem::page(&failure, language, None),
    }
}

async fn sign_in(app: &App, headers: &HeaderMap, body: Body, language: Language) -> Result<Response, PageError> {
    if !origin::comes_from_here(headers) {
        return Err(PageError::ForeignForm);
    }
    let fields = fields::read(body, FORM_BYTES_MAX).await?;
    let (email, kept) = (fields.get("email").trim().to_lowercase(), fields.get("kept"));
    let next = Some(fields.get("next")).filter(|next| next.starts_with('/') && !next.starts_with("//"));
    let next = next.unwrap_or("/campaigns");
    let form = Form { email: &email, next, kept, is_again: !kept.is_empty(), problem: None };
    if are_too_many(app, headers, &email).await? {
        let form = Form { problem: Some(words::common::TOO_MANY_TRIES), ..form };
        let mut response = page(language, StatusCode::TOO_MANY_REQUESTS, &form);
        response.headers_mut().insert(header::RETRY_AFTER, SPAN_SECONDS.into());
        return Ok(response);
    }
    let found = whose(app, &email, fields.get("password")).await?;
    let Some((account, user)) = found else {
        let form = Form { problem: Some(words::common::WRONG_PASSWORD), ..form };
        return Ok(page(language, StatusCode::UNPROCESSABLE_ENTITY, &form));
    };
    forgive(app, headers, &email).await?;
    let begun = session::begin(app, &account, &user, headers).await?;
    if kept.is_empty() {
        let headers = [(header::LOCATION, next.to_owned()), (header::SET_COOKIE, begun.cookie)];
        return Ok((StatusCode::SEE_OTHER, headers).into_response());
    }
    Ok(([(header::SET_COOKIE, begun.cookie)], resume(language, next, kept, &begun.csrf)).into_response())
}

/// Counts the attempt, for the e-mail address and for the network.
async fn are_too_many(app: &App, headers: &HeaderMap, email: &str) -> Result<bool, PageError> {
    let now = app.services.clock.now();
    let tries = app.services.store.count_try(&session::hash(email), SPAN_SECONDS, now).await?;
    let from_place = app.services.store.count_try(&index(headers), SPAN_SECONDS, now).await?;
    Ok(tries > TRIES_OF_EMAIL || from_place > TRIES_OF_PLACE)
}

/// Resets the counters: only failures count, or an office behind one address would lock itself out.
async fn forgive(app: &App, headers: &HeaderMap, email: &str) -> Result<(), PageError> {
    let now = app.services.clock.now();
    for who in [session::hash(email), index(headers)] {
        app.services.store.forgive_try(&who, SPAN_SECONDS, now).await?;
    }
    Ok(())
}

fn index(headers: &HeaderMap) -> String {
    session::hash(&address::holder(headers).to_string())
}

async fn whose(app: &App, email: &str, typed: &str) -> Result<Option<(AccountId, User)>, PageError> {
    let known = match app.services.store.user_of_email(email).await? {
        Some((account, user)) => app.services.store.account(&account).user(&user).await?.map(|user| (account, user)),
        None => None,
    };
    let hash = known.as_ref().map_or(NOBODY, |(_, user)| &user.password_hash).to_owned();
    let typed = typed.to_owned();
    let is_short = typed.len() <= PASSWORD_BYTES_MAX;
    // Takes tens of milliseconds of CPU, so it runs on a blocking thread.
    let matches = tokio::task::spawn_blocking(move || is_short && password::matches(&typed, &hash)).await;
    Ok(known.filter(|_| matches.unwrap_or(false)))
}

/// Offers to send the kept form again, with the new session's token.
fn resume(language: Language, path: &str, kept: &str, csrf: &str) -> Response {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(kept).unwrap_or_default();
    let t = |word: Word| word.of(language);
    let content = html! {
        div.sign-in {
            div.sign-in-brand { (icons::mark()) span { "Envol" } }
            h1 { (t(words::common::RESUME_TITLE)) }
            p.lead { (t(words::common::RESUME_LEAD)) }
            form method="post" action=(path) {
                input type="hidden" name="csrf" value=(session::masked(csrf, random::bytes()));
                @for (name, value) in pairs.iter().filter(|(name, _)| name != "csrf") {
                    input type="hidden" name=(name) value=(value);
                }
                button.button { (t(words::common::RESUME)) }
            }
        }
    };
    layout::bare(language, t(words::common::RESUME_TITLE), content)
}
