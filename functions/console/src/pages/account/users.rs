//! Users of the account and their roles; and everybody's own password.

use app::keys::KEYS_MAX;
use app::users::{self, NewUser, USERS_MAX, UserChanges};
use app::{AccessRefusal, Error, Expected, UseCase};
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
    v.needs(UseCase::ReadUsers)?;
    list(&v, &Errors::default(), "").await
}

pub async fn create(v: Visitor, fields: Fields) -> Answer {
    v.needs(UseCase::CreateUser)?;
    let email = fields.get("email");
    let Ok(role) = fields.get("role").parse() else { return Err(Failure::Strange) };
    let wanted = NewUser { email, role, password: fields.get("password") };
    let problems = wanted.problems();
    if !problems.is_empty() {
        return list(&v, &errors(&v, problems), email).await;
    }
    match users::create(&v.context, wanted).await {
        Err(Error::Access(refusal)) => list(&v, &errors(&v, vec![refusal]), email).await,
        created => {
            created?;
            v.done("/account/users", "user")
        }
    }
}

/// Another role, or gone. There is always an owner left.
pub async fn change(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    v.needs(UseCase::ChangeUser)?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let any = &Expected::Any;
    let done = match (fields.get("do"), fields.get("role").parse().ok()) {
        ("delete", _) => users::remove(&v.context, &id, any).await,
        (_, Some(role)) => {
            let changes = UserChanges { role: Some(role), password: None };
            users::change(&v.context, &id, any, changes).await
        }
        (_, None) => return Err(Failure::Strange),
    };
    match done {
        Err(Error::Access(refusal)) => list(&v, &errors(&v, vec![refusal]), "").await,
        done => {
            done?;
            v.done("/account/users", "user")
        }
    }
}

/// Why somebody, or a key, is not let in, beside the fields that it is about.
pub fn errors(v: &Visitor, refusals: Vec<AccessRefusal>) -> Errors {
    let mut errors = Errors::default();
    for refusal in refusals {
        let (field, text) = fault(v, refusal);
        errors.add(field, text);
    }
    errors
}

fn fault(v: &Visitor, refusal: AccessRefusal) -> (&'static str, String) {
    match refusal {
        AccessRefusal::NotAnEmail => ("email", v.t(a::EMAIL_BAD).into()),
        AccessRefusal::EmailTaken => ("email", v.t(a::EMAIL_TAKEN).into()),
        AccessRefusal::PasswordLength => ("password", v.t(a::PASSWORD_BAD).into()),
        AccessRefusal::WrongPassword => ("old", v.t(a::OLD_PASSWORD_BAD).into()),
        AccessRefusal::TooManyUsers => ("users", v.tf(a::USERS_TOO_MANY, &[&USERS_MAX.to_string()])),
        AccessRefusal::LastOwner => ("users", v.t(a::LAST_OWNER).into()),
        AccessRefusal::KeyName => ("name", v.t(a::KEY_NAME_BAD).into()),
        AccessRefusal::NoScope => ("scope", v.t(a::KEY_SCOPES_BAD).into()),
        AccessRefusal::TooManyKeys => ("name", v.tf(a::KEYS_TOO_MANY, &[&KEYS_MAX.to_string()])),
    }
}

/// Asks before somebody is locked out.
pub async fn ask(v: Visitor, Path(id): Path<String>) -> Answer {
    v.needs(UseCase::DeleteUser)?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let user = v.context.store.user(&id).await?.ok_or(Failure::NotFound)?;
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
    let (old, new) = (fields.get("old"), fields.get("new"));
    let mut errors = Errors::default();
    if let Some(refusal) = users::password_problem(new) {
        errors.add("new", fault(&v, refusal).1);
        return Ok(settings::with_errors(&v, &errors));
    }
    match users::change_own_password(&v.context, &v.user, old, new).await {
        Err(Error::Access(refusal)) => {
            let (field, text) = fault(&v, refusal);
            errors.add(field, text);
            Ok(settings::with_errors(&v, &errors))
        }
        changed => {
            changed?;
            // Whoever knew the old one is out; this session begins anew at the entry.
            v.done("/account", "saved")
        }
    }
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
    let users = v.context.store.users().await?;
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
                                @if v.may(UseCase::ChangeUser) {
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
        @if v.may(UseCase::ChangeUser) {
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
        @if v.may(UseCase::ChangeUser) {
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
