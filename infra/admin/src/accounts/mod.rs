//! Accounts: identity, settings, credits.

mod create;
mod credits;
mod leaving;
mod set;
mod view;

use clap::Subcommand;
use domain::ids::AccountId;

use crate::CommandError;
use crate::answer::{Answer, Table};
use crate::operator::Operator;
use view::{AccountView, balance};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an account
    Create(create::Create),
    /// List all accounts
    List,
    /// Show one account, with its users, keys and last movements
    Show {
        #[arg(value_name = "ACCOUNT")]
        account: AccountId,
    },
    /// Change settings; those not named stay
    Set(set::Set),
    /// Credits of an account: add, set, unlimited, ledger
    #[command(subcommand)]
    Credits(credits::Command),
    /// Write all data of an account to a folder
    Export(leaving::Export),
    /// Remove an account and all of its data, for good
    Remove(leaving::Remove),
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::Create(create) => create.run(operator).await,
        Command::List => list(operator).await,
        Command::Show { account } => show(operator, &account).await,
        Command::Set(set) => set.run(operator).await,
        Command::Credits(command) => credits::run(operator, command).await,
        Command::Export(export) => export.run(operator).await,
        Command::Remove(remove) => remove.run(operator).await,
    }
}

async fn list(operator: &Operator) -> Result<Answer, CommandError> {
    let accounts = operator.store()?.accounts().await?;
    let mut table = Table::new(["ACCOUNT", "NAME", "CREDITS", "HELD", "CREATED"]);
    for account in &accounts {
        let held = account.balance.reserved.to_string();
        let created = crate::answer::minute(account.created_at);
        table.row([account.id.to_string(), account.name.clone(), balance(account), held, created]);
    }
    let items: Vec<_> = accounts.iter().map(AccountView::new).collect();
    Answer::list(&items, table, "there is no account yet: `account create --name NAME --stop-code CODE` makes one")
}

async fn show(operator: &Operator, id: &AccountId) -> Result<Answer, CommandError> {
    let account = operator.account(id).await?;
    view::whole(operator, &account).await
}
