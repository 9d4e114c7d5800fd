//! Users of the account and their roles; and everybody's own password.

use axum::extract::Path;
use maud::{Markup, html};
use shared::domain::account::{Role, User};
use shared::domain::ids::UserId;
use shared::runtime::{password as secret, random};

use super::{page, settings};
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::layout::Place;
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::words::{Word, account as a, common as w};

const PASSWORD_CHARACTERS_MIN: usize = 12;
const PASSWORD_OCTETS_MAX: usize = 1_000;

fn word(role: Role) -> Word {
    match role {
        Role::Owner => a::OWNER,
        Role::Editor => a::EDITOR,
        Role::Viewer => a::VIEWER,
    }
}

pub async fn show(v: Visitor) -> Answer {
    list(&v, &Errors::default(), "").await
}

fn is_long_enough(password: &str) -> bool {
    password.chars().count() >= PASSWORD_CHARACTERS_MIN && password.len() <= PASSWORD_OCTETS_MAX
}

/// Takes some tens of milliseconds of one core, off the threads that serve others.
async fn hashed(password: &str) -> Result<String, Failure> {
    let password = password.to_owned();
    let hashed = tokio::task::spawn_blocking(move || secret::hash(&password)).await;
    match hashed {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(error)) => Err(Failure::Internal(std::sync::Arc::new(std::io::Error::other(error.to_string())))),
        Err(error) => Err(Failure::Internal(std::sync::Arc::new(error))),
    }
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs_owner()?;
    let email = fields.get("email").trim().to_lowercase();
    let mut errors = Errors::default();
    let parts = email.split_once('@');
    if email.len() > 254
        || !parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
    {
        errors.add("email", v.t(a::EMAIL_BAD));
    }
    if !is_long_enough(fields.get("password")) {
        errors.add("password", v.t(a::PASSWORD_BAD));
    }
    if !errors.is_empty() {
        return list(&v, &errors, &email).await;
    }
    let user = User {
        id: UserId::new(v.now, random::octets()),
        email: email.clone(),
        password_hash: hashed(fields.get("password")).await?,
        role: fields.get("role").parse().unwrap_or(Role::Viewer),
        created_at: v.now,
        version: 0,
    };
    match v.store.put_new_user(&user).await {
        Ok(()) => {
            v.note("user.created", user.id.as_str(), user.role.code()).await;
            v.done("/account/users", "user")
        }
        Err(shared::store::Error::Conflict { .. }) => {
            errors.add("email", v.t(a::EMAIL_TAKEN));
            list(&v, &errors, &email).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Another role, or gone. There is always an owner left.
pub async fn change(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    v.needs_owner()?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let users = v.store.users().await?;
    let user = users.iter().find(|user| user.id == id).cloned().ok_or(Failure::NotFound)?;
    let other_owner = users.iter().find(|other| other.role == Role::Owner && other.id != id);
    let is_last_owner = user.role == Role::Owner && other_owner.is_none();
    let role: Option<Role> = fields.get("role").parse().ok();
    let is_gone = fields.get("do") == "delete";
    if is_last_owner && (is_gone || role != Some(Role::Owner)) {
        let mut errors = Errors::default();
        errors.add("users", v.t(a::LAST_OWNER));
        return list(&v, &errors, "").await;
    }
    if is_gone {
        v.store.delete_user(&user, other_owner).await?;
        v.store.end_sessions_of(&id).await?;
        v.note("user.deleted", id.as_str(), "").await;
    } else if let Some(role) = role {
        let changed = User { role, ..user };
        match other_owner.filter(|_| role != Role::Owner) {
            Some(other) => v.store.put_user_beside(&changed, other).await?,
            None => v.store.put_user(&changed).await?,
        }
        v.note("user.changed", id.as_str(), role.code()).await;
    }
    v.done("/account/users", "user")
}

/// Asks before somebody is locked out.
pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs_owner()?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let user = v.store.user(&id).await?.ok_or(Failure::NotFound)?;
    let ask = Ask {
        title: &v.tf(a::USER_DELETE_ASK, &[&user.email]),
        help: v.t(a::USER_DELETE_HELP),
        action: &format!("/account/users/{id}"),
        back: "/account/users",
        yes: w::DELETE,
        is_danger: true,
        fields: html! { input type="hidden" name="do" value="delete"; },
    };
    Ok(ask.page(&v, Place::Account))
}

pub async fn password(v: Visitor, fields: Fields) -> Answer {
    let mut errors = Errors::default();
    let (old, hash) = (fields.get("old").to_owned(), v.user.password_hash.clone());
    let matches = tokio::task::spawn_blocking(move || secret::matches(&old, &hash)).await.unwrap_or(false);
    if !matches {
        errors.add("old", v.t(a::OLD_PASSWORD_BAD));
    }
    if !is_long_enough(fields.get("new")) {
        errors.add("new", v.t(a::PASSWORD_BAD));
    }
    if !errors.is_empty() {
        return Ok(settings::with_errors(&v, &errors));
    }
    let password_hash = hashed(fields.get("new")).await?;
    v.store.put_user(&User { password_hash, ..v.user.clone() }).await?;
    // Whoever knew the old one is out; this session begins anew at the door.
    v.store.end_sessions_of(&v.user.id).await?;
    v.note("user.password_changed", v.user.id.as_str(), "").await;
    v.done("/account", "saved")
}

pub fn password_form(v: &Visitor, errors: &Errors) -> Markup {
    let old = Field { name: "old", label: v.t(a::OLD_PASSWORD), hint: None, error: errors.of("old") };
    let new =
        Field { name: "new", label: v.t(a::PASSWORD_NEW), hint: Some(v.t(a::PASSWORD_HINT)), error: errors.of("new") };
    html! {
        form method="post" action="/me/password" {
            (csrf(v))
            input.unseen type="text" name="username" value=(v.user.email) autocomplete="username" tabindex="-1" aria-hidden="true";
            div.columns.low {
                (old.input("password", "", "current-password"))
                (new.input("password", "", "new-password"))
            }
            br;
            button.button.plain { (v.t(a::MY_PASSWORD)) }
        }
    }
}

async fn list(v: &Visitor, errors: &Errors, typed: &str) -> Answer {
    let users = v.store.users().await?;
    let options: Vec<_> = Role::ALL.iter().map(|role| (role.code().to_owned(), v.t(word(*role)).to_owned())).collect();
    let email = Field { name: "email", label: v.t(w::EMAIL), hint: None, error: errors.of("email") };
    let first = Field {
        name: "password",
        label: v.t(a::PASSWORD_NEW),
        hint: Some(v.t(a::PASSWORD_HINT)),
        error: errors.of("password"),
    };
    let role = Field { name: "role", label: v.t(a::ROLE), hint: None, error: None };
    let content = html! {
        p.lead { (v.t(a::USERS_LEAD)) }
        br;
        div.sheet #users {
            table.cards {
                thead { tr { th scope="col" { (v.t(w::EMAIL)) } th scope="col" { (v.t(a::ROLE)) } th scope="col" { (v.t(w::CREATED)) } th scope="col" { span.unseen { (v.t(w::ACTIONS)) } } } }
                tbody {
                    @for user in &users {
                        tr {
                            td.name data-label=(v.t(w::EMAIL)) { (user.email) @if user.id == v.user.id { " " span.tag { (v.t(a::YOU)) } } }
                            td.whole data-label=(v.t(a::ROLE)) { (role_of(v, user, &options)) }
                            td data-label=(v.t(w::CREATED)) { (v.date(user.created_at)) }
                            td.actions {
                                @if v.is_owner() {
                                    div.row-actions {
                                        a.action href={ "/account/users/" (user.id) "/delete" } data-dialog title=(v.t(w::DELETE)) {
                                            (icons::trash()) span { (v.t(w::DELETE)) " " (user.email) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if v.is_owner() {
            form.card method="post" action="/account/users" {
                (csrf(v))
                h2 { (icons::person()) (v.t(a::USER_NEW)) }
                div.columns.low {
                    (email.input("email", typed, "off"))
                    (first.input("password", "", "new-password"))
                    (role.select("editor", &options))
                }
                br;
                button.button { (v.t(a::USER_NEW)) }
            }
        }
    };
    Ok(page(v, "/account/users", errors, content))
}

/// The role, which an owner can change where it stands.
fn role_of(v: &Visitor, user: &User, options: &[(String, String)]) -> Markup {
    html! {
        @if v.is_owner() {
            form.joined method="post" action={ "/account/users/" (user.id) } {
                (csrf(v))
                select name="role" aria-label={ (v.t(a::ROLE)) " " (user.email) } {
                    @for (code, text) in options { option value=(code) selected[code == user.role.code()] { (text) } }
                }
                button.button.plain { (v.t(w::SAVE)) }
            }
        } @else { (v.t(word(user.role))) }
    }
}
