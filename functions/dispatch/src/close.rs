//! Closes a campaign: waits for the last receipts, gives back what was never handed over, writes the report.

use app::campaigns::statistics;
use aws::store::AccountStore;
use domain::campaign::{Campaign, Command, RECEIPTS_HOURS};
use domain::credits::{Movement, MovementKind};
use domain::ledger::Minute;
use domain::outcome::{Outcome, Reason};
use domain::proof;
use domain::tally::Tally;
use jiff::{SignedDuration, Timestamp};
use support::Metric;
use tracing::info;

use crate::announce::announce;
use crate::due::{look_again, patience_seconds, rest};
use crate::held::Held;
use crate::{App, Error, fold, report, settle, standstill};

/// The longest pause between two looks at a campaign whose receipts are still coming. The fold that finds the last one
/// asks for a look at once.
const LOOK_SECONDS_MAX: i64 = 3_600;

/// While the report is written, the right to fold is kept by a sign of life so often.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// One look at a campaign that is consolidating.
pub async fn close(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let handed_over_at = campaign.handed_over_at.unwrap_or(now);
    let end = handed_over_at + SignedDuration::from_hours(RECEIPTS_HOURS);
    let until_end = end.duration_since(now).as_secs().max(2);
    let seconds = patience_seconds(handed_over_at, now, LOOK_SECONDS_MAX).min(until_end);
    let mut campaign = match campaign.cancelled {
        true => match settle::in_doubt(app, &store, &campaign).await? {
            Some(tally) => settle::give_back(app, &store, campaign, &tally).await?,
            // A batch at work when its campaign was cancelled ends in its own time.
            None => return look_again(app, campaign, seconds).await.map(drop),
        },
        false => campaign,
    };
    let tallies = store.tallies(&campaign.id).await?;
    let is_late = now >= end;
    fold::refresh(app, &campaign, &tallies).await?;
    // With the receipts that wait to be folded: a guess, which folding all of them proves.
    let tally = statistics::statistics(&store, &campaign).await?;
    if tally.awaiting > 0 && !is_late {
        standstill::note(app, &mut campaign, settled(&tally), true);
        return look_again(app, campaign, seconds).await.map(drop);
    }
    // Nobody records receipts while the outcomes are frozen.
    let Some(mut held) = fold::fold_all(app, &campaign).await? else {
        look_again(app, campaign, 2).await?;
        return Ok(());
    };
    let id = campaign.clone();
    let closed = freeze(app, &store, campaign, is_late, &mut held).await;
    held.release(app, &id).await?;
    closed
}

/// Finishes a campaign whose journal is folded, if every outcome is final.
async fn freeze(
    app: &App,
    store: &AccountStore,
    mut campaign: Campaign,
    is_late: bool,
    held: &mut Held,
) -> Result<(), Error> {
    if is_late {
        give_up_waiting(store, &campaign, app.clock.now()).await?;
    }
    let mut exact = store.exact(&campaign.id).await?;
    if exact.lease_until != Timestamp::UNIX_EPOCH && exact.lease_until <= app.clock.now() {
        // A sender that was held up may still come, with an answer that would change what is final: it finds its batch
        // taken.
        settle::in_doubt(app, store, &campaign).await?;
        exact = store.exact(&campaign.id).await?;
    }
    let is_at_work = exact.lease_until > app.clock.now();
    if is_at_work || exact.tally.awaiting > 0 || (exact.tally.to_send > 0 && !campaign.cancelled) {
        // The guess was wrong, or the index behind the table.
        standstill::note(app, &mut campaign, settled(&exact.tally), is_at_work);
        return look_again(app, campaign, 2).await.map(drop);
    }
    write_report(app, store, &campaign, held).await?;
    held.renew(app, store, &campaign.id).await?;
    finish(app, store, campaign, exact.tally, held).await
}

/// Writes the report; however long that takes, the right to fold does not lapse.
async fn write_report(app: &App, store: &AccountStore, campaign: &Campaign, held: &mut Held) -> Result<(), Error> {
    let mut writing = std::pin::pin!(report::write(app, campaign));
    loop {
        tokio::select! {
            written = &mut writing => return written,
            () = tokio::time::sleep(RENEW_EVERY) => held.renew(app, store, &campaign.id).await?,
        }
    }
}

/// Recipients whose outcome is final.
fn settled(tally: &Tally) -> u32 {
    tally.recipients.saturating_sub(tally.to_send).saturating_sub(tally.awaiting)
}

/// Receipts that did not come within 72 hours do not come: these outcomes are unknown.
async fn give_up_waiting(store: &AccountStore, campaign: &Campaign, now: Timestamp) -> Result<(), Error> {
    for tally in store.tallies(&campaign.id).await?.iter().filter(|batch| batch.tally.awaiting > 0) {
        let Some(mut batch) = store.batch(&campaign.id, tally.number).await? else { continue };
        for record in batch.ledger.records_mut() {
            if record.state.outcome() == Outcome::HandedOver {
                *record = record.told(Outcome::Unknown, Reason::NoReceipt, Minute::of(now));
            }
        }
        store.put_batch(&campaign.id, &mut batch).await?;
    }
    Ok(())
}

/// Freezes the outcomes and settles the credits, in one write.
async fn finish(app: &App, store: &AccountStore, campaign: Campaign, tally: Tally, held: &Held) -> Result<(), Error> {
    let now = app.clock.now();
    let Ok(finished) = campaign.apply(Command::Finish, now) else { return Ok(()) };
    // A receipt may have come for a message whose credits went back.
    let used = tally.segments.min(campaign.held());
    let given_back = campaign.held() - used;
    let next = Campaign {
        used: campaign.used + used,
        given_back: campaign.given_back + given_back,
        tally: Some(tally),
        ..finished
    };
    let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
    let movements = [movement(MovementKind::Used, used), movement(MovementKind::GivenBack, given_back)];
    let account = store.account().await?;
    if let Some(account) = account.as_ref().filter(|_| campaign.settings.proof && next.was_seen()) {
        // Before it is finished: a crash in between repeats both.
        let made_with = campaign.messages_made_with(account, &app.config.short_url);
        store.put_proof(&proof::fingerprint(&campaign.settings.message, &made_with), &campaign.id, now).await?;
    }
    let mode = account.map(|account| account.balance.mode).unwrap_or_default();
    let finished = store.finish_campaign(next, mode, &movements, held.until()).await?;
    info!(account.id = %campaign.account, campaign.id = %campaign.id, used, given_back, "campaign finished");
    app.measure(&[(Metric::CampaignsFinished, 1.0)]);
    rest(app, announce(app, finished).await).await
}
