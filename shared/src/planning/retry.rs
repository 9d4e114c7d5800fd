//! « Relancer les échecs »: a draft whose only list holds the temporary failures of a finished campaign.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Error, Planner};
use crate::contacts::{ListHeader, Rows, write_row};
use crate::domain::campaign::{Campaign, Settings};
use crate::domain::ids::{CampaignId, ListId};
use crate::domain::list::{List, Purpose, Status};
use crate::files::FileKey;
use crate::runtime::random;

/// Batches read at once.
const BATCHES_AT_ONCE: usize = 20;

impl Planner {
    /// Makes the list out of the audience as it was sent to, with the columns that its message uses, and the draft.
    /// `None` when nothing failed for a while only.
    pub async fn retry_failed(
        &self,
        campaign: &Campaign,
        name: String,
        author: String,
        now: Timestamp,
    ) -> Result<Option<Campaign>, Error> {
        let Failed { header, file, count, territories } = self.failed(campaign).await?;
        if count == 0 {
            return Ok(None);
        }
        let id = ListId::new(now, random::octets());
        let list = List {
            status: Status::Ready,
            generation: 1,
            done_per_mille: 1_000,
            contacts: count,
            imported_at: Some(now),
            report: Some(report(&header, count, &territories)),
            ..List::awaiting(campaign.account.clone(), id.clone(), name.clone(), Purpose::Contacts, author.clone(), now)
        };
        let key = FileKey::Contacts { account: list.account.clone(), list: id.clone(), generation: 1 };
        // The file first: a list that is ready has its contacts.
        self.files.put(&key, file, "text/csv; charset=utf-8").await.map_err(crate::audience::Error::from)?;
        self.store.put_list(list).await?;
        let mut settings = Settings { name, lists: vec![id], proof: false, ..campaign.settings.clone() };
        settings.schedule.at = None;
        let draft = CampaignId::new(now, random::octets());
        let draft = Campaign::draft(campaign.account.clone(), draft, settings, author, now);
        Ok(Some(self.store.put_campaign(draft).await?))
    }

    /// The rows of the audience whose messages failed for a while only.
    async fn failed(&self, campaign: &Campaign) -> Result<Failed, Error> {
        let key = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
        let octets = self.files.get(&key).await.map_err(crate::audience::Error::from)?;
        let broken = |cause: &dyn std::fmt::Display| crate::audience::Error::Broken { cause: cause.to_string() };
        let header = ListHeader::parse(&octets).map_err(|error| broken(&error))?;
        let (header, _) = header.ok_or_else(|| broken(&"no header"))?;
        let (mut file, mut count, mut territories) = (Vec::new(), 0u64, BTreeMap::<&'static str, u64>::new());
        header.write(&mut file);
        let batches = campaign.audience.as_ref().map_or(0, crate::domain::campaign::Audience::batches);
        let mut first = 0;
        while first < batches {
            let some = self.store.batches(&campaign.id, first, BATCHES_AT_ONCE).await?;
            let Some(last) = some.last() else { break };
            first = last.number + 1;
            for batch in &some {
                let range = usize::try_from(batch.octets.0).unwrap_or(0)..usize::try_from(batch.octets.1).unwrap_or(0);
                let rows = Rows::new(octets.get(range).unwrap_or_default(), batch.octets.0);
                for (record, row) in batch.ledger.records().iter().zip(rows) {
                    if record.state.outcome().is_final() && record.reason.is_temporary() {
                        let row = row.map_err(|error| broken(&error))?;
                        write_row(&mut file, row.phone, row.fields());
                        *territories.entry(row.phone.territory().code()).or_default() += 1;
                        count += 1;
                    }
                }
            }
        }
        Ok(Failed { header, file, count, territories })
    }
}

/// A list of them, not stored yet.
struct Failed {
    header: ListHeader,
    file: Vec<u8>,
    count: u64,
    territories: BTreeMap<&'static str, u64>,
}

/// What an import would have said of it.
fn report(header: &ListHeader, count: u64, territories: &BTreeMap<&str, u64>) -> String {
    let columns: Vec<&str> = std::iter::once("phone").chain(header.columns().iter().map(String::as_str)).collect();
    serde_json::json!({
        "rows": count, "contacts": count, "duplicates": 0, "invalid": 0, "excluded": 0,
        "phone_column": { "index": 0, "name": "phone" }, "columns": columns, "encoding": "utf-8", "delimiter": ",",
        "header": true, "by_territory": territories, "invalid_by_reason": {},
    })
    .to_string()
}
