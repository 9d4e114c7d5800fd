//! How an account is shown.

use domain::account::Account;
use domain::credits::{Mode, Movement};
use domain::sending_window::day_code;
use serde::Serialize;

use crate::CommandError;
use crate::answer::{Answer, Table, minute};
use crate::operator::Operator;

/// Movements shown with an account.
const MOVEMENTS: usize = 10;

#[derive(Debug, Serialize)]
pub struct AccountView {
    id: String,
    name: String,
    time_zone: String,
    default_sender: String,
    stop_code: String,
    sending_window: WindowView,
    purge_after_days: u32,
    credits: CreditsView,
    created_at: jiff::Timestamp,
}

#[derive(Debug, Serialize)]
struct WindowView {
    days: Vec<&'static str>,
    from: String,
    to: String,
    holidays: bool,
    alsace_moselle: bool,
}

/// Credits in the format of the API.
#[derive(Debug, Serialize)]
pub struct CreditsView {
    mode: &'static str,
    balance: u64,
    reserved: u64,
}

#[derive(Debug, Serialize)]
pub struct MovementView {
    at: jiff::Timestamp,
    kind: &'static str,
    credits: u64,
    about: String,
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    account: AccountView,
    users: usize,
    keys: usize,
    movements: Vec<MovementView>,
}

impl AccountView {
    pub fn new(account: &Account) -> Self {
        let window = &account.window;
        Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            time_zone: account.time_zone.clone(),
            default_sender: account.default_sender.clone(),
            stop_code: account.stop_code.clone(),
            sending_window: WindowView {
                days: window.days().map(day_code).collect(),
                from: window.from().strftime("%H:%M").to_string(),
                to: window.to().strftime("%H:%M").to_string(),
                holidays: window.holidays(),
                alsace_moselle: window.alsace_moselle(),
            },
            purge_after_days: account.purge_after_days,
            credits: CreditsView::new(account),
            created_at: account.created_at,
        }
    }

    /// For people.
    fn table(&self, balance: String) -> Table {
        let WindowView { days, from, to, holidays, alsace_moselle } = &self.sending_window;
        let holidays = if *holidays { ", also on public holidays" } else { "" };
        let alsace = if *alsace_moselle { ", with Alsace-Moselle's two days" } else { "" };
        let window = format!("{} {from}-{to}{holidays}{alsace}", days.join(" "));
        Table::pairs([
            ("account", self.id.clone()),
            ("name", self.name.clone()),
            ("time zone", self.time_zone.clone()),
            ("sender", if self.default_sender.is_empty() { "-".into() } else { self.default_sender.clone() }),
            ("STOP code", self.stop_code.clone()),
            ("window", window),
            ("lists purged", format!("after {} days without use", self.purge_after_days)),
            ("credits", format!("{balance}, {} held for campaigns", self.credits.reserved)),
            ("created", minute(self.created_at)),
        ])
    }
}

impl CreditsView {
    pub fn new(account: &Account) -> Self {
        let balance = account.balance;
        Self {
            mode: balance.mode.code(),
            balance: if balance.mode == Mode::Unlimited { 0 } else { balance.balance },
            reserved: balance.reserved,
        }
    }
}

impl MovementView {
    pub fn new(movement: Movement) -> Self {
        let Movement { at, kind, credits, about } = movement;
        Self { at, kind: kind.code(), credits, about }
    }

    pub fn table<'a>(movements: impl IntoIterator<Item = &'a Self>) -> Table {
        let mut table = Table::new(["AT", "MOVEMENT", "CREDITS", "ABOUT"]);
        for Self { at, kind, credits, about } in movements {
            table.row([minute(*at), (*kind).to_owned(), credits.to_string(), about.clone()]);
        }
        table
    }
}

/// The balance as text.
pub fn balance(account: &Account) -> String {
    match account.balance.mode {
        Mode::Unlimited => "unlimited".to_owned(),
        Mode::Limited => account.balance.balance.to_string(),
    }
}

/// The answer after a change of an account.
pub fn changed(account: &Account) -> Result<Answer, CommandError> {
    let view = AccountView::new(account);
    let text = view.table(balance(account)).to_string();
    Answer::new(&view, text)
}

/// An account with its users, keys and movements.
pub async fn whole(operator: &Operator, account: &Account) -> Result<Answer, CommandError> {
    let store = operator.store()?.account(&account.id);
    let (users, keys) = (store.users().await?.len(), store.keys().await?.len());
    let movements = store.movements(None, MOVEMENTS).await?.items;
    let movements: Vec<_> = movements.into_iter().map(MovementView::new).collect();
    let view = AccountView::new(account);
    let mut text = format!("{}users         {users}\nkeys          {keys}\n", view.table(balance(account)));
    if !movements.is_empty() {
        text = format!("{text}\n{}", MovementView::table(&movements));
    }
    Answer::new(&Whole { account: view, users, keys, movements }, text)
}
