//! The account of a new installation: « Démo », unlimited, with one user and one key with all scopes.

use app::config::{Queue, Table};
use app::users::{self, NewUser};
use app::{Actor, Services, accounts, keys};
use domain::account::{Account, ApiKey, Role, Scope};
use domain::api_key;
use domain::credits::{Balance, Mode};
use hex::FromHex;
use jiff::Timestamp;
use support::ConfigErrors;

use super::installation::Installation;
use crate::machine::Machine;

const NAME: &str = "Démo";
const SENDER: &str = "ENVOL";
const STOP_CODE: &str = "36105";

/// Why there is no first account.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo account is not made")]
    App(#[from] app::Error),
    #[error("the tables are not read")]
    Store(#[from] aws::store::Error),
    #[error("the template does not name the tables")]
    Tables(#[from] ConfigErrors),
    #[error("installation.json holds no API key")]
    Key,
}

/// Creates the account, its user and its key, as far as an earlier start has not.
pub async fn ensure(machine: &Machine, installation: &Installation, now: Timestamp) -> Result<(), DemoError> {
    let (services, actor) = (services(machine)?, Actor::operator("local"));
    let context = services.context(&installation.account_id, actor.clone());
    if context.store.account().await?.is_none() {
        accounts::create(&services, &actor, &new_account(installation, now)).await?;
    }
    if context.store.key(&installation.key_id).await?.is_none() {
        keys::install(&context, &new_key(installation, now)?).await?;
    }
    if !context.store.users().await?.iter().any(|user| user.email == installation.email) {
        let (email, password) = (&installation.email, &installation.password);
        users::create(&context, NewUser { email, role: Role::Owner, password }).await?;
    }
    Ok(())
}

/// What the use cases need, as the API function knows it.
fn services(machine: &Machine) -> Result<Services, ConfigErrors> {
    let tables = [Table::Accounts, Table::Lists, Table::Campaigns, Table::Links];
    machine.start_of("api").make(|resources| Some(resources.services(&tables, &[Queue::Wakeups, Queue::Deliveries])))
}

fn new_account(installation: &Installation, now: Timestamp) -> Account {
    Account {
        name: NAME.to_owned(),
        default_sender: SENDER.to_owned(),
        stop_code: STOP_CODE.to_owned(),
        balance: Balance { mode: Mode::Unlimited, ..Balance::default() },
        ..Account::new(installation.account_id.clone(), now)
    }
}

fn new_key(installation: &Installation, now: Timestamp) -> Result<ApiKey, DemoError> {
    let secret = installation
        .api_key
        .rsplit('_')
        .next()
        .and_then(|digits| FromHex::from_hex(digits).ok())
        .ok_or(DemoError::Key)?;
    let (text, secret_sha256) = api_key::issue(&installation.key_id, secret);
    if text != installation.api_key {
        return Err(DemoError::Key);
    }
    Ok(ApiKey {
        id: installation.key_id.clone(),
        name: NAME.to_owned(),
        secret_sha256,
        scopes: Scope::ALL.to_vec(),
        created_at: now,
        last_used_at: None,
    })
}
