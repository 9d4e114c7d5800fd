//! `GET|POST /v1/account/keys`, `DELETE /v1/account/keys/{id}`: API keys. The secret is shown once, at creation.

use app::keys::{self, NewKey, VERSION};
use app::{Context, UseCase};
use domain::account::{ApiKey, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::KeyId;
use serde_json::json;

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{any_text, line, list};
use crate::error::not_found;
use crate::gate::{Body, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account/keys", UseCase::ReadKeys, all)
            .summary("API keys", "Clés d’API")
            .lists::<KeyView>("Every key", "Toutes les clés"),
        post("/account/keys", UseCase::CreateKey, create)
            .summary(
                "Makes an API key, which may do no more than the one that makes it",
                "Crée une clé d’API, qui ne peut pas plus que celle qui la crée",
            )
            .example(json!({ "name": "Boutique en ligne", "scopes": ["read", "write"] }))
            .answers::<CreatedView>(201, "The key, with its secret", "La clé, avec son secret"),
        get("/account/keys/{id}", UseCase::ReadKeys, show)
            .summary("An API key, without its secret", "Une clé d’API, sans son secret")
            .answers::<KeyView>(200, "The key", "La clé"),
        delete("/account/keys/{id}", UseCase::RevokeKey, revoke)
            .summary(
                "Revokes an API key, at once here and within seconds everywhere",
                "Révoque une clé d’API, aussitôt ici et partout en quelques secondes",
            )
            .named("revoke_key")
            .never_conflicts()
            .answers_empty(204, "Revoked", "Révoquée"),
    ]
}

requests! {
    struct NewKeyBody {
        name: String = line(NAME_CHARACTERS_MAX),
        scopes: Vec<Scope> = list(Scope::schema(), 1, Scope::ALL.len()),
    }
}

answers! {
    struct KeyView as "Key" {
        id: KeyId,
        name: String = line(NAME_CHARACTERS_MAX).such_as("Boutique en ligne"),
        scopes: Vec<Scope> = list(Scope::schema(), 1, Scope::ALL.len()),
        created_at: jiff::Timestamp,
        /// To the minute
        /// À la minute près
        last_used_at: Option<jiff::Timestamp>,
    }

    struct CreatedView as "NewKey" {
        ..about: KeyView,
        /// Shown this once; null when the same request is answered again
        /// Montré cette seule fois ; null quand la même requête reçoit à nouveau sa réponse
        key: Option<String> = any_text().such_as("envol_06h0n5zeykq28f98a5t0_4f5e9d7c…"),
    }
}

fn view(key: &ApiKey) -> KeyView {
    KeyView {
        id: key.id.clone(),
        name: key.name.clone(),
        scopes: key.scopes.clone(),
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
    let with = |secret| CreatedView { about: view(&key), key: secret };
    let answer = Answer::created(&format!("/account/keys/{}", key.id), &with(Some(secret)))?;
    answer.version(VERSION).idempotent_body(&with(None))
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
