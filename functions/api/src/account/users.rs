//! `GET|POST /v1/account/users`, `PATCH|DELETE /v1/account/users/{id}`: people who sign in to the console. An account
//! always keeps an owner.

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::domain::account::{Role, Scope, User};
use shared::domain::ids::UserId;
use shared::http::{Kind, Problem};
use shared::runtime::password;
use shared::store::{self, AccountStore};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{any_text, field, id, instant, line, maybe, object, page, text, word};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id, IfMatch};

/// Longest address (RFC 5321, 4.5.3.1.3).
const EMAIL_CHARACTERS_MAX: usize = 254;
/// Length of passwords: long enough to withstand guessing, short enough to be hashed quickly.
const PASSWORD_CHARACTERS: (usize, usize) = (12, 200);
const USERS_MAX: usize = 200;

pub fn operations() -> Vec<Operation> {
    let roles = || word(Role::ALL.map(Role::code)).about("owner: everything; editor: campaigns; viewer: reads");
    let password = || text(PASSWORD_CHARACTERS.0, PASSWORD_CHARACTERS.1);
    let user = object([
        field("id", id("usr_")),
        field("email", any_text().such_as("jeanne@example.com")),
        field("role", roles()),
        field("created_at", instant()),
    ]);
    let initial = any_text().or_null().about("Made up when none was given; shown this once");
    let created = user.clone().with([field("password", initial)]).named("NewUser");
    let user = user.named("User");
    vec![
        get("/account/users", Scope::Admin, "Users of the console", all).answers(200, "Every user", page(user.clone())),
        post("/account/users", Scope::Admin, "Makes a user", create)
            .takes(object([
                field("email", line(EMAIL_CHARACTERS_MAX).such_as("jeanne@example.com")),
                field("role", roles()),
                maybe("password", password()),
            ]))
            .example(json!({ "email": "paul@example.com", "role": "viewer" }))
            .answers(201, "The user", created),
        get("/account/users/{id}", Scope::Admin, "A user", show).answers(200, "The user", user.clone()),
        patch("/account/users/{id}", Scope::Admin, "Changes role or password", change)
            .takes(object([maybe("role", roles()), maybe("password", password())]))
            .example(json!({ "role": "editor" }))
            .answers(200, "The user", user),
        delete("/account/users/{id}", Scope::Admin, "Removes a user", remove).answers_empty(204, "Removed"),
    ]
}

#[derive(Deserialize)]
struct NewUser {
    email: String,
    role: String,
    password: Option<String>,
}

#[derive(Deserialize)]
struct Changes {
    role: Option<String>,
    password: Option<String>,
}

#[derive(Serialize)]
struct UserView {
    id: String,
    email: String,
    role: &'static str,
    created_at: jiff::Timestamp,
}

#[derive(Serialize)]
struct CreatedView {
    #[serde(flatten)]
    user: UserView,
    password: Option<String>,
}

fn view(user: &User) -> UserView {
    UserView { id: user.id.to_string(), email: user.email.clone(), role: user.role.code(), created_at: user.created_at }
}

async fn all(app: App, caller: Caller) -> Answered {
    let users = app.store_of(&caller).users().await?;
    Answer::every(users, |user| view(&user))
}

/// Something, `@`, something with a dot that is not at an end. Whether it exists, only a mail can tell.
fn is_email(text: &str) -> bool {
    let plain = text.bytes().all(|octet| octet.is_ascii_graphic());
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    plain
        && !local.is_empty()
        && !local.contains('@')
        && domain.trim_matches('.').contains('.')
        && !domain.starts_with('.')
}

fn role(text: &str) -> Role {
    // The contract lets no other word through.
    text.parse().unwrap_or(Role::Viewer)
}

/// Hashing is slow on purpose, so it happens where it holds nobody up.
async fn hashed(password: String) -> Result<String, Failure> {
    let hash = tokio::task::spawn_blocking(move || password::hash(&password).ok()).await;
    hash.ok().flatten().ok_or(Failure::Gone { what: "the password's hash" })
}

async fn create(app: App, caller: Caller, Body(wanted): Body<NewUser>) -> Answered {
    let store = app.store_of(&caller);
    let email = wanted.email.trim().to_lowercase();
    if !is_email(&email) {
        return Err(Problem::fault("malformed", "/email", "an e-mail address", "une adresse e-mail").into());
    }
    let role = role(&wanted.role);
    caller.may_give(scopes(role))?;
    if store.users().await?.len() >= USERS_MAX {
        let (english, french) = (format!("at most {USERS_MAX} users"), format!("{USERS_MAX} utilisateurs au plus"));
        return Err(Problem::new(Kind::Conflict, english, french).into());
    }
    let made_up = wanted.password.is_none().then(|| made_up(app.random()));
    let Some(password) = wanted.password.or_else(|| made_up.clone()) else {
        return Err(Failure::Gone { what: "the password" });
    };
    let now = app.clock.now();
    let id = UserId::new(now, app.random());
    let password_hash = hashed(password).await?;
    let user = User { id, email, password_hash, role, created_at: now, version: 0 };
    match store.put_new_user(&user).await {
        Err(store::Error::Conflict { .. }) => {
            let (english, french) = ("this address is taken", "cette adresse est déjà prise");
            return Err(Problem::fault("taken", "/email", english, french).into());
        }
        written => written?,
    }
    app.trail(&caller).note("user.created", user.id.as_str(), user.role.code()).await;
    let location = format!("/account/users/{}", user.id);
    Answer::created(&location, &CreatedView { user: view(&user), password: made_up })?
        .version(1)
        .keep_instead(&CreatedView { user: view(&user), password: None })
}

