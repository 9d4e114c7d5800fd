//! `GET|POST /v1/account/keys`, `DELETE /v1/account/keys/{id}`: API keys. The secret is shown once, at creation.

use app::keys::{self, NewKey, VERSION};
use app::{Context, UseCase};
use domain::account::{ApiKey, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::KeyId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{any_text, field, id, instant, line, list, object, page, word};
use crate::error::not_found;
use crate::gate::{Body, Id, IfMatch, words};

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
        get("/account/keys", UseCase::ReadKeys, "API keys", all).answers(
            200,
            "Every key",
            "Toutes les clés",
            page(key.clone().named("Key")),
        ),
        post(
            "/account/keys",
            UseCase::CreateKey,
            "Makes an API key, which may do no more than the one that makes it",
            create,
        )
        .takes(object([field("name", line(NAME_CHARACTERS_MAX)), field("scopes", scopes())]))
        .example(json!({ "name": "Boutique en ligne", "scopes": ["read", "write"] }))
        .answers(201, "The key, with its secret", "La clé, avec son secret", created),
        get("/account/keys/{id}", UseCase::ReadKeys, "An API key, without its secret", show).answers(
            200,
            "The key",
            "La clé",
            key.named("Key"),
        ),
        delete(
            "/account/keys/{id}",
            UseCase::RevokeKey,
            "Revokes an API key, at once here and within seconds everywhere",
            revoke,
        )
        .named("revoke_key")
        .never_conflicts()
        .answers_empty(204, "Revoked", "Révoquée"),
    ]
}

#[derive(Deserialize)]
struct NewKeyBody {
    name: String,
    #[serde(deserialize_with = "words")]
    scopes: Vec<Scope>,
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

async fn all(context: Context) -> Answered {
    Answer::list(context.store.keys().await?, |key| view(&key))
}

async fn create(context: Context, Body(wanted): Body<NewKeyBody>) -> Answered {
    let wanted = NewKey { name: &wanted.name, scopes: &wanted.scopes, id: None };
    let (key, secret) = keys::create(&context, wanted).await?;
    let (location, made) = (format!("/account/keys/{}", key.id), CreatedView { key: view(&key), secret: Some(secret) });
    let answer = Answer::created(&location, &made)?.version(VERSION);
    answer.idempotent_body(&CreatedView { key: view(&key), secret: None })
}

async fn show(context: Context, Id(id): Id<KeyId>) -> Answered {
    let key = context.store.key(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&key))?.version(VERSION))
}

async fn revoke(app: App, context: Context, Id(id): Id<KeyId>, IfMatch(expected): IfMatch) -> Answered {
    keys::revoke(&context, &id, &expected).await?;
    app.keys.forget(&id);
    Ok(Answer::empty())
}
