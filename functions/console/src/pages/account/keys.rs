//! API keys: with name and scopes, shown once, revocable.

use app::keys::{self, NewKey};
use app::{Error, Expected, UseCase};
use axum::extract::Path;
use domain::account::Scope;
use domain::ids::KeyId;
use maud::{Markup, html};
use support::random;

use super::{page, users};
use crate::view::icons;
use crate::view::layout::NavItem;
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words::{self, Word};

fn word(scope: Scope) -> Word {
    match scope {
        Scope::Read => words::account::SCOPE_READ,
        Scope::Write => words::account::SCOPE_WRITE,
        Scope::Send => words::account::SCOPE_SEND,
        Scope::Admin => words::account::SCOPE_ADMIN,
    }
}

pub async fn show(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::ReadKeys)?;
    list(&visitor, &Errors::default(), "", None).await
}

pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    visitor.needs(UseCase::CreateKey)?;
    let (name, scopes): (_, Vec<Scope>) = (fields.get("name").trim(), fields.parsed("scope"));
    let new_key = NewKey { name, scopes: &scopes, id: fields.id() };
    let problems = new_key.problems();
    if !problems.is_empty() {
        return list(&visitor, &users::errors(&visitor, problems), name, None).await;
    }
    match keys::create(&visitor.context, new_key).await {
        Ok((_, text)) => list(&visitor, &Errors::default(), "", Some(&text)).await,
        Err(Error::Access(error)) => list(&visitor, &users::errors(&visitor, vec![error]), name, None).await,
        Err(error) => Err(error.into()),
    }
}

/// Asks for confirmation: programs that use the key lose access.
pub async fn ask(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::RevokeKey)?;
    let id: KeyId = id.parse().map_err(|_| PageError::NotFound)?;
    let key = visitor.context.store.key(&id).await?.ok_or(PageError::NotFound)?;
    let ask = Ask {
        title: &visitor.text_with(words::account::KEY_REVOKE_ASK, &[&key.name]),
        help: visitor.text(words::account::KEY_REVOKE_HELP),
        action: &format!("/account/keys/{id}/revoke"),
        back: "/account/keys",
        yes: words::account::KEY_REVOKE,
        is_danger: true,
        fields: Markup::default(),
    };
    Ok(ask.page(&visitor, NavItem::Account))
}

pub async fn revoke(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::RevokeKey)?;
    let id: KeyId = id.parse().map_err(|_| PageError::NotFound)?;
    match keys::revoke(&visitor.context, &id, &Expected::Any).await {
        // Revoking twice succeeds.
        Ok(()) | Err(Error::NotFound { .. }) => visitor.done("/account/keys", "deleted"),
        Err(error) => Err(error.into()),
    }
}

async fn list(visitor: &Visitor, errors: &Errors, typed: &str, made: Option<&str>) -> Answer {
    let keys = visitor.context.store.keys().await?;
    let name =
        Field { name: "name", label: visitor.text(words::account::KEY_NAME), hint: None, error: errors.of("name") };
    let content = html! {
        p.lead { (visitor.text(words::account::KEYS_LEAD)) }
        br;
        @if let Some(made) = made {
            section.note.good role="status" { p { strong { (visitor.text(words::account::KEY_MADE)) } } code.secret #secret { (made) } button.button.plain.small.scripted type="button" data-copy="secret" { (icons::copy()) (visitor.text(words::common::COPY)) } }
        }
        @if keys.is_empty() { p.empty { (visitor.text(words::account::KEYS_EMPTY)) } }
        @else {
            div.sheet {
                table.cards {
                    thead { tr {
                        th scope="col" { (visitor.text(words::common::NAME)) } th scope="col" { (visitor.text(words::account::KEY_SCOPES)) } th scope="col" { (visitor.text(words::common::CREATED)) }
                        th scope="col" { (visitor.text(words::common::LAST_USED)) } th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } }
                    } }
                    tbody {
                        @for key in &keys {
                            tr {
                                td.name data-label=(visitor.text(words::common::NAME)) { (key.name) }
                                td.whole data-label=(visitor.text(words::account::KEY_SCOPES)) { @for scope in &key.scopes { span.tag { (visitor.text(word(*scope))) } " " } }
                                td data-label=(visitor.text(words::common::CREATED)) { (visitor.date(key.created_at)) }
                                td data-label=(visitor.text(words::common::LAST_USED)) { @match key.last_used_at { Some(at) => (visitor.at(at)), None => (visitor.text(words::common::NEVER)) } }
                                td.actions {
                                    a.quiet href={ "/account/keys/" (key.id) "/revoke" } data-dialog
                                        aria-label=(visitor.text_with(words::account::KEY_REVOKE_OF, &[&key.name])) { (visitor.text(words::account::KEY_REVOKE)) }
                                }
                            }
                        }
                    }
                }
            }
        }
        form.card method="post" action="/account/keys" {
            (csrf(visitor))
            input type="hidden" name="id" value=(KeyId::new(visitor.now, random::bytes()));
            h2 { (icons::key()) (visitor.text(words::account::KEY_NEW)) }
            (name.input("text", typed, "off"))
            fieldset #scope {
                legend { (visitor.text(words::account::KEY_SCOPES)) }
                div.checks {
                    @for scope in Scope::ALL {
                        label.tick { input type="checkbox" name="scope" value=(scope.code()) checked[scope == Scope::Read]; span { (visitor.text(word(scope))) } }
                    }
                }
                @if let Some(error) = errors.of("scope") { p.error { (error) } }
            }
            button.button { (visitor.text(words::account::KEY_NEW)) }
        }
    };
    Ok(page(visitor, "/account/keys", errors, content))
}
