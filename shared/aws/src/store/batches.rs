//! Batches of a campaign: their position in the audience, lease and ledger.

use std::ops::{Range, RangeInclusive};

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, ReturnValue, Update, WriteRequest};
use domain::ids::CampaignId;
use domain::journal::Events;
use domain::ledger::Ledger;
use domain::link_clicks::LinkClicks;
use domain::phone::PhoneNumber;
use domain::recording::{Recording, Rules, SeenClick};
use domain::tally::Tally;

use super::item::{Item, b, binary, item, json, ms, n, number, s, text};
use super::reading;
use super::tally_item::TallyItem;
use super::writes::updated;
use super::{AccountStore, Attempts, Error, Result, failed, unbuilt};

pub(super) const WHAT: &str = "batch";
pub(super) const PREFIX: &str = "batch#";
/// Approximate size of a batch's item with tally and ledger, without remembered clicks.
const ITEM_BYTES: usize = 1_800;

/// A new batch of an audience, with all recipients pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    pub number: u32,
    pub recipients: u32,
    /// Of its rows in the audience file.
    pub bytes: Range<u64>,
    /// First and last of its numbers; they are sorted.
    pub phones: RangeInclusive<PhoneNumber>,
}

/// A batch with its ledger.
#[derive(Debug, Clone)]
pub struct Batch {
    pub number: u32,
    pub bytes: Range<u64>,
    pub phones: RangeInclusive<PhoneNumber>,
    pub ledger: Ledger,
    /// End of its lease; the zero instant without one.
    pub lease_until: jiff::Timestamp,
    /// Counts leases: a sender with an older one can no longer write.
    pub fence: u64,
    /// Counted clicks, newest last: they prevent double counting, and show whether several addresses clicked at once.
    pub seen_clicks: Vec<SeenClick>,
    /// Clicks by link, where the message has several.
    pub link_clicks: LinkClicks,
    version: u64,
}

impl Batch {
    /// Records events of a journal; returns whether anything changed. `first` is the index in the audience of the
    /// batch's first recipient.
    pub fn record(&mut self, first: u32, rules: Rules, events: &Events) -> bool {
        let before = (self.ledger.clone(), self.seen_clicks.clone());
        let (ledger, seen, links) = (&mut self.ledger, &mut self.seen_clicks, &mut self.link_clicks);
        Recording { first, rules, ledger, seen, links }.record(events);
        before.0 != self.ledger || before.1 != self.seen_clicks
    }

    /// Write units of its item, about.
    pub fn write_units(&self) -> u32 {
        let bytes = ITEM_BYTES + self.seen_clicks.len() * SeenClick::BYTES;
        u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
    }

    /// What its records add up to.
    pub fn tally(&self) -> Tally {
        Tally::new(self.ledger.records(), &self.link_clicks)
    }
}

pub(super) fn pk(account: &str, campaign: &CampaignId) -> String {
    format!("{account}/{campaign}")
}

pub(super) fn sk(number: u32) -> String {
    format!("{PREFIX}{number:07}")
}

impl Batch {
    /// Whether its recipient at this index still has to get the message.
    pub fn is_to_send(&self, index: usize) -> bool {
        self.ledger.records().get(index).is_some_and(|record| record.state.outcome().is_to_send())
    }
}

impl AccountStore {
    /// Writes the batches of a starting campaign. Repeating it writes the same.
    pub async fn create_batches(&self, campaign: &CampaignId, batches: &[NewBatch]) -> Result<()> {
        let pk = pk(self.account.as_str(), campaign);
        let write = |batch: &NewBatch| {
            let tally = Tally { recipients: batch.recipients, to_send: batch.recipients, ..Tally::default() };
            let mut item = item(&pk, &sk(batch.number), &TallyItem::new(&tally));
            item.insert("tally_of".into(), s(&pk));
            item.insert("recipients".into(), n(batch.recipients));
            item.insert("begin".into(), n(batch.bytes.start));
            item.insert("end".into(), n(batch.bytes.end));
            item.insert("first_phone".into(), n(batch.phones.start().digits()));
            item.insert("last_phone".into(), n(batch.phones.end().digits()));
            item.insert("lease_until".into(), n(0));
            item.insert("version".into(), n(1));
            PutRequest::builder()
                .set_item(Some(item))
                .build()
                .map(|put| WriteRequest::builder().put_request(put).build())
        };
        let writes = batches.iter().map(write).collect::<std::result::Result<Vec<_>, _>>();
        let writes = writes.map_err(unbuilt(WHAT))?;
        reading::write_all(&self.db, &self.tables.campaigns, writes, WHAT).await?;
        self.put_directory(campaign, batches).await
    }

    pub async fn batch(&self, campaign: &CampaignId, number: u32) -> Result<Option<Batch>> {
        let pk = pk(self.account.as_str(), campaign);
        let got = reading::get(&self.db, &self.tables.campaigns, &pk, &sk(number), WHAT).await?;
        got.as_ref().map(read).transpose()
    }

    /// Takes the lease of a batch until `until`. `None` if it is leased, or does not exist.
    pub async fn lease_batch(
        &self,
        campaign: &CampaignId,
        batch: u32,
        now: jiff::Timestamp,
        until: jiff::Timestamp,
    ) -> Result<Option<Batch>> {
        let values = [(":until", n(ms(until))), (":now", n(ms(now))), (":one", n(1))];
        let leased = self
            .update_batch(campaign, batch, "SET lease_until = :until ADD fence :one, version :one", values)
            .condition_expression("attribute_exists(pk) AND lease_until <= :now")
            .return_values(ReturnValue::AllNew);
        let leased = reading::unless_conflict(leased.send().await.map_err(failed("lease", WHAT)))?;
        leased.and_then(|answer| answer.attributes).as_ref().map(read).transpose()
    }

