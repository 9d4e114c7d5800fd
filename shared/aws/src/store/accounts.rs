//! The account's item: settings in the document, credits in separate attributes, which only movements change.

use aws_sdk_dynamodb::types::Update;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use domain::account::Account;
use domain::credits::{Balance, Mode};
use domain::sending_window::{SendingWindow, day_code, day_from_code};
use serde::{Deserialize, Serialize};

use super::item::{Item, code, doc, instant, item, json, ms, n, number, s, text};
use super::reading;
use super::writes::updated;
use super::{AccountStore, Error, Result};

pub(super) const ACCOUNT: &str = "account";
const WHAT: &str = "account";

#[derive(Serialize, Deserialize)]
struct AccountItem {
    name: String,
    time_zone: String,
    default_sender: String,
    stop_code: String,
    window: WindowItem,
    purge_after_days: u32,
    #[serde(default)]
    requires_proof: bool,
    created_at: i64,
}

#[derive(Serialize, Deserialize)]
struct WindowItem {
    /// `mon`, `tue` …
    days: Vec<String>,
    from: jiff::civil::Time,
    to: jiff::civil::Time,
    holidays: bool,
    alsace_moselle: bool,
}

impl WindowItem {
    fn new(window: &SendingWindow) -> Self {
        Self {
            days: window.days().map(|day| day_code(day).to_owned()).collect(),
            from: window.from(),
            to: window.to(),
            holidays: window.holidays(),
            alsace_moselle: window.alsace_moselle(),
        }
    }

    fn window(&self) -> Result<SendingWindow> {
        let corrupt = |cause: String| Error::Corrupt { what: WHAT, cause };
        let day = |code: &String| day_from_code(code).ok_or_else(|| corrupt(format!("no such day {code}")));
        let days = self.days.iter().map(day).collect::<Result<Vec<_>>>()?;
        let window =
            SendingWindow::at_any_hour(&days, self.from, self.to).map_err(|problem| corrupt(problem.to_string()))?;
        Ok(window.with_holidays(self.holidays).with_alsace_moselle(self.alsace_moselle))
    }
}

fn shape(account: &Account) -> AccountItem {
    AccountItem {
        name: account.name.clone(),
        time_zone: account.time_zone.clone(),
        default_sender: account.default_sender.clone(),
        stop_code: account.stop_code.clone(),
        window: WindowItem::new(&account.window),
        purge_after_days: account.purge_after_days,
        requires_proof: account.requires_proof,
        created_at: ms(account.created_at),
    }
}

impl AccountStore {
    /// Settings and balance. `None` for an unknown account.
    pub async fn account(&self) -> Result<Option<Account>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), ACCOUNT, WHAT).await?;
        got.map(|item| self.read_account(&item)).transpose()
    }

    pub(super) fn read_account(&self, item: &Item) -> Result<Account> {
        let shape: AccountItem = doc(item, WHAT)?;
        let mode = code(text(item, "credit_mode", WHAT)?, WHAT)?;
        Ok(Account {
            id: self.account.clone(),
            name: shape.name,
            time_zone: shape.time_zone,
            default_sender: shape.default_sender,
            stop_code: shape.stop_code,
            window: shape.window.window()?,
            purge_after_days: shape.purge_after_days,
            requires_proof: shape.requires_proof,
            balance: Balance {
                mode,
                balance: number(item, "balance", WHAT)?,
                reserved: number(item, "reserved", WHAT)?,
            },
            created_at: instant(shape.created_at, WHAT)?,
            version: number(item, "version", WHAT)?,
        })
    }

    /// Creates the account with its opening balance; a conflict if the id is taken.
    pub async fn create_account(&self, account: &Account) -> Result<()> {
        let mut item = item(self.account.as_str(), ACCOUNT, &shape(account));
        item.insert("credit_mode".into(), s(account.balance.mode.code()));
        item.insert("balance".into(), n(account.balance.balance));
        item.insert("reserved".into(), n(account.balance.reserved));
        self.put(&self.tables.accounts, item, 0, WHAT).await?;
        self.put_reply_route(&account.stop_code).await
    }

    /// Writes the settings, not the balance, of an account that is still at the version read.
    pub async fn put_account(&self, account: &Account) -> Result<()> {
        let update = self
            .update_of_account("SET doc = :doc, version = :next", "version = :read")
            .expression_attribute_values(":doc", s(json(&shape(account))))
            .expression_attribute_values(":read", n(account.version))
            .expression_attribute_values(":next", n(account.version + 1));
        self.transact(vec![updated(update, WHAT)?], WHAT).await?;
        self.put_reply_route(&account.stop_code).await
    }

    /// Limited or unlimited; the balance stays as it is.
    pub async fn set_credit_mode(&self, mode: Mode) -> Result<()> {
        let update = self.update_of_account("SET credit_mode = :mode", "attribute_exists(pk)");
        let update = update.expression_attribute_values(":mode", s(mode.code()));
        self.transact(vec![updated(update, WHAT)?], WHAT).await
    }

    pub(super) fn update_of_account(&self, update: &str, condition: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.accounts)
            .key("pk", s(self.account.as_str()))
            .key("sk", s(ACCOUNT))
            .update_expression(update)
            .condition_expression(condition)
    }
}
