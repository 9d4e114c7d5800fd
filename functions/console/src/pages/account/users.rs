//! Users of the account and their roles; and each user's own password.

use app::keys::KEYS_MAX;
use app::users::{self, NewUser, USERS_MAX, UserChanges};
use app::{AccessDenied, Error, Expected, UseCase};
use axum::extract::Path;
use domain::account::{Role, User};
use domain::ids::UserId;
use maud::{Markup, html};

use super::{page, settings};
use crate::view::icons;
use crate::view::layout::NavItem;
use crate::view::parts::{Ask, Errors, Field, csrf};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words::{self, Word};

pub fn word(role: Role) -> Word {
    match role {
        Role::Owner => words::account::OWNER,
        Role::Editor => words::account::EDITOR,
        Role::Viewer => words::account::VIEWER,
    }
}

pub async fn show(visitor: Visitor) -> Answer {
    visitor.needs(UseCase::ReadUsers)?;
    list(&visitor, &Errors::default(), "").await
}

pub async fn create(visitor: Visitor, fields: Fields) -> Answer {
    visitor.needs(UseCase::CreateUser)?;
    let email = fields.get("email");
    let Ok(role) = fields.get("role").parse() else { return Err(PageError::ForeignForm) };
    let new_user = NewUser { email, role, password: fields.get("password") };
    let problems = new_user.problems();
    if !problems.is_empty() {
        return list(&visitor, &errors(&visitor, problems), email).await;
    }
    match users::create(&visitor.context, new_user).await {
        Err(Error::Access(error)) => list(&visitor, &errors(&visitor, vec![error]), email).await,
        created => {
            created?;
            visitor.done("/account/users", "user")
        }
    }
}

/// Changes a role or removes a user. An owner always remains.
pub async fn change(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    visitor.needs(UseCase::ChangeUser)?;
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let any = &Expected::Any;
    let done = match (fields.get("do"), fields.get("role").parse().ok()) {
        ("delete", _) => users::remove(&visitor.context, &id, any).await,
        (_, Some(role)) => {
            let changes = UserChanges { role: Some(role), password: None };
            users::change(&visitor.context, &id, any, changes).await
        }
        (_, None) => return Err(PageError::ForeignForm),
    };
    match done {
        Err(Error::Access(error)) => list(&visitor, &errors(&visitor, vec![error]), "").await,
        done => {
            done?;
            visitor.done("/account/users", "user")
        }
    }
}

/// The text of the errors for users and keys, beside their fields.
pub fn errors(visitor: &Visitor, denied: Vec<AccessDenied>) -> Errors {
    let mut errors = Errors::default();
    for error in denied {
        let (field, text) = field_error(visitor, error);
        errors.add(field, text);
    }
    errors
}

fn field_error(visitor: &Visitor, error: AccessDenied) -> (&'static str, String) {
    match error {
        AccessDenied::NotAnEmail => ("email", visitor.text(words::account::EMAIL_BAD).into()),
        AccessDenied::EmailTaken => ("email", visitor.text(words::account::EMAIL_TAKEN).into()),
        AccessDenied::PasswordLength => ("password", visitor.text(words::account::PASSWORD_BAD).into()),
        AccessDenied::WrongPassword => ("old", visitor.text(words::account::OLD_PASSWORD_BAD).into()),
        AccessDenied::TooManyUsers => {
            ("users", visitor.text_with(words::account::USERS_TOO_MANY, &[&USERS_MAX.to_string()]))
        }
        AccessDenied::LastOwner => ("users", visitor.text(words::account::LAST_OWNER).into()),
        AccessDenied::KeyName => ("name", visitor.text(words::account::KEY_NAME_BAD).into()),
        AccessDenied::NoScope => ("scope", visitor.text(words::account::KEY_SCOPES_BAD).into()),
        AccessDenied::TooManyKeys => {
            ("name", visitor.text_with(words::account::KEYS_TOO_MANY, &[&KEYS_MAX.to_string()]))
        }
    }
}

/// Asks for confirmation before a user loses access.
pub async fn ask(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.needs(UseCase::DeleteUser)?;
    let id: UserId = id.parse().map_err(|_| PageError::NotFound)?;
    let user = visitor.context.store.user(&id).await?.ok_or(PageError::NotFound)?;
    let ask = Ask {
        title: &visitor.text_with(words::account::USER_DELETE_ASK, &[&user.email]),
        help: visitor.text(words::account::USER_DELETE_HELP),
        action: &format!("/account/users/{id}"),
        back: "/account/users",
        yes: words::common::DELETE,
        is_danger: true,
        fields: html! { input type="hidden" name="do" value="delete"; },
    };
    Ok(ask.page(&visitor, NavItem::Account))
}

