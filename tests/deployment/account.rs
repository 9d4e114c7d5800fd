//! An account of a deployed stack, with a key and a user that may do everything: `account ACCOUNTS_TABLE EMAIL PASSWORD`
//! prints the key.

use std::error::Error;

use shared::domain::account::{Account, ApiKey, Role, Scope, User};
use shared::domain::credits::{Balance, Mode};
use shared::domain::ids::{AccountId, KeyId, UserId};
use shared::domain::sending_window::SendingWindow;
use shared::http::bearer;
use shared::runtime::{Clock, aws, password, random};
use shared::store::{Store, Tables};

const CREDITS: u64 = 5_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, email, secret] = arguments.as_slice() else {
        return Err("account ACCOUNTS_TABLE EMAIL PASSWORD".into());
    };
    let now = Clock::System.now();
    let unused = String::new;
    let tables = Tables { accounts: table.clone(), lists: unused(), campaigns: unused(), links: unused() };
    let store = Store::new(aws::dynamodb(&aws::sdk_config().await), tables);
    let account = Account {
        id: AccountId::new(now, random::octets()),
        name: "Essai".into(),
        time_zone: "Europe/Paris".into(),
        default_sender: "ENVOL".into(),
        stop_code: "36105".into(),
        window: SendingWindow::default(),
        purge_after_days: 90,
        requires_proof: false,
        balance: Balance { mode: Mode::Limited, balance: CREDITS, reserved: 0 },
        created_at: now,
        version: 0,
    };
    store.create_account(&account).await?;
    let (id, store) = (KeyId::new(now, random::octets()), store.account(&account.id));
    let (key, secret_sha256) = bearer::issue(&id, random::octets());
    let scopes = Scope::ALL.to_vec();
    let name = "essai".into();
    store.put_key(&ApiKey { id, name, secret_sha256, scopes, created_at: now, last_used_at: None }).await?;
    let password_hash = password::hash(secret).map_err(|error| error.to_string())?;
    let (id, email, role) = (UserId::new(now, random::octets()), email.clone(), Role::Owner);
    store.put_new_user(&User { id, email, password_hash, role, created_at: now, version: 0 }).await?;
    println!("{key}");
    Ok(())
}
