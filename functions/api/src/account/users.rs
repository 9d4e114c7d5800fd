//! `GET|POST /v1/account/users`, `PATCH|DELETE /v1/account/users/{id}`: users of the console. An account always keeps
//! an owner.

use app::users::{self, NewUser, UserChanges};
use app::{Context, UseCase, password};
use domain::account::{Role, User};
use domain::email;
use domain::ids::UserId;
use serde_json::json;
use support::random;

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, patch, post};
use crate::contract::schema::{Schema, any_text, line, text};
use crate::error::not_found;
use crate::gate::{Body, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account/users", UseCase::ReadUsers, all)
            .summary("Users of the console", "Utilisateurs de la console")
            .lists::<UserView>("Every user", "Tous les utilisateurs"),
        post("/account/users", UseCase::CreateUser, create)
            .summary("Makes a user", "Crée un utilisateur")
            .example(json!({ "email": "paul@example.com", "role": "viewer" }))
            .answers::<CreatedView>(201, "The user", "L’utilisateur"),
        get("/account/users/{id}", UseCase::ReadUsers, show).summary("A user", "Un utilisateur").answers::<UserView>(
            200,
            "The user",
            "L’utilisateur",
        ),
        patch("/account/users/{id}", UseCase::ChangeUser, change)
            .summary("Changes role or password", "Change le rôle ou le mot de passe")
            .example(json!({ "role": "editor" }))
            .answers::<UserView>(200, "The user", "L’utilisateur"),
        delete("/account/users/{id}", UseCase::DeleteUser, remove)
            .summary("Removes a user", "Supprime un utilisateur")
            .answers_empty(204, "Removed", "Supprimé"),
    ]
}

fn password() -> Schema {
    text(*password::CHARACTERS.start(), *password::CHARACTERS.end())
}

requests! {
    struct NewUserBody {
        email: String = line(email::CHARACTERS_MAX).such_as("jeanne@example.com"),
        /// owner: everything; editor: campaigns; viewer: reads
        /// owner : tout ; editor : les campagnes ; viewer : lit
        role: Role,
        password?: String = password(),
    }

    struct Changes {
        /// owner: everything; editor: campaigns; viewer: reads
        /// owner : tout ; editor : les campagnes ; viewer : lit
        role?: Role,
        password?: String = password(),
    }
}

answers! {
    struct UserView as "User" {
        id: UserId,
        email: String = any_text().such_as("jeanne@example.com"),
        /// owner: everything; editor: campaigns; viewer: reads
        /// owner : tout ; editor : les campagnes ; viewer : lit
        role: Role,
        created_at: jiff::Timestamp,
    }

    struct CreatedView as "NewUser" {
        ..user: UserView,
        /// Made up when none was given; shown this once
        /// Inventé quand il n’a pas été donné ; montré cette seule fois
        password: Option<String>,
    }
}

fn view(user: &User) -> UserView {
    UserView { id: user.id.clone(), email: user.email.clone(), role: user.role, created_at: user.created_at }
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
