//! The account that a new installation comes with: « Démo », unlimited, one user, one key that may do everything.

use app::config::Lookup;
use app::{config, password};
use aws::store::{self, Store};
use domain::account::{Account, ApiKey, Role, Scope, User};
use domain::api_key;
use domain::credits::{Balance, Mode};
use domain::ids::UserId;
use hex::FromHex;
use jiff::Timestamp;
use support::random;

use super::installation::Installation;
use crate::machine::Machine;

const NAME: &str = "Démo";
const SENDER: &str = "ENVOL";
const STOP_CODE: &str = "36105";

/// Why there is no first account.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the tables do not take the demo account")]
    Store(#[from] store::Error),
    #[error("the template does not name the tables")]
    Tables(#[from] support::Faults),
    #[error("the password cannot be hashed")]
    Password(#[from] password::HashError),
    #[error("installation.json holds no API key")]
    Key,
}

/// Makes the account, its user and its key, or what of them an earlier start has not come to.
pub async fn ensure(machine: &Machine, installation: &Installation, now: Timestamp) -> Result<(), DemoError> {
    let store = store(machine)?;
    let account = store.account(&installation.account_id);
    if account.account().await?.is_none() {
        store.create_account(&new_account(installation, now)).await?;
    }
    if account.key(&installation.key_id).await?.is_none() {
        account.put_key(&new_key(installation, now)?).await?;
    }
    if !account.users().await?.iter().any(|user| user.email == installation.email) {
        account.put_new_user(&new_user(installation, now)?).await?;
    }
    Ok(())
}

/// The tables, as the API function knows them.
fn store(machine: &Machine) -> Result<Store, DemoError> {
    let environment = machine.template().functions.get("api").map(|function| &function.environment);
    let get = |name: &str| environment.and_then(|environment| environment.get(name).cloned());
    let mut lookup = Lookup::new(&get);
    let tables = lookup.tables(&[config::Table::Accounts]);
    Ok(Store::new(aws::sdk::dynamodb(&machine.cloud().sdk_config()), lookup.finish(tables)?))
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

fn new_user(installation: &Installation, now: Timestamp) -> Result<User, DemoError> {
    let password_hash = password::hash(&installation.password)?;
    Ok(User {
        id: UserId::new(now, random::octets()),
        email: installation.email.clone(),
        password_hash,
        role: Role::Owner,
        created_at: now,
        version: 0,
    })
}
