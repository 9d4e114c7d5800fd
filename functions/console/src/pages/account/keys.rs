//! API keys: named, scoped, shown once, revocable.

use app::keys::{self, NewKey};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::account::Scope;
use domain::ids::KeyId;
use maud::{Markup, html};
use support::random;

use super::{page, users};
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
    v.needs(UseCase::ReadKeys)?;
    list(&v, &Errors::default(), "", None).await
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs(UseCase::CreateKey)?;
    let (name, scopes): (_, Vec<Scope>) = (fields.get("name").trim(), fields.parsed("scope"));
    let wanted = NewKey { name, scopes: &scopes, id: fields.id() };
    let problems = wanted.problems();
    if !problems.is_empty() {
        return list(&v, &users::errors(&v, problems), name, None).await;
    }
    match keys::create(&v.context, wanted).await {
        Ok((_, text)) => list(&v, &Errors::default(), "", Some(&text)).await,
        Err(Error::Access(refusal)) => list(&v, &users::errors(&v, vec![refusal]), name, None).await,
        Err(error) => Err(error.into()),
    }
}

/// Asks before programs that use the key are locked out.
pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs(UseCase::RevokeKey)?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let key = v.context.store.key(&id).await?.ok_or(Failure::NotFound)?;
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
    v.needs(UseCase::RevokeKey)?;
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    match keys::revoke(&v.context, &id, &Expected::Any).await {
        // Revoked twice: it is what was wanted.
        Ok(()) | Err(Error::NotFound { .. }) => v.done("/account/keys", "deleted"),
        Err(error) => Err(error.into()),
    }
}

async fn list(v: &Visitor, errors: &Errors, typed: &str, made: Option<&str>) -> Answer {
    let keys = v.context.store.keys().await?;
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
