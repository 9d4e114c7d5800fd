//! API keys. The secret is generated here, shown once, and stored only as a hash.

use app::Expected;
use app::keys::{self, NewKey};
use clap::Subcommand;
use domain::account::{ApiKey, Scope};
use domain::ids::{AccountId, KeyId};
use serde::Serialize;

use crate::CommandError;
use crate::answer::{Answer, Table, maybe_minute, minute};
use crate::operator::Operator;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a key; its secret is shown only once
    Create {
        account: AccountId,
        /// Purpose of the key
        #[arg(long)]
        name: String,
        /// Permissions: read,write,send,admin
        #[arg(long, value_name = "SCOPES", required = true, value_delimiter = ',', value_parser = scope)]
        scopes: Vec<Scope>,
    },
    /// List the keys of an account, and when each was last used
    List { account: AccountId },
    /// Revoke a key; it stops working within seconds
    Revoke { key: KeyId },
}

#[derive(Serialize)]
struct KeyView {
    account: String,
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    created_at: jiff::Timestamp,
    last_used_at: Option<jiff::Timestamp>,
}

#[derive(Serialize)]
struct WithSecret {
    #[serde(flatten)]
    view: KeyView,
    key: String,
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|()| format!("one of {}", Scope::ALL.map(Scope::code).join(", ")))
}

fn view(account: &AccountId, key: &ApiKey) -> KeyView {
    KeyView {
        account: account.to_string(),
        id: key.id.to_string(),
        name: key.name.clone(),
        scopes: key.scopes.iter().map(|scope| scope.code()).collect(),
        created_at: key.created_at,
        last_used_at: key.last_used_at,
    }
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::Create { account, name, scopes } => create(operator, &account, &name, &scopes).await,
        Command::List { account } => list(operator, &account).await,
        Command::Revoke { key } => revoke(operator, &key).await,
    }
}

async fn create(
    operator: &Operator,
    account: &AccountId,
    name: &str,
    scopes: &[Scope],
) -> Result<Answer, CommandError> {
    operator.account(account).await?;
    let (key, secret) = keys::create(&operator.context(account)?, NewKey { name, scopes, id: None }).await?;
    let view = view(account, &key);
    let table = Table::pairs([
        ("key", key.id.to_string()),
        ("name", key.name.clone()),
        ("scopes", view.scopes.join(", ")),
        ("secret", format!("{secret}   (shown this once)")),
    ]);
    Answer::new(&WithSecret { view, key: secret }, table.to_string())
}

async fn list(operator: &Operator, account: &AccountId) -> Result<Answer, CommandError> {
    operator.account(account).await?;
    let keys = operator.store()?.account(account).keys().await?;
    let views: Vec<_> = keys.iter().map(|key| view(account, key)).collect();
    let mut table = Table::new(["KEY", "NAME", "SCOPES", "CREATED", "LAST USED"]);
    for key in &views {
        let (scopes, used) = (key.scopes.join(","), maybe_minute(key.last_used_at));
        table.row([key.id.clone(), key.name.clone(), scopes, minute(key.created_at), used]);
    }
    Answer::list(
        &views,
        table,
        "there is no key yet: `key create ACCOUNT --name NAME --scopes read,write,send` makes one",
    )
}

async fn revoke(operator: &Operator, id: &KeyId) -> Result<Answer, CommandError> {
    let none = || CommandError::NotFound { what: format!("key {id} in {}", operator.deployment) };
    let store = operator.store()?;
    let account = store.account_of_key(id).await?.ok_or_else(none)?;
    let store = store.account(&account);
    let key = store.key(id).await?.ok_or_else(none)?;
    keys::revoke(&operator.context(&account)?, id, &Expected::Any).await?;
    Answer::new(&view(&account, &key), format!("{id} ({}) opens nothing any more\n", key.name))
}
