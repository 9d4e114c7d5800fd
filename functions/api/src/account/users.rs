//! `GET|POST /v1/account/users`, `PATCH|DELETE /v1/account/users/{id}`: people who sign in to the console. An account
//! always keeps an owner.

use app::access::{self, UserChanges};
use app::password;
use aws::store::AccountStore;
use domain::account::{Role, Scope, User};
use domain::email;
use domain::ids::UserId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{any_text, field, id, instant, line, maybe, object, page, text, word};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    let roles = || {
        word(Role::ALL.map(Role::code)).about(
            "owner: everything; editor: campaigns; viewer: reads",
            "owner : tout ; editor : les campagnes ; viewer : lit",
        )
    };
    let secret = || text(*password::CHARACTERS.start(), *password::CHARACTERS.end());
    let user = object([
        field("id", id("usr_")),
        field("email", any_text().such_as("jeanne@example.com")),
        field("role", roles()),
        field("created_at", instant()),
    ]);
    let initial = any_text().or_null().about(
        "Made up when none was given; shown this once",
        "Inventé quand il n’a pas été donné ; montré cette seule fois",
    );
    let created = user.clone().with([field("password", initial)]).named("NewUser");
    let user = user.named("User");
    vec![
        get("/account/users", Scope::Admin, "Users of the console", all).answers(
            200,
            "Every user",
            "Tous les utilisateurs",
            page(user.clone()),
        ),
        post("/account/users", Scope::Admin, "Makes a user", create)
            .takes(object([
                field("email", line(email::CHARACTERS_MAX).such_as("jeanne@example.com")),
                field("role", roles()),
                maybe("password", secret()),
            ]))
            .example(json!({ "email": "paul@example.com", "role": "viewer" }))
            .answers(201, "The user", "L’utilisateur", created),
        get("/account/users/{id}", Scope::Admin, "A user", show).answers(
            200,
            "The user",
            "L’utilisateur",
            user.clone(),
        ),
        patch("/account/users/{id}", Scope::Admin, "Changes role or password", change)
            .takes(object([maybe("role", roles()), maybe("password", secret())]))
            .example(json!({ "role": "editor" }))
            .answers(200, "The user", "L’utilisateur", user),
        delete("/account/users/{id}", Scope::Admin, "Removes a user", remove).answers_empty(204, "Removed", "Supprimé"),
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

fn role(text: &str) -> Role {
    // The contract lets no other word through.
    text.parse().unwrap_or(Role::Viewer)
}

async fn create(app: App, caller: Caller, Body(wanted): Body<NewUser>) -> Answered {
    let role = role(&wanted.role);
    caller.may_give(role.scopes())?;
    let made_up = wanted.password.is_none().then(|| password::made_up(app.random()));
    let password = wanted.password.as_deref().or(made_up.as_deref()).unwrap_or_default();
    let new = access::NewUser { email: &wanted.email, role, password };
    let user = access::create_user(&app.store_of(&caller), new, app.clock.now()).await?;
    app.trail(&caller).note("user.created", user.id.as_str(), user.role.code()).await;
    let location = format!("/account/users/{}", user.id);
    Answer::created(&location, &CreatedView { user: view(&user), password: made_up })?
        .version(user.version)
        .keep_instead(&CreatedView { user: view(&user), password: None })
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
    caller.may_give(found.role.scopes())?;
    let role = wanted.role.as_deref().map(role);
    caller.may_give(role.unwrap_or(found.role).scopes())?;
    let is_new_password = wanted.password.is_some();
    let changes = UserChanges { role, password: wanted.password.as_deref() };
    let user = access::change_user(&store, found, changes).await?;
    let password = if is_new_password { ", password" } else { "" };
    app.trail(&caller).note("user.changed", id.as_str(), format!("{}{password}", user.role.code())).await;
    Ok(Answer::ok(&view(&user))?.version(user.version))
}

async fn remove(app: App, caller: Caller, Id(id): Id<UserId>, if_match: IfMatch) -> Answered {
    let store = app.store_of(&caller);
    let user = find(&store, &id, &if_match).await?;
    access::remove_user(&store, &user).await?;
    app.trail(&caller).note("user.deleted", id.as_str(), "").await;
    Ok(Answer::empty())
}
