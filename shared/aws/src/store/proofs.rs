//! Signed-off messages: those with a finished proof.

use domain::ids::CampaignId;
use serde::{Deserialize, Serialize};

use super::item::{doc, item, n};
use super::reading;
use super::{AccountStore, Result, failed};

const WHAT: &str = "proof";
const PREFIX: &str = "proof#";
/// How long a proof counts, in seconds: as long as its statistics are there to be looked at.
const KEPT_SECONDS: i64 = 3 * 366 * 24 * 3_600;

#[derive(Serialize, Deserialize)]
struct ProofItem {
    campaign: CampaignId,
}

impl AccountStore {
    /// Records that a proof of a message was finished. Repeating it writes the same.
    pub async fn put_proof(&self, fingerprint: &str, campaign: &CampaignId, at: jiff::Timestamp) -> Result<()> {
        let sk = format!("{PREFIX}{fingerprint}");
        let mut item = item(self.account.as_str(), &sk, &ProofItem { campaign: campaign.clone() });
        item.insert("expires_at".into(), n(at.as_second() + KEPT_SECONDS));
        let put = self.db.put_item().table_name(&self.tables.accounts).set_item(Some(item));
        put.send().await.map_err(failed("write", WHAT))?;
        Ok(())
    }

    /// The proof of a message that was finished last.
    pub async fn proof(&self, fingerprint: &str) -> Result<Option<CampaignId>> {
        let sk = format!("{PREFIX}{fingerprint}");
        let got = reading::get(&self.db, &self.tables.accounts, self.account.as_str(), &sk, WHAT).await?;
        got.map(|item| Ok(doc::<ProofItem>(&item, WHAT)?.campaign)).transpose()
    }
}
