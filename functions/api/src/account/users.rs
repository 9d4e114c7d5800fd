//! `GET|POST /v1/account/users`, `PATCH|DELETE /v1/account/users/{id}`: people who sign in to the console. An account
//! always keeps an owner.

use app::users::{self, NewUser, UserChanges};
use app::{Context, UseCase, password};
use domain::account::{Role, User};
use domain::email;
use domain::ids::UserId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use support::random;

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{any_text, field, id, instant, line, maybe, object, page, text, word as one_of};
use crate::error::not_found;
use crate::gate::{Body, Id, IfMatch, maybe_word, word};

pub fn operations() -> Vec<Operation> {
    let roles = || {
        one_of(Role::ALL.map(Role::code)).about(
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
        get("/account/users", UseCase::ReadUsers, "Users of the console", all).answers(
            200,
            "Every user",
            "Tous les utilisateurs",
            page(user.clone()),
        ),
        post("/account/users", UseCase::CreateUser, "Makes a user", create)
            .takes(object([
                field("email", line(email::CHARACTERS_MAX).such_as("jeanne@example.com")),
                field("role", roles()),
                maybe("password", secret()),
            ]))
            .example(json!({ "email": "paul@example.com", "role": "viewer" }))
            .answers(201, "The user", "L’utilisateur", created),
        get("/account/users/{id}", UseCase::ReadUsers, "A user", show).answers(
            200,
            "The user",
            "L’utilisateur",
            user.clone(),
        ),
        patch("/account/users/{id}", UseCase::ChangeUser, "Changes role or password", change)
            .takes(object([maybe("role", roles()), maybe("password", secret())]))
            .example(json!({ "role": "editor" }))
            .answers(200, "The user", "L’utilisateur", user),
        delete("/account/users/{id}", UseCase::DeleteUser, "Removes a user", remove).answers_empty(
            204,
            "Removed",
            "Supprimé",
        ),
    ]
}

#[derive(Deserialize)]
struct NewUserBody {
    email: String,
    #[serde(deserialize_with = "word")]
    role: Role,
    password: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Changes {
    #[serde(deserialize_with = "maybe_word")]
    role: Option<Role>,
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

async fn all(context: Context) -> Answered {
    Answer::list(context.store.users().await?, |user| view(&user))
}

async fn create(context: Context, Body(wanted): Body<NewUserBody>) -> Answered {
    let made_up = wanted.password.is_none().then(|| password::made_up(random::bytes()));
    let password = wanted.password.as_deref().or(made_up.as_deref()).unwrap_or_default();
    let user = users::create(&context, NewUser { email: &wanted.email, role: wanted.role, password }).await?;
    let location = format!("/account/users/{}", user.id);
    Answer::created(&location, &CreatedView { user: view(&user), password: made_up })?
        .version(user.version)
        .idempotent_body(&CreatedView { user: view(&user), password: None })
}

async fn show(context: Context, Id(id): Id<UserId>) -> Answered {
    let user = context.store.user(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&user))?.version(user.version))
}

async fn change(
    context: Context,
    Id(id): Id<UserId>,
    IfMatch(expected): IfMatch,
    Body(wanted): Body<Changes>,
) -> Answered {
    let changes = UserChanges { role: wanted.role, password: wanted.password.as_deref() };
    let user = users::change(&context, &id, &expected, changes).await?;
    Ok(Answer::ok(&view(&user))?.version(user.version))
}

async fn remove(context: Context, Id(id): Id<UserId>, IfMatch(expected): IfMatch) -> Answered {
    users::remove(&context, &id, &expected).await?;
    Ok(Answer::empty())
}