pub async fn password(visitor: Visitor, fields: Fields) -> Answer {
    let (old, new) = (fields.get("old"), fields.get("new"));
    let mut errors = Errors::default();
    if let Some(error) = users::password_problem(new) {
        errors.add("new", field_error(&visitor, error).1);
        return Ok(settings::with_errors(&visitor, &errors));
    }
    match users::change_own_password(&visitor.context, &visitor.user, old, new).await {
        Err(Error::Access(error)) => {
            let (field, text) = field_error(&visitor, error);
            errors.add(field, text);
            Ok(settings::with_errors(&visitor, &errors))
        }
        changed => {
            changed?;
            // Every session of the user has ended, this one too: the next page asks to sign in again.
            visitor.done("/account", "saved")
        }
    }
}

pub fn password_form(visitor: &Visitor, errors: &Errors) -> Markup {
    let old =
        Field { name: "old", label: visitor.text(words::account::OLD_PASSWORD), hint: None, error: errors.of("old") };
    let new = Field {
        name: "new",
        label: visitor.text(words::account::PASSWORD_NEW),
        hint: Some(visitor.text(words::account::PASSWORD_HINT)),
        error: errors.of("new"),
    };
    html! {
        form method="post" action="/me/password" {
            (csrf(visitor))
            input.unseen type="text" name="username" value=(visitor.user.email) autocomplete="username" tabindex="-1" aria-hidden="true";
            div.columns.low {
                (old.input("password", "", "current-password"))
                (new.input("password", "", "new-password"))
            }
            br;
            button.button.plain { (visitor.text(words::account::MY_PASSWORD)) }
        }
    }
}

async fn list(visitor: &Visitor, errors: &Errors, typed: &str) -> Answer {
    let users = visitor.context.store.users().await?;
    let options: Vec<_> =
        Role::ALL.iter().map(|role| (role.code().to_owned(), visitor.text(word(*role)).to_owned())).collect();
    let email =
        Field { name: "email", label: visitor.text(words::common::EMAIL), hint: None, error: errors.of("email") };
    let first = Field {
        name: "password",
        label: visitor.text(words::account::PASSWORD_NEW),
        hint: Some(visitor.text(words::account::PASSWORD_HINT)),
        error: errors.of("password"),
    };
    let role = Field { name: "role", label: visitor.text(words::account::ROLE), hint: None, error: None };
    let content = html! {
        p.lead { (visitor.text(words::account::USERS_LEAD)) }
        br;
        div.sheet #users {
            table.cards {
                thead { tr { th scope="col" { (visitor.text(words::common::EMAIL)) } th scope="col" { (visitor.text(words::account::ROLE)) } th scope="col" { (visitor.text(words::common::CREATED)) } th scope="col" { span.unseen { (visitor.text(words::common::ACTIONS)) } } } }
                tbody {
                    @for user in &users {
                        tr {
                            td.name data-label=(visitor.text(words::common::EMAIL)) { (user.email) @if user.id == visitor.user.id { " " span.tag { (visitor.text(words::account::YOU)) } } }
                            td.whole data-label=(visitor.text(words::account::ROLE)) { (role_of(visitor, user, &options)) }
                            td data-label=(visitor.text(words::common::CREATED)) { (visitor.date(user.created_at)) }
                            td.actions {
                                @if visitor.may(UseCase::ChangeUser) {
                                    div.row-actions {
                                        a.action href={ "/account/users/" (user.id) "/delete" } data-dialog title=(visitor.text(words::common::DELETE)) {
                                            (icons::trash()) span { (visitor.text(words::common::DELETE)) " " (user.email) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if visitor.may(UseCase::ChangeUser) {
            form.card method="post" action="/account/users" {
                (csrf(visitor))
                h2 { (icons::person()) (visitor.text(words::account::USER_NEW)) }
                div.columns.low {
                    (email.input("email", typed, "off"))
                    (first.input("password", "", "new-password"))
                    (role.select("editor", &options))
                }
                br;
                button.button { (visitor.text(words::account::USER_NEW)) }
            }
        }
    };
    Ok(page(visitor, "/account/users", errors, content))
}

/// The role, which an owner can change in the table.
fn role_of(visitor: &Visitor, user: &User, options: &[(String, String)]) -> Markup {
    html! {
        @if visitor.may(UseCase::ChangeUser) {
            form.joined method="post" action={ "/account/users/" (user.id) } {
                (csrf(visitor))
                select name="role" aria-label={ (visitor.text(words::account::ROLE)) " " (user.email) } {
                    @for (code, text) in options { option value=(code) selected[code == user.role.code()] { (text) } }
                }
                button.button.plain { (visitor.text(words::common::SAVE)) }
            }
        } @else { (visitor.text(word(user.role))) }
    }
}
