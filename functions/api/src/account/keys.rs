//! `GET|POST /v1/account/keys`, `DELETE /v1/account/keys/{id}`: API keys. The secret is shown once, at creation.

use app::access::{self, NewKey as Wanted};
use domain::account::{ApiKey, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::KeyId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{any_text, field, id, instant, line, list, object, page, word};
use crate::failure::not_found;
use crate::gate::{Body, Caller, Id, IfMatch};

/// A key never changes, but for when it was last used, which is no reason to leave it.
const VERSION: u64 = 1;

pub fn operations() -> Vec<Operation> {
    let scopes = || list(word(Scope::ALL.map(Scope::code)), 1, Scope::ALL.len());
    let key = object([
        field("id", id("key_")),
        field("name", line(NAME_CHARACTERS_MAX).such_as("Boutique en ligne")),
        field("scopes", scopes()),
        field("created_at", instant()),
        field("last_used_at", instant().or_null().about("To the minute", "À la minute près")),
    ]);
    let secret = any_text().or_null().such_as("envol_06h0n5zeykq28f98a5t0_4f5e9d7c…").about(
        "Shown this once; null when the same request is answered again",
        "Montré cette seule fois ; null quand la même requête reçoit à nouveau sa réponse",
    );
    let created = key.clone().with([field("key", secret)]).named("NewKey");
    vec![
        get("/account/keys", Scope::Admin, "API keys", all).answers(
            200,
            "Every key",
            "Toutes les clés",
            page(key.clone().named("Key")),
        ),
        post(
            "/account/keys",
            Scope::Admin,
            "Makes an API key, which may do no more than the one that makes it",
            create,
        )
        .takes(object([field("name", line(NAME_CHARACTERS_MAX)), field("scopes", scopes())]))
        .example(json!({ "name": "Boutique en ligne", "scopes": ["read", "write"] }))
        .answers(201, "The key, with its secret", "La clé, avec son secret", created),
        get("/account/keys/{id}", Scope::Admin, "An API key, without its secret", show).answers(
            200,
            "The key",
            "La clé",
            key.named("Key"),
        ),
        delete(
            "/account/keys/{id}",
            Scope::Admin,
            "Revokes an API key, at once here and within seconds everywhere",
            revoke,
        )
        .named("revoke_key")
        .unopposed()
        .answers_empty(204, "Revoked", "Révoquée"),
    ]
}

#[derive(Deserialize)]
struct NewKey {
    name: String,
    scopes: Vec<String>,
}

#[derive(Serialize)]
struct KeyView {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    created_at: jiff::Timestamp,
    last_used_at: Option<jiff::Timestamp>,
}

#[derive(Serialize)]
struct CreatedView {
    #[serde(flatten)]
    key: KeyView,
    #[serde(rename = "key")]
    secret: Option<String>,
}

fn view(key: &ApiKey) -> KeyView {
    KeyView {
        id: key.id.to_string(),
        name: key.name.clone(),
        scopes: key.scopes.iter().map(|scope| scope.code()).collect(),
        created_at: key.created_at,
        last_used_at: key.last_used_at,
    }
}

async fn all(app: App, caller: Caller) -> Answered {
    let keys = app.store_of(&caller).keys().await?;
    Answer::every(keys, |key| view(&key))
}

async fn create(app: App, caller: Caller, Body(wanted): Body<NewKey>) -> Answered {
    let store = app.store_of(&caller);
    let scopes: Vec<Scope> = wanted.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
    caller.may_give(&scopes)?;
    let wanted = Wanted { name: &wanted.name, scopes: &scopes, id: None };
    let (key, secret) = access::create_key(&store, wanted, app.clock.now()).await?;
    app.trail(&caller).note("key.created", key.id.as_str(), view(&key).scopes.join(", ")).await;
    let (location, made) = (format!("/account/keys/{}", key.id), CreatedView { key: view(&key), secret: Some(secret) });
    let answer = Answer::created(&location, &made)?.version(VERSION);
    answer.keep_instead(&CreatedView { key: view(&key), secret: None })
}

async fn show(app: App, caller: Caller, Id(id): Id<KeyId>) -> Answered {
    let key = app.store_of(&caller).key(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&key))?.version(VERSION))
}

async fn revoke(app: App, caller: Caller, Id(id): Id<KeyId>, if_match: IfMatch) -> Answered {
    let store = app.store_of(&caller);
    if store.key(&id).await?.is_some() {
        if_match.holds(VERSION)?;
    }
    access::revoke_key(&store, &id).await?;
    app.keys.forget(&id);
    app.trail(&caller).note("key.revoked", id.as_str(), "").await;
    Ok(Answer::empty())
}
