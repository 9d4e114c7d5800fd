//! `GET /v1/campaigns/{id}/recipients` and `/report`: what became of each recipient. A page reads the ledgers of some
//! batches and the stretch of the audience that belongs to them.

use serde::Serialize;
use shared::contacts::Rows;
use shared::domain::account::Scope;
use shared::domain::campaign::{Campaign, Status};
use shared::domain::ids::CampaignId;
use shared::domain::ledger::{Minute, Record};
use shared::domain::outcome::{Outcome, Reason};
use shared::domain::phone::PhoneNumber;
use shared::domain::tally::Tally;
use shared::files::{self, FileKey};
use shared::http::{Kind, Problem};
use shared::store::{Batch, Page};

use super::find;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{count, field, instant, object, phone, word};
use crate::failure::{Failure, not_found};
use crate::gate::{Caller, Id, Query, wrong_cursor};

pub fn operations() -> Vec<Operation> {
    let recipient = object([
        field("phone", phone().or_null().about("null once it was erased", "null une fois effacé")),
        field("outcome", word(Outcome::ALL.map(Outcome::code))),
        field("reason", word(Reason::ALL.iter().map(|reason| reason.code()).filter(|code| !code.is_empty())).or_null()),
        field("segments", count().about("Zero before it was written", "Zéro avant d’être écrit")),
        field("handed_over_at", instant().or_null().about("To the minute", "À la minute près")),
        field("final_at", instant().or_null()),
        field("clicked_at", instant().or_null().about("First click", "Premier clic")),
        field("clicks", count()),
    ]);
    vec![
        get("/campaigns/{id}/recipients", Scope::Read, "What became of each recipient", page)
            .query("outcome", word(Outcome::ALL.map(Outcome::code)))
            .named("list_recipients")
            .pages(recipient.named("Recipient")),
        get(
            "/campaigns/{id}/report",
            Scope::Read,
            "Every recipient's outcome of a finished campaign, as a CSV",
            report,
        )
        .early()
        .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

#[derive(Serialize)]
struct RecipientView {
    phone: Option<String>,
    outcome: &'static str,
    reason: Option<&'static str>,
    segments: u8,
    handed_over_at: Option<jiff::Timestamp>,
    final_at: Option<jiff::Timestamp>,
    clicked_at: Option<jiff::Timestamp>,
    clicks: u32,
}

fn view((phone, record): (PhoneNumber, Record)) -> RecipientView {
    RecipientView {
        phone: (!phone.is_nobody()).then(|| phone.to_string()),
        outcome: record.state.outcome().code(),
        reason: Some(record.reason.code()).filter(|code| !code.is_empty()),
        segments: record.segments,
        handed_over_at: record.handed_over.map(Minute::start),
        final_at: record.settled.map(Minute::start),
        clicked_at: record.first_click.filter(|_| record.clicks_of_people() > 0).map(Minute::start),
        clicks: u32::from(record.human_clicks) + u32::from(record.bot_clicks),
    }
}

/// How many of a batch have an outcome.
fn with_outcome(tally: &Tally, outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Pending | Outcome::Submitting => tally.to_send,
        Outcome::HandedOver => tally.awaiting,
        Outcome::Unknown => tally.unknown,
        Outcome::Excluded => tally.excluded,
        Outcome::Rejected => tally.rejected,
        Outcome::Expired => tally.expired,
        Outcome::Failed => tally.failed,
        Outcome::Delivered => tally.delivered,
    }
}

async fn page(app: App, caller: Caller, Id(id): Id<CampaignId>, query: Query) -> Answered {
    let store = app.store_of(&caller);
    let found = find(&store, &id).await?;
    let listing = format!("recipients {id}");
    let paging = query.paging(&listing)?;
    let (first, skip) = match paging.after.as_deref() {
        None => (0, 0),
        Some(place) => place_of(place).ok_or_else(wrong_cursor)?,
    };
    let outcome: Option<Outcome> = query.parsed("outcome");
    if found.audience.is_none() {
        return query.page(&listing, Page { items: vec![], next: None }, view);
    }
    let batches: Vec<u32> = store
        .tallies(&id)
        .await?
        .into_iter()
        .filter(|batch| batch.number >= first && outcome.is_none_or(|outcome| with_outcome(&batch.tally, outcome) > 0))
        .map(|batch| batch.number)
        .collect();
    let mut items = Vec::new();
    let mut next = None;
    'batches: for (nth, number) in batches.iter().enumerate() {
        let Some(batch) = store.batch(&id, *number).await? else { continue };
        let skipped = if *number == first { skip } else { 0 };
        for (place, row) in rows(&app, &found, &batch).await?.into_iter().enumerate().skip(skipped) {
            if outcome.is_some_and(|outcome| row.1.state.outcome() != outcome) {
                continue;
            }
            if items.len() == paging.limit {
                next = Some(format!("{number} {place}"));
                break 'batches;
            }
            items.push(row);
        }
        if items.len() == paging.limit {
            // The page is full where a batch ends.
            next = batches.get(nth + 1).map(|number| format!("{number} 0"));
            break;
        }
    }
    query.page(&listing, Page { items, next }, view)
}

/// Batch and recipient of a position.
fn place_of(position: &str) -> Option<(u32, usize)> {
    let (batch, place) = position.split_once(' ')?;
    Some((batch.parse().ok()?, place.parse().ok()?))
}

/// Numbers of a batch with their records.
pub async fn rows(app: &App, campaign: &Campaign, batch: &Batch) -> Result<Vec<(PhoneNumber, Record)>, Failure> {
    let file = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
    let octets = app.files.get_range(&file, batch.octets.0, batch.octets.1).await?;
    let mut found = Vec::with_capacity(batch.ledger.records().len());
    for (row, record) in Rows::new(&octets, batch.octets.0).zip(batch.ledger.records()) {
        let row = row.map_err(|error| shared::audience::Error::Broken { cause: error.to_string() })?;
        found.push((row.phone, *record));
    }
    Ok(found)
}

async fn report(app: App, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let found = find(&app.store_of(&caller), &id).await?;
    if found.status != Status::Finished {
        let (english, french) = (
            "the report is written when the campaign is finished",
            "le rapport est écrit quand la campagne est terminée",
        );
        return Err(Problem::new(Kind::Conflict, english, french).into());
    }
    let file = FileKey::Report { account: found.account.clone(), campaign: id };
    match app.files.octets(&file).await {
        Err(files::Error::NotFound { .. }) => return Err(not_found().into()),
        octets => octets?,
    };
    Ok(Answer::see(&app.files.download_address(&file, &format!("{}.csv", found.settings.name)).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_names_batch_and_recipient() {
        assert_eq!(place_of("12 499"), Some((12, 499)));
        assert_eq!(place_of("12"), None);
        assert_eq!(place_of("x 1"), None);
    }
}
