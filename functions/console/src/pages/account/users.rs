//! Users of the account and their roles; and everybody's own password.

use app::access::{self, NewUser, Refusal, USERS_MAX, UserChanges};
use app::password as secret;
use aws::store::KEYS_MAX;
use axum::extract::Path;
use domain::account::{Role, User};
use domain::ids::UserId;
use maud::{Markup, html};

use super::{page, settings};
use crate::gate::{Answer, Failure, Fields, Visitor};
use crate::view::icons;
use crate::view::layout::Place;
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::words::{Word, account as a, common as w};

pub fn word(role: Role) -> Word {
    match role {
        Role::Owner => a::OWNER,
        Role::Editor => a::EDITOR,
        Role::Viewer => a::VIEWER,
    }
}

pub async fn show(v: Visitor) -> Answer {
    list(&v, &Errors::default(), "").await
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs_owner()?;
    let (email, role) = (fields.get("email"), fields.get("role").parse().unwrap_or(Role::Viewer));
    let wanted = NewUser { email, role, password: fields.get("password") };
    let problems = wanted.problems();
    if !problems.is_empty() {
        return list(&v, &errors(&v, problems), email).await;
    }
    match access::create_user(&v.store, wanted, v.now).await {
        Ok(user) => {
            v.note("user.created", user.id.as_str(), user.role.code()).await;
            v.done("/account/users", "user")
        }
        Err(access::Error::Refused(refusal)) => list(&v, &errors(&v, vec![refusal]), email).await,
        Err(error) => Err(error.into()),
    }
}

/// Another role, or gone. There is always an owner left.
pub async fn change(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    v.needs_owner()?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let user = v.store.user(&id).await?.ok_or(Failure::NotFound)?;
    let role: Option<Role> = fields.get("role").parse().ok();
    let done = match (fields.get("do"), role) {
        ("delete", _) => access::remove_user(&v.store, &user).await.map(|()| ("user.deleted", "")),
        (_, Some(role)) => {
            let changes = UserChanges { role: Some(role), ..UserChanges::default() };
            access::change_user(&v.store, user, changes).await.map(|_| ("user.changed", role.code()))
        }
        (_, None) => return v.done("/account/users", "user"),
    };
    match done {
        Ok((action, details)) => v.note(action, id.as_str(), details).await,
        Err(access::Error::Refused(refusal)) => return list(&v, &errors(&v, vec![refusal]), "").await,
        Err(error) => return Err(error.into()),
    }
    v.done("/account/users", "user")
}

/// Why somebody, or a key, is not let in, beside the fields that it is about.
pub fn errors(v: &Visitor, refusals: Vec<Refusal>) -> Errors {
    let mut errors = Errors::default();
    for refusal in refusals {
        let (field, text) = fault(v, refusal);
        errors.add(field, text);
    }
    errors
}

fn fault(v: &Visitor, refusal: Refusal) -> (&'static str, String) {
    match refusal {
        Refusal::NotAnEmail => ("email", v.t(a::EMAIL_BAD).into()),
        Refusal::EmailTaken => ("email", v.t(a::EMAIL_TAKEN).into()),
        Refusal::PasswordLength => ("password", v.t(a::PASSWORD_BAD).into()),
        Refusal::TooManyUsers => ("users", v.tf(a::USERS_TOO_MANY, &[&USERS_MAX.to_string()])),
        Refusal::LastOwner => ("users", v.t(a::LAST_OWNER).into()),
        Refusal::KeyName => ("name", v.t(a::KEY_NAME_BAD).into()),
        Refusal::NoScope => ("scope", v.t(a::KEY_SCOPES_BAD).into()),
        Refusal::TooManyKeys => ("name", v.tf(a::KEYS_TOO_MANY, &[&KEYS_MAX.to_string()])),
        Refusal::NoKey => ("name", v.t(w::NOT_FOUND).into()),
    }
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
    let new = fields.get("new");
    if let Some(refusal) = access::problem_of(new) {
        errors.add("new", fault(&v, refusal).1);
    }
    if !errors.is_empty() {
        return Ok(settings::with_errors(&v, &errors));
    }
    // Whoever knew the old one is out; this session begins anew at the door.
    let changes = UserChanges { password: Some(new), ..UserChanges::default() };
    access::change_user(&v.store, v.user.clone(), changes).await?;
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
