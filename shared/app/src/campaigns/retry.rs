//! « Relancer les échecs »: a draft whose only list contains the temporary failures of a campaign.

use std::collections::BTreeMap;

use aws::files::FileKey;
use aws::store::BatchTally;
use contacts::{ListHeader, write_row};
use domain::campaign::{Campaign, Schedule, Settings, Status, name_with_suffix};
use domain::ids::{CampaignId, ListId};
use domain::import_report::{Delimiter, ImportReport, PhoneColumn};
use domain::list::{self, List, Purpose};
use domain::recording::Rules;
use domain::release::batch_slice;
use domain::territory::Territory;
use support::random;

use super::{find, statistics};
use crate::audience::{self, AudienceRows};
use crate::context::{Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// Bytes read for the header of the audience: names of at most 32 variables.
const HEADER_BYTES: u64 = 64 * 1024;

/// The list of temporary failures being built.
#[derive(Default)]
struct Failed {
    file: Vec<u8>,
    columns: Vec<String>,
    count: u64,
    by_territory: BTreeMap<Territory, u64>,
}

/// Creates the list from the audience, with the columns that the message uses, and the draft, whose name gets `suffix`.
/// Refused while the campaign is being sent, and if none of its failures was temporary.
pub async fn retry_failures(context: &Context, id: &CampaignId, suffix: &str) -> Result<Campaign, Error> {
    let permit = context.permit(UseCase::RetryFailures)?;
    let campaign = find(context, id, &Expected::Any).await?;
    if !matches!(campaign.status, Status::Consolidating | Status::Finished) {
        return Err(Error::StillSending);
    }
    let failed = failed_temporarily(context, &campaign).await?;
    if failed.count == 0 {
        return Err(Error::NothingToRetry);
    }
    let (account, author, now) = (campaign.account.clone(), context.actor.author.clone(), context.now());
    let (name, list_id) = (name_with_suffix(&campaign.settings.name, suffix), ListId::new(now, random::bytes()));
    let list = List {
        status: list::Status::Ready,
        generation: 1,
        done_per_mille: 1_000,
        contacts: failed.count,
        imported_at: Some(now),
        report: Some(failed.report()),
        ..List::awaiting(account.clone(), list_id.clone(), name.clone(), Purpose::Contacts, author.clone(), now)
    };
    let key = FileKey::Contacts { account: account.clone(), list: list_id.clone(), generation: 1 };
    // The file first: a list that is ready has its contacts.
    context.files.put(&key, failed.file, "text/csv; charset=utf-8").await?;
    context.store.put_list(list).await?;
    // Its date has passed; its pace is kept.
    let schedule = Schedule { at: None, ..campaign.settings.schedule.clone() };
    let settings = Settings { name, lists: vec![list_id], schedule, ..campaign.settings.clone() };
    let draft = CampaignId::new(now, random::bytes());
    let draft = Campaign::draft(account, draft, settings, author, now);
    Ok(permit.noting(&draft.id, id.as_str()).put_campaign(draft).await?)
}

/// Reads the batches with temporary failures, and their parts of the audience.
async fn failed_temporarily(context: &Context, campaign: &Campaign) -> Result<Failed, Error> {
    let mut failed = Failed::default();
    let key = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
    let broken = |cause: &dyn std::fmt::Display| audience::Error::Broken { cause: cause.to_string() };
    // Receipts that wait for a fold count too, also in batches whose tally shows none.
    let waiting = statistics::all_waiting(&context.store, campaign).await?;
    let runs = campaign.audience.as_ref().map_or(&[][..], |audience| &audience.runs);
    let tallies = context.store.tallies(&campaign.id).await?;
    let may_have_some = |batch: &&BatchTally| batch.tally.temporary > 0 || waiting.contains_key(&batch.number);
    for tally in tallies.iter().filter(may_have_some) {
        if failed.file.is_empty() {
            let head = context.files.get_range(&key, 0, HEADER_BYTES).await?;
            let header = ListHeader::parse(&head).map_err(|error| broken(&error))?;
            let (header, _) = header.ok_or_else(|| broken(&"no header"))?;
            header.write(&mut failed.file);
            failed.columns = header.columns().to_vec();
        }
        let Some(mut batch) = context.store.batch(&campaign.id, tally.number).await? else { continue };
        if let (Some(events), Some(slice)) = (waiting.get(&batch.number), batch_slice(runs, batch.number)) {
            batch.record(slice.first, Rules::of_campaign(campaign), events);
        }
        let rows = AudienceRows::read(&context.files, campaign, std::slice::from_ref(&batch)).await?;
        for pair in rows.of(&batch) {
            let (row, record) = pair?;
            let is_wanted = record.state.outcome().is_final() && record.reason.is_temporary();
            if is_wanted && !row.phone.is_placeholder() {
                write_row(&mut failed.file, row.phone, row.fields());
                *failed.by_territory.entry(row.phone.territory()).or_default() += 1;
                failed.count += 1;
            }
        }
    }
    Ok(failed)
}

impl Failed {
    /// The report that an import would have made.
    fn report(&self) -> ImportReport {
        let phone = "phone".to_owned();
        ImportReport {
            rows: self.count,
            contacts: self.count,
            phone_column: PhoneColumn { index: 0, name: phone.clone() },
            columns: std::iter::once(phone).chain(self.columns.iter().cloned()).collect(),
            delimiter: Some(Delimiter::Comma),
            header: true,
            by_territory: self.by_territory.clone(),
            ..ImportReport::default()
        }
    }
}
