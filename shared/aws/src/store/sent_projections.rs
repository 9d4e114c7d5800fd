//! Campaigns in the order of their start: a small projection of each, written at its start and again with its figures
//! at its end. A year of statistics is one query over projections.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::campaign::{Campaign, Status};
use domain::ids::CampaignId;
use domain::totals::Totals;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::campaign_item::WHAT;
use super::item::{Item, doc, instant, item, ms, s, text};
use super::{AccountStore, Error, Result, reading, unbuilt};

const SENT: &str = "sent#";

/// A campaign that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub id: CampaignId,
    pub started_at: Timestamp,
    pub name: String,
    /// `None` until it is finished.
    pub totals: Option<Totals>,
}

#[derive(Serialize, Deserialize)]
struct SentItem {
    #[serde(rename = "n")]
    name: String,
    /// Recipients, handed over, delivered, failed, clicks, STOPs.
    #[serde(rename = "t")]
    totals: Option<[u64; 6]>,
    /// It is being deleted, and not shown.
    #[serde(rename = "g", default)]
    is_gone: bool,
}

fn sk(started_at: Timestamp, id: &CampaignId) -> String {
    format!("{SENT}{:015}#{id}", ms(started_at))
}

impl AccountStore {
    /// The projection to write with a campaign, if it changes.
    pub(super) fn sent_write(&self, campaign: &Campaign) -> Result<Option<TransactWriteItem>> {
        let changes = match campaign.status {
            Status::Sending => campaign.audience.is_none(),
            Status::Finished | Status::Deleted => true,
            Status::Draft | Status::Ready | Status::Paused | Status::Consolidating => false,
        };
        let Some(started_at) = campaign.started_at.filter(|_| changes) else { return Ok(None) };
        let totals = campaign.tally.as_ref().map(Totals::new).map(|totals| {
            let Totals { recipients, handed_over, delivered, failed, clicks, stops } = totals;
            [recipients, handed_over, delivered, failed, clicks, stops]
        });
        let name = campaign.settings.name.clone();
        let projection = SentItem { name, totals, is_gone: campaign.status == Status::Deleted };
        let projection = item(self.account.as_str(), &sk(started_at, &campaign.id), &projection);
        let put = Put::builder().table_name(&self.tables.campaigns).set_item(Some(projection)).build();
        let put = put.map_err(unbuilt(WHAT))?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }

    /// Removes the projection of a campaign.
    pub(super) async fn forget_sent(&self, campaign: &Campaign) -> Result<()> {
        let Some(at) = campaign.started_at else { return Ok(()) };
        let (pk, sk) = (self.account.as_str(), sk(at, &campaign.id));
        reading::forget(&self.db, &self.tables.campaigns, pk, &sk, WHAT).await
    }

    /// Campaigns that started at `from` or later and before `to`, newest first.
    pub async fn sent_between(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Sent>> {
        if from >= to {
            return Ok(Vec::new());
        }
        let query = self
            .db
            .query()
            .table_name(&self.tables.campaigns)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(self.account.as_str()))
            .expression_attribute_values(":from", s(format!("{SENT}{:015}", ms(from))))
            .expression_attribute_values(":to", s(format!("{SENT}{:015}", ms(to))))
            .scan_index_forward(false)
            .consistent_read(true);
        let projections = reading::every(query, WHAT).await?;
        projections.iter().filter_map(|projection| read(projection).transpose()).collect()
    }
}

fn read(item: &Item) -> Result<Option<Sent>> {
    let corrupt = || Error::Corrupt { what: WHAT, cause: "no campaign in the key of a projection".into() };
    let shape: SentItem = doc(item, WHAT)?;
    let key = text(item, "sk", WHAT)?.strip_prefix(SENT).and_then(|key| key.split_once('#')).ok_or_else(corrupt)?;
    let totals = shape.totals.map(|[recipients, handed_over, delivered, failed, clicks, stops]| Totals {
        recipients,
        handed_over,
        delivered,
        failed,
        clicks,
        stops,
    });
    let started_at = instant(key.0.parse().map_err(|_| corrupt())?, WHAT)?;
    let sent = Sent { id: super::item::code(key.1, WHAT)?, started_at, name: shape.name, totals };
    Ok((!shape.is_gone).then_some(sent))
}
