//! Users of the console. Passwords are generated here, shown once, and stored only as hashes.

use app::Expected;
use app::password;
use app::users::{self, NewUser};
use aws::store::AccountStore;
use clap::Subcommand;
use domain::account::{Role, User};
use domain::email;
use domain::ids::AccountId;
use serde::Serialize;
use support::random;

use crate::CommandError;
use crate::answer::{Answer, Table, minute};
use crate::operator::Operator;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a user; the password is shown only once
    Create {
        account: AccountId,
        email: String,
        /// owner: everything; editor: campaigns, contacts and templates; viewer: read only
        #[arg(long, default_value = "owner", value_parser = role)]
        role: Role,
    },
    /// List the users of an account
    List { account: AccountId },
    /// Set a new password, shown only once; sessions with the old one end
    ResetPassword { email: String },
    /// Delete a user; an account always keeps an owner
    Delete { email: String },
}

#[derive(Serialize)]
struct UserView {
    account: String,
    id: String,
    email: String,
    role: &'static str,
    created_at: jiff::Timestamp,
}

#[derive(Serialize)]
struct WithPassword {
    #[serde(flatten)]
    user: UserView,
    password: String,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|()| format!("one of {}", Role::ALL.map(Role::code).join(", ")))
}

fn view(account: &AccountId, user: &User) -> UserView {
    UserView {
        account: account.to_string(),
        id: user.id.to_string(),
        email: user.email.clone(),
        role: user.role.code(),
        created_at: user.created_at,
    }
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::Create { account, email, role } => create(operator, &account, &email, role).await,
        Command::List { account } => list(operator, &account).await,
        Command::ResetPassword { email } => reset_password(operator, &email).await,
        Command::Delete { email } => delete(operator, &email).await,
    }
}

async fn create(operator: &Operator, account: &AccountId, email: &str, role: Role) -> Result<Answer, CommandError> {
    operator.account(account).await?;
    let password = password::made_up(random::bytes());
    let wanted = NewUser { email, role, password: &password };
    let user = users::create(&operator.context(account)?, wanted).await?;
    shown_once(account, &user, password)
}

async fn list(operator: &Operator, account: &AccountId) -> Result<Answer, CommandError> {
    operator.account(account).await?;
    let users = operator.store()?.account(account).users().await?;
    let mut table = Table::new(["USER", "EMAIL", "ROLE", "CREATED"]);
    for user in &users {
        table.row([user.id.to_string(), user.email.clone(), user.role.code().into(), minute(user.created_at)]);
    }
    let items: Vec<_> = users.iter().map(|user| view(account, user)).collect();
    Answer::list(&items, table, "no user yet: create one with `user create ACCOUNT EMAIL`")
}

async fn reset_password(operator: &Operator, email: &str) -> Result<Answer, CommandError> {
    let (store, user) = find(operator, email).await?;
    let password = password::made_up(random::bytes());
    let user = users::reset_password(&operator.context(store.id())?, &user.id, &password).await?;
    shown_once(store.id(), &user, password)
}

async fn delete(operator: &Operator, email: &str) -> Result<Answer, CommandError> {
    let (store, user) = find(operator, email).await?;
    users::remove(&operator.context(store.id())?, &user.id, &Expected::Any).await?;
    Answer::new(&view(store.id(), &user), format!("{} does not sign in any more\n", user.email))
}

/// The user with an e-mail address, in any account.
async fn find(operator: &Operator, text: &str) -> Result<(AccountStore, User), CommandError> {
    let not_found = || CommandError::NotFound { what: format!("user {text} in {}", operator.deployment) };
    let email = email::parse(text).ok_or_else(not_found)?;
    let store = operator.store()?;
    let (account, id) = store.user_of_email(&email).await?.ok_or_else(not_found)?;
    let store = store.account(&account);
    let user = store.user(&id).await?.ok_or_else(not_found)?;
    Ok((store, user))
}

fn shown_once(account: &AccountId, user: &User, password: String) -> Result<Answer, CommandError> {
    let table = Table::pairs([
        ("user", user.id.to_string()),
        ("email", user.email.clone()),
        ("role", user.role.code().to_owned()),
        ("password", format!("{password}   (shown this once)")),
    ]);
    Answer::new(&WithPassword { user: view(account, user), password }, table.to_string())
}
