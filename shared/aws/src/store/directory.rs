//! Which batch of a campaign can contain a number: one item per campaign, with the first number of each batch.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::columns::{Reader, Writer};
use domain::ids::CampaignId;
use domain::phone::PhoneNumber;

use super::batches::{Batch, NewBatch, pk};
use super::item::{Item, b, binary, s};
use super::writes::updated;
use super::{AccountStore, Error, Result, failed, reading};

const WHAT: &str = "directory";
const SK: &str = "directory";

/// The first number of each batch of a campaign, about 4 bytes each: 80 KB for ten million recipients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// Digits of the first number, and the batch; sorted.
    firsts: Vec<(u64, u32)>,
}

impl Directory {
    /// The only batch that can contain a number: audiences are sorted by number.
    pub fn batch_of(&self, phone: PhoneNumber) -> Option<u32> {
        let before = self.firsts.partition_point(|(first, _)| *first <= phone.digits());
        self.firsts.get(before.checked_sub(1)?).map(|(_, batch)| *batch)
    }

    fn new(mut firsts: Vec<(u64, u32)>) -> Self {
        firsts.sort_unstable();
        Self { firsts }
    }

    /// The same campaign, a batch of which begins with another number, or holds none any more.
    fn with_first(&self, batch: u32, first: Option<PhoneNumber>) -> Self {
        let others = self.firsts.iter().copied().filter(|(_, one)| *one != batch);
        Self::new(others.chain(first.map(|first| (first.digits(), batch))).collect())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.number(self.firsts.len() as u64);
        writer.column(self.firsts.iter().map(|(_, batch)| *batch));
        let mut before = 0;
        for (first, _) in &self.firsts {
            writer.number(first - before);
            before = *first;
        }
        writer.into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let length = reader.length()?;
        let mut first = 0u64;
        let mut firsts = Vec::with_capacity(length);
        for batch in reader.column(length)? {
            first = first.checked_add(reader.number()?)?;
            firsts.push((first, batch));
        }
        reader.is_empty().then_some(Self { firsts })
    }
}

impl AccountStore {
    pub(super) async fn put_directory(&self, campaign: &CampaignId, batches: &[NewBatch]) -> Result<()> {
        let directory =
            Directory::new(batches.iter().map(|batch| (batch.phones.start().digits(), batch.number)).collect());
        let item = Item::from([
            ("pk".into(), s(pk(self.account.as_str(), campaign))),
            ("sk".into(), s(SK)),
            ("numbers".into(), b(directory.to_bytes())),
        ]);
        let put = self.db.put_item().table_name(&self.tables.campaigns).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The write that lets a batch begin with another number, if the directory has it otherwise.
    pub(super) async fn first_write(
        &self,
        campaign: &CampaignId,
        batch: u32,
        first: Option<PhoneNumber>,
    ) -> Result<Option<TransactWriteItem>> {
        let Some(read) = self.directory(campaign).await? else { return Ok(None) };
        let next = read.with_first(batch, first);
        if next == read {
            return Ok(None);
        }
        let update = Update::builder()
            .table_name(&self.tables.campaigns)
            .key("pk", s(pk(self.account.as_str(), campaign)))
            .key("sk", s(SK))
            .update_expression("SET numbers = :next")
            .condition_expression("numbers = :read")
            .expression_attribute_values(":next", b(next.to_bytes()))
            .expression_attribute_values(":read", b(read.to_bytes()));
        updated(update, WHAT).map(Some)
    }

    /// The only batch of a campaign that can hold a number.
    pub async fn batch_that_may_hold(&self, campaign: &CampaignId, phone: PhoneNumber) -> Result<Option<Batch>> {
        let number = match self.directory(campaign).await? {
            Some(directory) => directory.batch_of(phone),
            // Campaigns from before there were directories.
            None => {
                let tallies = self.tallies(campaign).await?;
                tallies.iter().find(|batch| batch.phones.contains(&phone)).map(|batch| batch.number)
            }
        };
        match number {
            Some(number) => self.batch(campaign, number).await,
            None => Ok(None),
        }
    }

    pub(super) async fn forget_directory(&self, campaign: &CampaignId) -> Result<()> {
        let pk = pk(self.account.as_str(), campaign);
        reading::forget(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await
    }

    /// The directory of a campaign that was cut into batches.
    pub async fn directory(&self, campaign: &CampaignId) -> Result<Option<Directory>> {
        let pk = pk(self.account.as_str(), campaign);
        let Some(item) = reading::get(&self.db, &self.tables.campaigns, &pk, SK, WHAT).await? else { return Ok(None) };
        let directory = binary(&item, "numbers").and_then(Directory::from_bytes);
        directory.map(Some).ok_or_else(|| Error::Corrupt { what: WHAT, cause: "not a list of numbers".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_the_batch_that_begins_before_it() {
        let directory = Directory::new(vec![(33_600_000_500, 1), (33_600_000_000, 0), (262_692_000_000, 2)]);
        let batch = |digits| directory.batch_of(PhoneNumber::from_digits(digits).unwrap());
        assert_eq!(
            [33_600_000_000, 33_600_000_499, 33_600_000_500, 262_692_000_001].map(batch),
            [0, 0, 1, 2].map(Some)
        );
        assert_eq!(batch(32_460_000_000), None);
        assert_eq!(Directory::from_bytes(&directory.to_bytes()), Some(directory));
    }

    #[test]
    fn a_batch_begins_with_another_number_and_the_one_before_is_gone() {
        let phone = |digits| PhoneNumber::from_digits(digits).unwrap();
        let read = Directory::new(vec![(33_600_000_000, 0), (33_600_000_500, 1)]);
        let next = read.with_first(0, Some(phone(33_600_000_001)));
        assert_eq!(next, Directory::new(vec![(33_600_000_001, 0), (33_600_000_500, 1)]));
        assert_eq!((next.batch_of(phone(33_600_000_000)), next.batch_of(phone(33_600_000_001))), (None, Some(0)));
        assert_eq!(next.with_first(0, None), Directory::new(vec![(33_600_000_500, 1)]));
    }

    #[test]
    fn ten_million_recipients_fit_an_item() {
        let firsts = (0..20_000u32).map(|batch| (33_600_000_000 + u64::from(batch) * 9_999, batch)).collect();
        assert!(Directory::new(firsts).to_bytes().len() < 100_000);
    }
}
