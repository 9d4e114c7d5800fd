//! Operators' changes of credits: adding them once per reference, or setting a balance. Each has its ledger entry,
//! written together with the balance.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::account::Account;
use domain::credits::{Credits, Mode, Movement, MovementKind};
use serde::{Deserialize, Serialize};

use super::item::{Item, doc, instant, item, ms, n, s};
use super::writes::updated;
use super::{AccountStore, Error, Result, reading, unbuilt};

const WHAT: &str = "grant of credits";
const PREFIX: &str = "grant#";

/// Credits for an account, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// An invoice, an order: the same reference is not granted again.
    pub reference: String,
    pub credits: Credits,
    /// What the ledger says that it was for.
    pub about: String,
    pub at: jiff::Timestamp,
}

/// The result of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    Now,
    /// The same was granted before, at this instant: nothing changed.
    Before(jiff::Timestamp),
    /// The reference belongs to a grant of another amount: nothing changed.
    Otherwise {
        credits: Credits,
        at: jiff::Timestamp,
    },
}

/// The permanent record of a grant.
#[derive(Serialize, Deserialize)]
struct GrantItem {
    credits: Credits,
    at: i64,
}

impl AccountStore {
    /// Adds credits to a limited account, once per reference. `NotEnoughCredits` for an unlimited account, which has no
    /// balance, and for an unknown account.
    pub async fn grant_credits(&self, grant: &Grant) -> Result<Granted> {
        let (at, credits, about) = (grant.at, grant.credits, grant.about.clone());
        let movement = Movement { at, kind: MovementKind::Granted, credits, about };
        let sk = format!("{PREFIX}{}", grant.reference);
        let seen = item(self.account.as_str(), &sk, &GrantItem { credits, at: ms(at) });
        let seen = Put::builder().table_name(&self.tables.accounts).set_item(Some(seen));
        let seen = seen.condition_expression("attribute_not_exists(pk)").build().map_err(unbuilt(WHAT))?;
        let mut writes = self.movement_writes(Mode::Limited, &[movement], &grant.reference)?;
        writes.push(TransactWriteItem::builder().put(seen).build());
        match self.transact(writes, WHAT).await {
            Ok(()) => Ok(Granted::Now),
            Err(Error::Conflict { what }) => self.granted_before(&sk, credits).await?.ok_or(Error::Conflict { what }),
            Err(error) => Err(error),
        }
    }

    async fn granted_before(&self, sk: &str, credits: Credits) -> Result<Option<Granted>> {
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), sk, WHAT).await?;
        let read = |found: &Item| {
            let before: GrantItem = doc(found, WHAT)?;
            let at = instant(before.at, WHAT)?;
            let is_same = before.credits == credits;
            Ok(if is_same { Granted::Before(at) } else { Granted::Otherwise { credits: before.credits, at } })
        };
        got.as_ref().map(read).transpose()
    }

    /// Limits an account to this balance. A conflict if mode, balance or reserved credits have changed since `account`
    /// was read: credits reserved by an unlimited account were never taken from a balance, so giving them back would be
    /// a gift.
    pub async fn set_balance(
        &self,
        account: &Account,
        balance: Credits,
        about: &str,
        at: jiff::Timestamp,
    ) -> Result<()> {
        let read = account.balance;
        let (kind, credits) = match balance.checked_sub(read.balance) {
            Some(more) => (MovementKind::Granted, more),
            None => (MovementKind::Withdrawn, read.balance - balance),
        };
        let as_read = "credit_mode = :mode AND balance = :read AND reserved = :reserved";
        let update = self
            .update_of_account("SET balance = :balance, credit_mode = :limited", as_read)
            .expression_attribute_values(":balance", n(balance))
            .expression_attribute_values(":limited", s(Mode::Limited.code()))
            .expression_attribute_values(":mode", s(read.mode.code()))
            .expression_attribute_values(":read", n(read.balance))
            .expression_attribute_values(":reserved", n(read.reserved));
        let mut writes = vec![updated(update, WHAT)?];
        if credits > 0 {
            let movement = Movement { at, kind, credits, about: about.to_owned() };
            let line = Put::builder().table_name(&self.tables.accounts).set_item(Some(self.line(
                &movement,
                0,
                &account.version.to_string(),
            )));
            writes.push(TransactWriteItem::builder().put(line.build().map_err(unbuilt(WHAT))?).build());
        }
        self.transact(writes, WHAT).await
    }
}
