//! API keys: named, scoped, shown once, revocable.

use axum::extract::Path;
use maud::{Markup, html};
use shared::domain::account::{ApiKey, Scope};
use shared::domain::campaign::NAME_CHARACTERS_MAX;
use shared::domain::ids::KeyId;
use shared::http::bearer;
use shared::runtime::random;

use super::page;
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::layout::Place;
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::words::{Word, account as a, common as w};

fn word(scope: Scope) -> Word {
    match scope {
        Scope::Read => a::SCOPE_READ,
        Scope::Write => a::SCOPE_WRITE,
        Scope::Send => a::SCOPE_SEND,
        Scope::Admin => a::SCOPE_ADMIN,
    }
}

pub async fn show(v: Visitor) -> Answer {
    v.needs_owner()?;
    list(&v, &Errors::default(), "", None).await
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs_owner()?;
    let name = fields.get("name").trim();
    let scopes: Vec<Scope> = fields.parsed("scope");
    let mut errors = Errors::default();
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        errors.add("name", v.t(a::KEY_NAME_BAD));
    }
    if scopes.is_empty() {
        errors.add("scope", v.t(a::KEY_SCOPES_BAD));
    }
    if !errors.is_empty() {
        return list(&v, &errors, name, None).await;
    }
    let made = |id: KeyId| {
        let (text, secret_sha256) = bearer::issue(&id, random::octets());
        let (name, scopes) = (name.to_owned(), scopes.clone());
        (ApiKey { id, name, secret_sha256, scopes, created_at: v.now, last_used_at: None }, text)
    };
    let fresh = || KeyId::new(v.now, random::octets());
    let (mut key, mut text) = made(fields.id().unwrap_or_else(fresh));
    match v.store.put_key(&key).await {
        Ok(()) => {}
        // Sent twice: nobody saw the first one's secret, so the second one takes its place.
        Err(shared::store::Error::Conflict { .. }) => {
            v.store.delete_key(&key.id).await?;
            (key, text) = made(fresh());
            v.store.put_key(&key).await?;
        }
        Err(error) => return Err(error.into()),
    }
    v.note("key.created", key.id.as_str(), &key.name).await;
    list(&v, &errors, "", Some(&text)).await
}

/// Asks before programs that use the key are locked out.
pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_owner()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let key = v.store.key(&id).await?.ok_or(Failure::NotFound)?;
    let ask = Ask {
        title: &v.tf(a::KEY_REVOKE_ASK, &[&key.name]),
        help: v.t(a::KEY_REVOKE_HELP),
        action: &format!("/account/keys/{id}/revoke"),
        back: "/account/keys",
        yes: a::KEY_REVOKE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&v, Place::Account))
}

pub async fn revoke(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_owner()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    if v.store.delete_key(&id).await? {
        v.note("key.revoked", id.as_str(), "").await;
    }
    v.done("/account/keys", "deleted")
}

async fn list(v: &Visitor, errors: &Errors, typed: &str, made: Option<&str>) -> Answer {
    let keys = v.store.keys().await?;
    let name = Field { name: "name", label: v.t(a::KEY_NAME), hint: None, error: errors.of("name") };
    let content = html! {
        p.lead { (v.t(a::KEYS_LEAD)) }
        br;
        @if let Some(made) = made {
            section.note.good role="status" { p { strong { (v.t(a::KEY_MADE)) } } code.secret #secret { (made) } button.button.plain.small.scripted type="button" data-copy="secret" { (icons::copy()) (v.t(w::COPY)) } }
        }
        @if keys.is_empty() { p.empty { (v.t(a::KEYS_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (v.t(w::NAME)) } th scope="col" { (v.t(a::KEY_SCOPES)) } th scope="col" { (v.t(w::CREATED)) }
                        th scope="col" { (v.t(w::LAST_USED)) } th scope="col" { span.unseen { (v.t(w::ACTIONS)) } }
                    } }
                    tbody {
                        @for key in &keys {
                            tr {
                                td.name data-label=(v.t(w::NAME)) { (key.name) }
                                td.whole data-label=(v.t(a::KEY_SCOPES)) { @for scope in &key.scopes { span.tag { (v.t(word(*scope))) } " " } }
                                td data-label=(v.t(w::CREATED)) { (v.date(key.created_at)) }
                                td data-label=(v.t(w::LAST_USED)) { @match key.last_used_at { Some(at) => (v.at(at)), None => (v.t(w::NEVER)) } }
                                td.actions {
                                    a.quiet href={ "/account/keys/" (key.id) "/revoke" } data-dialog
                                        aria-label=(v.tf(a::KEY_REVOKE_OF, &[&key.name])) { (v.t(a::KEY_REVOKE)) }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.card method="post" action="/account/keys" {
            (csrf(v))
            input type="hidden" name="id" value=(KeyId::new(v.now, random::octets()));
            h2 { (icons::key()) (v.t(a::KEY_NEW)) }
            (name.input("text", typed, "off"))
            fieldset #scope {
                legend { (v.t(a::KEY_SCOPES)) }
                div.checks {
                    @for scope in Scope::ALL {
                        label.tick { input type="checkbox" name="scope" value=(scope.code()) checked[scope == Scope::Read]; span { (v.t(word(scope))) } }
                    }
                }
                @if let Some(error) = errors.of("scope") { p.error { (error) } }
            }
            button.button { (v.t(a::KEY_NEW)) }
        }
    };
    Ok(page(v, "/account/keys", errors, content))
}
