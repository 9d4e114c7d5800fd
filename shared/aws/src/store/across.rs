//! The only look-ups that do not begin with an account, because they find it: by API key, by e-mail address, by the
//! short code of a reply; what is due for dispatch and for deliveries; and, for operators, all accounts. (Link ranges,
//! in `links.rs`, contain their account.)

use domain::account::Account;
use domain::ids::{AccountId, CampaignId, DeliveryId, ErasureId, KeyId, ListId, UserId, WebhookId};
use serde::{Deserialize, Serialize};

use super::accounts::ACCOUNT;
use super::campaigns::DUE;
use super::deliveries;
use super::folds;
use super::imports;
use super::item::{Item, code, doc, instant, item, ms, n, number, s, text};
use super::keys;
use super::reading;
use super::unused_lists;
use super::users;
use super::{AccountStore, Result, Store, failed};

pub(super) const ROUTE: &str = "reply-route#";
const WHAT: &str = "account";

/// An account that gets replies sent to a short code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyRoute {
    pub account: AccountId,
}

/// A task of dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    Campaign(CampaignId),
    Erasure(ErasureId),
    /// Unused lists of the account.
    UnusedLists,
    /// A list whose import may have been cut off.
    Import(ListId),
    /// What was appended to the journal of a campaign.
    Fold(CampaignId),
}

impl Task {
    /// Account and task of an item in the index: a fold is in the partition of its campaign.
    fn read(pk: &str, sk: &str) -> Result<(AccountId, Self)> {
        if let Some((account, campaign)) = pk.split_once('/').filter(|_| sk == folds::SK) {
            return Ok((code(account, WHAT)?, Self::Fold(code(campaign, WHAT)?)));
        }
        Ok((code(pk, WHAT)?, Self::of_account(sk)?))
    }

    fn of_account(sk: &str) -> Result<Self> {
        match sk {
            unused_lists::SK => Ok(Self::UnusedLists),
            sk if sk.starts_with(imports::PREFIX) => {
                Ok(Self::Import(code(sk.trim_start_matches(imports::PREFIX), WHAT)?))
            }
            sk if sk.starts_with(ErasureId::PREFIX) => Ok(Self::Erasure(code(sk, WHAT)?)),
            sk => Ok(Self::Campaign(code(sk, WHAT)?)),
        }
    }
}

/// A task of one account, and since when it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub account: AccountId,
    pub task: Task,
    pub at: jiff::Timestamp,
}

/// A delivery that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    pub account: AccountId,
    pub webhook: WebhookId,
    pub delivery: DeliveryId,
}

impl Store {
    /// The account that an API key belongs to.
    pub async fn account_of_key(&self, key: &KeyId) -> Result<Option<AccountId>> {
        let pk = format!("{}{key}", keys::PREFIX);
        let got = reading::get(&self.db, &self.tables.accounts, &pk, keys::LOOKUP, WHAT).await?;
        got.map(|item| doc(&item, WHAT)).transpose()
    }

    /// The account and the user that sign in with an e-mail address.
    pub async fn user_of_email(&self, email: &str) -> Result<Option<(AccountId, UserId)>> {
        let pk = users::email_key(email);
        let got = reading::get(&self.db, &self.tables.accounts, &pk, users::LOOKUP, WHAT).await?;
        got.map(|item| doc(&item, WHAT)).transpose()
    }

    /// Accounts that use this short code or sender.
    pub async fn reply_routes(&self, to: &str) -> Result<Vec<ReplyRoute>> {
        let pk = format!("{ROUTE}{}", to.to_lowercase());
        let items = reading::all(&self.db, &self.tables.accounts, &pk, AccountId::PREFIX, WHAT).await?;
        items.iter().map(|item| doc(item, WHAT)).collect()
    }

    /// Every account, oldest first. Reads the whole table, page by page: for operators, who ask rarely.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let (mut accounts, mut start) = (Vec::new(), None);
        loop {
            let scan = self
                .db
                .scan()
                .table_name(&self.tables.accounts)
                .filter_expression("sk = :account")
                .expression_attribute_values(":account", s(ACCOUNT))
                .set_exclusive_start_key(start.take());
            let answer = scan.send().await.map_err(failed("list", WHAT))?;
            for found in answer.items.unwrap_or_default() {
                let id: AccountId = code(text(&found, "pk", WHAT)?, WHAT)?;
                accounts.push(self.account(&id).read_account(&found)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                accounts.sort_unstable_by(|one, other| one.id.cmp(&other.id));
                return Ok(accounts);
            }
        }
    }

    /// Tasks that are due now, longest waiting first.
    pub async fn due(&self, now: jiff::Timestamp, limit: usize) -> Result<Vec<Due>> {
        let items = self.due_items(DUE, now, limit).await?;
        let due = |item: &Item| {
            let (account, task) = Task::read(text(item, "pk", WHAT)?, text(item, "sk", WHAT)?)?;
            Ok(Due { account, task, at: instant(number(item, "due_at", WHAT)?, WHAT)? })
        };
        items.iter().map(due).collect()
    }

    /// Deliveries that are due or that the queue lost, longest waiting first.
    pub async fn due_deliveries(&self, now: jiff::Timestamp, limit: usize) -> Result<Vec<DueDelivery>> {
        let items = self.due_items(deliveries::DUE, now, limit).await?;
        let key = |item| {
            let (webhook, delivery) = deliveries::ids(item)?;
            Ok(DueDelivery { account: code(text(item, "pk", WHAT)?, WHAT)?, webhook, delivery })
        };
        items.iter().map(key).collect()
    }

    async fn due_items(&self, of: &str, now: jiff::Timestamp, limit: usize) -> Result<Vec<Item>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.campaigns)
            .index_name(DUE)
            .key_condition_expression("due = :due AND due_at <= :now")
            .expression_attribute_values(":due", s(of))
            .expression_attribute_values(":now", n(ms(now)))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        Ok(query.send().await.map_err(failed("list", "what is due"))?.items.unwrap_or_default())
    }
}

impl AccountStore {
    /// Records that replies to this code concern this account. Routes of its earlier codes stay: replies to older
    /// messages still arrive there.
    pub(super) async fn put_reply_route(&self, stop_code: &str) -> Result<()> {
        let pk = format!("{ROUTE}{}", stop_code.to_lowercase());
        let item = item(&pk, self.account.as_str(), &ReplyRoute { account: self.account.clone() });
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }
}
