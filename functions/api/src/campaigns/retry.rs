//! `POST /v1/campaigns/{id}/retry-failed`: « Relancer les échecs », a draft for the temporary failures only.

use shared::contacts::{ListHeader, Rows, write_row};
use shared::domain::account::Scope;
use shared::domain::campaign::{Campaign, Schedule, Settings, Status};
use shared::domain::ids::{CampaignId, ListId};
use shared::domain::list;
use shared::domain::list::{Column, List, Purpose};
use shared::files::FileKey;
use shared::http::{Kind, Problem};

use super::draft::{make, named};
use super::find;
use super::view::campaign;
use crate::App;
use crate::answer::Answered;
use crate::contract::operation::{Operation, post};
use crate::failure::Failure;
use crate::gate::{Caller, Id};
use crate::lists::CSV;

/// Octets read for the header of the audience: names of at most 32 variables.
const HEADER_OCTETS: u64 = 64 * 1024;

pub fn operations() -> Vec<Operation> {
    vec![
        post(
            "/campaigns/{id}/retry-failed",
            Scope::Write,
            "Makes a draft for those whose failure was temporary",
            retry,
        )
        .named("retry_failed")
        .answers(201, "The draft, with a list of its own", campaign()),
    ]
}

async fn retry(app: App, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let store = app.store_of(&caller);
    let found = find(&store, &id).await?;
    if !matches!(found.status, Status::Consolidating | Status::Finished) {
        let (english, french) = ("the campaign is still being sent", "la campagne est encore en cours d’envoi");
        return Err(Problem::new(Kind::Conflict, english, french).into());
    }
    let contacts = failed_contacts(&app, &caller, &found).await?;
    let Some(contacts) = contacts else {
        let (english, french) =
            ("no failure of this campaign was temporary", "aucun échec de cette campagne n’est temporaire");
        return Err(Problem::new(Kind::Conflict, english, french).into());
    };
    let now = app.clock.now();
    let name = named(&found.settings.name, " (relance)");
    let list_id = ListId::new(now, app.random());
    let awaiting =
        List::awaiting(caller.account.clone(), list_id, name.clone(), Purpose::Contacts, caller.author.clone(), now);
    let list =
        List { generation: 1, status: list::Status::Importing, phone_column: Some(Column::Index(0)), ..awaiting };
    let list = store.put_list(list).await?;
    let upload = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation: list.generation };
    app.files.put(&upload, contacts, CSV).await?;
    // Its date has passed; its pace still makes sense.
    let schedule = Schedule { at: None, ..found.settings.schedule.clone() };
    let settings = Settings { name, lists: vec![list.id], schedule, ..found.settings };
    let id = CampaignId::new(now, app.random());
    make(&app, &caller, Campaign::draft(caller.account.clone(), id, settings, caller.author.clone(), now)).await
}

/// Rows of the audience whose message failed for a reason that passes; `None` when there is none.
async fn failed_contacts(app: &App, caller: &Caller, campaign: &Campaign) -> Result<Option<Vec<u8>>, Failure> {
    let store = app.store_of(caller);
    let audience = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
    let broken = |cause: String| Failure::from(shared::audience::Error::Broken { cause });
    let mut file = Vec::new();
    let mut is_empty = true;
    for batch in store.tallies(&campaign.id).await?.into_iter().filter(|batch| batch.tally.temporary > 0) {
        if file.is_empty() {
            let end = app.files.octets(&audience).await?.min(HEADER_OCTETS);
            let octets = app.files.get_range(&audience, 0, end).await?;
            let header = ListHeader::parse(&octets).map_err(|error| broken(error.to_string()))?;
            header.map(|(header, _)| header).unwrap_or_default().write(&mut file);
        }
        let Some(batch) = store.batch(&campaign.id, batch.number).await? else { continue };
        let octets = app.files.get_range(&audience, batch.octets.0, batch.octets.1).await?;
        for (row, record) in Rows::new(&octets, batch.octets.0).zip(batch.ledger.records()) {
            let row = row.map_err(|error| broken(error.to_string()))?;
            if record.state.outcome().is_final() && record.reason.is_temporary() {
                is_empty = false;
                write_row(&mut file, row.phone, row.fields());
            }
        }
    }
    Ok((!is_empty).then_some(file))
}
