//! Accounts of the harness.

use app::config::Table;
use aws::store::Store;
use domain::account::{Account, ApiKey, Scope};
use domain::api_key;
use domain::credits::{Balance, Mode};
use domain::ids::{AccountId, KeyId};
use domain::sending_window::SendingWindow;
use local::Machine;
use support::random;

/// Options of an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    /// `None` is unlimited.
    pub credits: Option<u64>,
    pub stop_code: String,
}

impl Default for NewAccount {
    fn default() -> Self {
        Self { name: "Ma boutique".into(), credits: None, stop_code: "36105".into() }
    }
}

/// The tables of a machine, as its API function uses them.
pub fn store(machine: &Machine) -> Store {
    let tables = [Table::Accounts, Table::Lists, Table::Campaigns, Table::Links];
    machine.start_of("api").make(|resources| Some(resources.store(&tables))).unwrap()
}

/// Creates an account with a key that has all scopes.
pub async fn create(store: &Store, machine: &Machine, new: NewAccount) -> (AccountId, String) {
    let now = machine.clock().now();
    let id = AccountId::new(now, random::bytes());
    let mode = if new.credits.is_some() { Mode::Limited } else { Mode::Unlimited };
    let account = Account {
        id: id.clone(),
        name: new.name,
        time_zone: "Europe/Paris".into(),
        default_sender: "ENVOL".into(),
        stop_code: new.stop_code,
        window: SendingWindow::default(),
        purge_after_days: 90,
        requires_proof: false,
        balance: Balance { mode, balance: new.credits.unwrap_or(0), reserved: 0 },
        created_at: now,
        version: 0,
    };
    store.account(&account.id).create_account(&account).await.unwrap();
    let key_id = KeyId::new(now, random::bytes());
    let (text, secret_sha256) = api_key::issue(&key_id, random::bytes());
    let key = ApiKey {
        id: key_id,
        name: "story".into(),
        secret_sha256,
        scopes: Scope::ALL.to_vec(),
        created_at: now,
        last_used_at: None,
    };
    store.account(&id).put_key(&key).await.unwrap();
    (id, text)
}
