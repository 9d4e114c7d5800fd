//! API keys: named, scoped, shown once, revocable.

use axum::extract::Path;
use maud::html;
use shared::domain::account::{ApiKey, Scope};
use shared::domain::campaign::NAME_CHARACTERS_MAX;
use shared::domain::ids::KeyId;
use shared::http::bearer;
use shared::runtime::random;

use super::page;
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::parts::{Errors, Field, csrf};
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
    let id = KeyId::new(v.now, random::octets());
    let (text, secret_sha256) = bearer::issue(&id, random::octets());
    let key = ApiKey { id, name: name.to_owned(), secret_sha256, scopes, created_at: v.now, last_used_at: None };
    v.store.put_key(&key).await?;
    v.note("key.created", key.id.as_str(), &key.name).await;
    list(&v, &errors, "", Some(&text)).await
}

pub async fn revoke(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_owner()?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    if v.store.delete_key(&id).await? {
        v.note("key.deleted", id.as_str(), "").await;
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
            section.note.good role="status" { p { strong { (v.t(a::KEY_MADE)) } } code.secret { (made) } }
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
                                td data-label=(v.t(a::KEY_SCOPES)) { @for scope in &key.scopes { span.tag { (v.t(word(*scope))) } " " } }
                                td data-label=(v.t(w::CREATED)) { (v.date(key.created_at)) }
                                td data-label=(v.t(w::LAST_USED)) { @match key.last_used_at { Some(at) => (v.at(at)), None => (v.t(w::NEVER)) } }
                                td.actions {
                                    form method="post" action={ "/account/keys/" (key.id) "/revoke" } {
                                        (csrf(v))
                                        button.quiet aria-label=(v.tf(a::KEY_REVOKE_OF, &[&key.name])) { (v.t(a::KEY_REVOKE)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.card method="post" action="/account/keys" {
            (csrf(v))
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