    /// Writes ledger, lease and failures of a batch that is unchanged since it was read; sets its new version.
    pub async fn put_batch(&self, campaign: &CampaignId, batch: &mut Batch) -> Result<()> {
        let tally = TallyItem::new(&batch.tally());
        let seen: Vec<u8> = batch.seen_clicks.iter().flat_map(|seen| seen.to_bytes()).collect();
        let values = [
            (":ledger", b(batch.ledger.to_bytes())),
            (":tally", s(json(&tally))),
            (":lease", n(ms(batch.lease_until))),
            (":seen", b(seen)),
            (":links", b(batch.link_clicks.to_bytes())),
            (":read", n(batch.version)),
            (":next", n(batch.version + 1)),
        ];
        let all =
            "SET ledger = :ledger, doc = :tally, lease_until = :lease, seen = :seen, links = :links, version = :next";
        let update = self.update_batch(campaign, batch.number, all, values).condition_expression("version = :read");
        update.send().await.map_err(failed("write", WHAT))?;
        batch.version += 1;
        Ok(())
    }

    fn update_batch<const N: usize>(
        &self,
        campaign: &CampaignId,
        batch: u32,
        expression: &str,
        values: [(&str, AttributeValue); N],
    ) -> UpdateItemFluentBuilder {
        let pk = pk(self.account.as_str(), campaign);
        reading::update(&self.db, &self.tables.campaigns, pk, sk(batch), expression, values)
    }

    /// Changes the numbers that a batch lies between, for one that was erased, and where it begins in the directory:
    /// both or neither, as only where both have the number is it found again after a crash.
    pub async fn put_batch_ends(
        &self,
        campaign: &CampaignId,
        batch: u32,
        phones: RangeInclusive<PhoneNumber>,
    ) -> Result<()> {
        let (first, last) = phones.into_inner();
        let mut attempts = Attempts::default();
        loop {
            let update = Update::builder()
                .table_name(&self.tables.campaigns)
                .key("pk", s(pk(self.account.as_str(), campaign)))
                .key("sk", s(sk(batch)))
                .update_expression("SET first_phone = :first, last_phone = :last")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":first", n(first.digits()))
                .expression_attribute_values(":last", n(last.digits()));
            let directory =
                self.first_write(campaign, batch, Some(first).filter(|first| !first.is_placeholder())).await?;
            let written = self.transact([updated(update, WHAT)?].into_iter().chain(directory).collect(), WHAT).await;
            if !attempts.again(&written) {
                return written;
            }
        }
    }

    /// Batches from number `first` on, with their ledgers, at most `limit`.
    pub async fn batches(&self, campaign: &CampaignId, first: u32, limit: usize) -> Result<Vec<Batch>> {
        let pk = pk(self.account.as_str(), campaign);
        let after = first.checked_sub(1).map(sk);
        let slice = reading::Slice { pk: &pk, prefix: PREFIX, after: after.as_deref(), newest_first: false };
        let page = reading::page(&self.db, &self.tables.campaigns, slice, limit, WHAT).await?;
        page.items.iter().map(read).collect()
    }

    /// Removes the batches of a campaign from number `first` on.
    pub async fn forget_batches_from(&self, campaign: &CampaignId, first: u32) -> Result<()> {
        let pk = pk(self.account.as_str(), campaign);
        let batches = self.batches(campaign, first, usize::MAX).await?;
        let sks = batches.iter().map(|batch| sk(batch.number)).collect();
        reading::forget_all(&self.db, &self.tables.campaigns, &pk, sks, WHAT).await
    }
}

fn read(item: &Item) -> Result<Batch> {
    let corrupt = |cause: &str| Error::Corrupt { what: WHAT, cause: cause.into() };
    let phone = |name| PhoneNumber::from_digits(number(item, name, WHAT)?).ok_or_else(|| corrupt("not a number"));
    let recipients: usize = number(item, "recipients", WHAT)?;
    let ledger = match binary(item, "ledger") {
        Some(bytes) => Ledger::from_bytes(bytes).map_err(|error| corrupt(&error.to_string()))?,
        None => Ledger::pending(recipients),
    };
    if ledger.records().len() != recipients {
        return Err(corrupt("a ledger of another length"));
    }
    let seen = binary(item, "seen").unwrap_or_default();
    let link_clicks = LinkClicks::from_bytes(binary(item, "links").unwrap_or_default());
    Ok(Batch {
        number: number_of(item)?,
        bytes: number(item, "begin", WHAT)?..number(item, "end", WHAT)?,
        phones: phone("first_phone")?..=phone("last_phone")?,
        ledger,
        lease_until: super::item::instant(number(item, "lease_until", WHAT)?, WHAT)?,
        fence: number(item, "fence", WHAT)?,
        seen_clicks: seen.as_chunks().0.iter().map(|seen| SeenClick::from_bytes(*seen)).collect(),
        link_clicks: link_clicks.ok_or_else(|| corrupt("not clicks by link"))?,
        version: number(item, "version", WHAT)?,
    })
}

/// The number of a batch, from its sort key.
pub(super) fn number_of(item: &Item) -> Result<u32> {
    let sk = text(item, "sk", WHAT)?;
    let number = sk.strip_prefix(PREFIX).and_then(|number| number.parse().ok());
    number.ok_or_else(|| Error::Corrupt { what: WHAT, cause: format!("no batch number in {sk}") })
}