/// A password of 20 characters that are told apart easily: 100 bits.
fn made_up(random: [u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    random.iter().map(|octet| char::from(ALPHABET[usize::from(octet & 31)])).collect()
}

async fn find(store: &AccountStore, id: &UserId, if_match: &IfMatch) -> Result<User, Failure> {
    let user = store.user(id).await?.ok_or_else(not_found)?;
    if_match.holds(user.version)?;
    Ok(user)
}

async fn show(app: App, caller: Caller, Id(id): Id<UserId>) -> Answered {
    let user = app.store_of(&caller).user(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&user))?.version(user.version))
}

async fn change(
    app: App,
    caller: Caller,
    Id(id): Id<UserId>,
    if_match: IfMatch,
    Body(wanted): Body<Changes>,
) -> Answered {
    let store = app.store_of(&caller);
    let found = find(&store, &id, &if_match).await?;
    // Whoever sets a password can sign in with it.
    caller.may_give(scopes(found.role))?;
    let role = wanted.role.as_deref().map_or(found.role, role);
    caller.may_give(scopes(role))?;
    let mut user = User { role, ..found.clone() };
    let is_new_password = wanted.password.is_some();
    if let Some(password) = wanted.password {
        user.password_hash = hashed(password).await?;
    }
    match other_owner(&store, &found).await? {
        Some(other) if role != Role::Owner => store.put_user_beside(&user, &other).await?,
        _ => {
            if role != Role::Owner {
                keep_an_owner(&found)?;
            }
            store.put_user(&user).await?;
        }
    }
    if is_new_password {
        store.end_sessions_of(&id).await?;
    }
    let password = if is_new_password { ", password" } else { "" };
    app.trail(&caller).note("user.changed", id.as_str(), format!("{}{password}", user.role.code())).await;
    Ok(Answer::ok(&view(&user))?.version(user.version + 1))
}

async fn remove(app: App, caller: Caller, Id(id): Id<UserId>, if_match: IfMatch) -> Answered {
    let store = app.store_of(&caller);
    let user = find(&store, &id, &if_match).await?;
    let other = other_owner(&store, &user).await?;
    if other.is_none() {
        keep_an_owner(&user)?;
    }
    store.delete_user(&user, other.as_ref()).await?;
    store.end_sessions_of(&id).await?;
    app.trail(&caller).note("user.deleted", id.as_str(), "").await;
    Ok(Answer::empty())
}

/// What a role may do in the console, as scopes.
fn scopes(role: Role) -> &'static [Scope] {
    match role {
        Role::Owner => &Scope::ALL,
        Role::Editor => &[Scope::Read, Scope::Write, Scope::Send],
        Role::Viewer => &[Scope::Read],
    }
}

/// Another owner, who must stay one when this owner goes.
async fn other_owner(store: &AccountStore, user: &User) -> Result<Option<User>, Failure> {
    if user.role != Role::Owner {
        return Ok(None);
    }
    let is_other = |other: &User| other.role == Role::Owner && other.id != user.id;
    Ok(store.users().await?.into_iter().find(is_other))
}

/// Refuses what would leave an account without an owner.
fn keep_an_owner(user: &User) -> Result<(), Problem> {
    if user.role != Role::Owner {
        return Ok(());
    }
    let (english, french) = ("an account keeps at least one owner", "un compte garde au moins un propriétaire");
    Err(Problem::new(Kind::Conflict, english, french))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_look_like_addresses() {
        for email in ["a@b.fr", "jeanne.d-arc+sms@mail.example.com"] {
            assert!(is_email(email), "{email}");
        }
        for email in ["", "a", "a@b", "@b.fr", "a@b.", "a@.fr", "a b@c.fr", "a@b@c.fr", "é@b.fr"] {
            assert!(!is_email(email), "{email}");
        }
    }

    #[test]
    fn a_made_up_password_is_long_enough() {
        assert_eq!(made_up([255; 20]).len(), 20);
        assert!(made_up([0; 20]).len() >= PASSWORD_CHARACTERS.0);
    }
}
