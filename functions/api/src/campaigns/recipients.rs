//! `GET /v1/campaigns/{id}/recipients` and `/report`: the outcome of each recipient. A page reads the ledgers of a
//! bounded number of batches, with their waiting events, and their part of the audience.

use app::audience::AudienceRows;
use app::campaigns::statistics;
use app::{Context, UseCase};
use aws::files::{self, FileKey, Files};
use aws::store::{Batch, Page};
use domain::campaign::{CANCELLED, Campaign, Status};
use domain::ids::CampaignId;
use domain::ledger::{Minute, Record};
use domain::outcome::{Outcome, Reason};
use domain::phone::PhoneNumber;
use domain::recording::Rules;
use domain::release;
use web::{Kind, Problem};

use super::find;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{Schema, phone, word};
use crate::error::{ApiError, not_found};
use crate::gate::{Id, Pages, Query, wrong_cursor};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/campaigns/{id}/recipients", UseCase::ReadCampaigns, page)
            .summary("What became of each recipient", "Ce qu’est devenu chaque destinataire")
            .named("list_recipients")
            .pages::<RecipientView>(),
        get("/campaigns/{id}/report", UseCase::ReadCampaigns, report)
            .summary(
                "Every recipient's outcome of a finished campaign, as a CSV",
                "Le résultat de chaque destinataire d’une campagne terminée, en CSV",
            )
            .conflict_before_ready()
            .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

requests! {
    struct Filter {
        outcome?: String = outcomes(),
    }
}

answers! {
    struct RecipientView as "Recipient" {
        /// null once it was erased
        /// null une fois effacé
        phone: Option<String> = phone(),
        outcome: &'static str = outcomes(),
        reason: Option<&'static str> =
            word(Reason::ALL.iter().map(|reason| reason.code()).filter(|code| !code.is_empty())),
        /// Zero before it was written
        /// Zéro avant d’être écrit
        segments: u8,
        /// To the minute
        /// À la minute près
        handed_over_at: Option<jiff::Timestamp>,
        final_at: Option<jiff::Timestamp>,
        /// First click
        /// Premier clic
        clicked_at: Option<jiff::Timestamp>,
        clicks: u32,
    }
}

/// The codes of outcomes.
fn outcomes() -> Schema {
    word(Outcome::ALL.map(Outcome::code).into_iter().chain([CANCELLED]))
}

fn view(campaign: &Campaign, (phone, record): (PhoneNumber, Record)) -> RecipientView {
    RecipientView {
        phone: (!phone.is_placeholder()).then(|| phone.to_string()),
        outcome: campaign.outcome_code(record.state.outcome()),
        reason: Some(record.reason.code()).filter(|code| !code.is_empty()),
        segments: record.segments,
        handed_over_at: record.handed_over.map(Minute::start),
        final_at: record.settled.map(Minute::start),
        clicked_at: record.first_click.filter(|_| record.clicks_of_people() > 0).map(Minute::start),
        clicks: u32::from(record.human_clicks) + u32::from(record.bot_clicks),
    }
}

/// Most batches read for one page: a page of a rare outcome may end before it is full.
const BATCHES_PER_PAGE_MAX: usize = 20;

async fn page(context: Context, Id(id): Id<CampaignId>, pages: Pages, Query(filter): Query<Filter>) -> Answered {
    let store = &context.store;
    let found = find(&context, &id).await?;
    let listing = format!("recipients {id}");
    let paging = pages.paging(&listing)?;
    let (first, skip) = match paging.after.as_deref() {
        None => (0, 0),
        Some(index) => place_of(index).ok_or_else(wrong_cursor)?,
    };
    let word = filter.outcome.as_deref();
    // Cancelled messages are pending in the ledgers.
    let outcome = word.map(|word| word.parse().unwrap_or(Outcome::Pending));
    let view = |row| view(&found, row);
    let Some(audience) = &found.audience else {
        return pages.page(&listing, Page { items: vec![], next: None }, view);
    };
    let batches = audience.batches();
    let progress = statistics::progress(store, &found).await?;
    let waiting = statistics::waiting(store, &found, &progress).await?;
    // Of a small campaign all batches are read: the map is as old as the last refresh.
    let wanted = outcome.filter(|_| batches > statistics::READ_WHOLE_BATCHES_MAX);
    let next_batch = |from| progress.presence.next(from, batches, wanted);
    let (mut items, mut next) = (Vec::new(), next_batch(first).map(|number| (number, skip)));
    let mut left = BATCHES_PER_PAGE_MAX;
    while let Some((number, skip)) = next.filter(|_| left > 0 && items.len() < paging.limit) {
        left -= 1;
        let skip = if number == first { skip } else { 0 };
        next = next_batch(number + 1).map(|number| (number, 0));
        let Some(mut batch) = store.batch(&id, number).await? else { continue };
        if let (Some(events), Some(slice)) = (waiting.get(&number), release::batch_slice(&audience.runs, number)) {
            batch.record(slice.first, Rules::of_campaign(&found), events);
        }
        let is_wanted = |record: &Record| word.is_none_or(|word| found.outcome_code(record.state.outcome()) == word);
        if !batch.ledger.records().iter().skip(skip).any(is_wanted) {
            continue;
        }
        for (index, row) in rows(&context.files, &found, &batch).await?.into_iter().enumerate().skip(skip) {
            if items.len() == paging.limit {
                next = Some((number, index));
                break;
            }
            if is_wanted(&row.1) {
                items.push(row);
            }
        }
    }
    let next = next.map(|(number, index)| format!("{number} {index}"));
    pages.page(&listing, Page { items, next }, view)
}

/// Batch and recipient of a position.
fn place_of(position: &str) -> Option<(u32, usize)> {
    let (batch, index) = position.split_once(' ')?;
    Some((batch.parse().ok()?, index.parse().ok()?))
}

/// Numbers of a batch with their records.
pub async fn rows(files: &Files, campaign: &Campaign, batch: &Batch) -> Result<Vec<(PhoneNumber, Record)>, ApiError> {
    let rows = AudienceRows::read(files, campaign, std::slice::from_ref(batch)).await?;
    let pairs = rows.of(batch).map(|pair| pair.map(|(row, record)| (row.phone, *record)));
    Ok(pairs.collect::<Result<_, _>>()?)
}

async fn report(context: Context, Id(id): Id<CampaignId>) -> Answered {
    let found = find(&context, &id).await?;
    if found.status != Status::Finished {
        let (english, french) = (
            "the report is written when the campaign is finished",
            "le rapport est écrit quand la campagne est terminée",
        );
        return Err(Problem::new(Kind::Conflict, english, french).into());
    }
    let file = FileKey::Report { account: found.account.clone(), campaign: id };
    match context.files.size(&file).await {
        Err(files::Error::NotFound { .. }) => return Err(not_found().into()),
        bytes => bytes?,
    };
    Ok(Answer::redirect_to(&context.files.download_address(&file, &format!("{}.csv", found.settings.name)).await?))
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
