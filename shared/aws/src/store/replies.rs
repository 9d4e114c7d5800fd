//! Replies from phones, in time order. A reply delivered twice is one item.

use domain::ids::{CampaignId, ReplyId};
use domain::phone::PhoneNumber;
use domain::reply::{KEPT_DAYS, Reply};
use domain::reply_filter::ReplyFilter;
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, ms, n, s, text};
use super::reading;
use super::{AccountStore, Error, Result, failed, filtered};

const WHAT: &str = "reply";
const PREFIX: &str = "reply#";

#[derive(Serialize, Deserialize)]
struct ReplyItem {
    from: u64,
    to: String,
    text: String,
    campaign: Option<CampaignId>,
    is_stop: bool,
    at: i64,
}

fn sk(id: &ReplyId) -> String {
    format!("{PREFIX}{id}")
}

fn read(item: &Item) -> Result<Reply> {
    let shape: ReplyItem = doc(item, WHAT)?;
    let key = text(item, "sk", WHAT)?;
    let from = PhoneNumber::from_digits(shape.from);
    Ok(Reply {
        id: code(key.strip_prefix(PREFIX).unwrap_or_default(), WHAT)?,
        from: from.ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a number".into() })?,
        to: shape.to,
        text: shape.text,
        campaign: shape.campaign,
        is_stop: shape.is_stop,
        at: instant(shape.at, WHAT)?,
    })
}

impl AccountStore {
    /// Stores a reply; returns whether it is new. A repeated one changes nothing.
    pub async fn put_reply(&self, reply: &Reply) -> Result<bool> {
        let shape = ReplyItem {
            from: reply.from.digits(),
            to: reply.to.clone(),
            text: reply.text.clone(),
            campaign: reply.campaign.clone(),
            is_stop: reply.is_stop,
            at: ms(reply.at),
        };
        let mut item = item(self.account.as_str(), &sk(&reply.id), &shape);
        item.insert("expires_at".into(), n(reply.at.as_second() + KEPT_DAYS * 24 * 3_600));
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").send().await;
        Ok(reading::unless_conflict(put.map_err(failed("write", WHAT)))?.is_some())
    }

    /// Replies of `from` and later, newest first: older than `after`, if that is given.
    pub async fn replies(
        &self,
        from: Option<jiff::Timestamp>,
        after: Option<&ReplyId>,
        limit: usize,
    ) -> Result<Page<Reply>> {
        let (mut start, mut replies) = (None, Vec::new());
        let first = from.map_or(PREFIX.to_owned(), |from| sk(&ReplyId::new(from, [0; 6])));
        let last = after.map_or(format!("{PREFIX}~"), sk);
        if first > last {
            return Ok(Page { items: replies, next: None });
        }
        loop {
            let query = self
                .db
                .query()
                .table_name(&self.tables.accounts)
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":pk", s(self.account.as_str()))
                .expression_attribute_values(":first", s(&first))
                .expression_attribute_values(":last", s(&last))
                .scan_index_forward(false)
                .consistent_read(true)
                // One more for the last of the previous page, and one to see whether there are more.
                .limit(i32::try_from(limit.saturating_add(2)).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.take());
            let answer = query.send().await.map_err(failed("list", WHAT))?;
            for item in answer.items.unwrap_or_default() {
                let reply = read(&item)?;
                if after != Some(&reply.id) {
                    replies.push(reply);
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() || replies.len() > limit {
                let has_more = replies.len() > limit;
                replies.truncate(limit);
                let next = replies.last().filter(|_| has_more).map(|reply| reply.id.to_string());
                return Ok(Page { items: replies, next });
            }
        }
    }

    /// A page of the replies that match a filter, newest first.
    pub async fn replies_wanted(
        &self,
        filter: &ReplyFilter,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<Reply>> {
        let after = after.or_else(|| filter.begin().map(|id| id.to_string()));
        let read = |after: Option<String>, limit| async move {
            let after = after.and_then(|id| id.parse().ok());
            self.replies(filter.from, after.as_ref(), limit).await
        };
        filtered(after, limit, read, |reply| reply.id.to_string(), |reply| filter.is_wanted(reply)).await
    }

    /// Removes every reply of a number, and returns how many there were.
    pub async fn forget_replies_of(&self, phone: PhoneNumber) -> Result<usize> {
        let (pk, mut forgotten) = (self.account.as_str(), Vec::new());
        let items = reading::all(&self.db, &self.tables.accounts, pk, PREFIX, WHAT).await?;
        for item in &items {
            if read(item)?.from == phone {
                forgotten.push(text(item, "sk", WHAT)?.to_owned());
            }
        }
        let count = forgotten.len();
        reading::forget_all(&self.db, &self.tables.accounts, pk, forgotten, WHAT).await?;
        Ok(count)
    }
}
