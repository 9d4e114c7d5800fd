//! Closes a campaign: waits for the last receipts, gives back unused credits, writes the report.

use app::campaigns::statistics;
use aws::store::AccountStore;
use domain::campaign::{Campaign, Command};
use domain::dispatch::{Closing, Freeze, Settlement, give_up_receipts};
use domain::ledger::Minute;
use domain::proof;
use domain::tally::Tally;
use jiff::Timestamp;
use support::Metric;
use tracing::info;

use crate::announce::announce;
use crate::held::Held;
use crate::schedule::{reschedule, unschedule};
use crate::{App, Error, fold, report, settle, standstill};

/// Seconds until the next check if the outcomes could not be frozen.
const AGAIN_SECONDS: i64 = 2;
/// How often the fold lock is renewed while the report is written.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(10);

/// One check of a consolidating campaign.
pub async fn close(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let now = app.clock.now();
    let Closing { is_late, check_seconds } = Closing::new(campaign.handed_over_at.unwrap_or(now), now);
    let mut campaign = match campaign.cancelled {
        true => match settle::in_doubt(app, &store, &campaign).await? {
            Some(tally) => settle::give_back(app, &store, campaign, &tally).await?,
            // A batch leased when its campaign was cancelled is left to finish.
            None => return reschedule(app, campaign, check_seconds).await.map(drop),
        },
        false => campaign,
    };
    let tallies = store.tallies(&campaign.id).await?;
    fold::refresh(app, &campaign, &tallies).await?;
    // Includes receipts that wait for a fold: an estimate, confirmed by folding them all.
    let tally = statistics::statistics(&store, &campaign).await?;
    if tally.awaiting > 0 && !is_late {
        standstill::note(app, &mut campaign, tally.settled(), true);
        return reschedule(app, campaign, check_seconds).await.map(drop);
    }
    // No receipts are recorded while the outcomes are frozen.
    let Some(mut held) = fold::fold_all(app, &campaign).await? else {
        return reschedule(app, campaign, AGAIN_SECONDS).await.map(drop);
    };
    let id = campaign.id.clone();
    let closed = freeze(app, &store, campaign, is_late, &mut held).await;
    held.release(&store, &id).await?;
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
    if Freeze::has_lapsed_lease(exact.lease_until, app.clock.now()) {
        // The batches are leased here, so that a late sender finds them taken.
        settle::in_doubt(app, store, &campaign).await?;
        exact = store.exact(&campaign.id).await?;
    }
    let freeze = Freeze::new(&exact.tally, exact.lease_until, campaign.cancelled, app.clock.now());
    if let Freeze::NotYet { is_at_work } = freeze {
        // The estimate was wrong, or the index lags behind the table.
        standstill::note(app, &mut campaign, exact.tally.settled(), is_at_work);
        return reschedule(app, campaign, AGAIN_SECONDS).await.map(drop);
    }
    write_report(app, store, &campaign, held).await?;
    held.renew(app, store, &campaign.id).await?;
    finish(app, store, campaign, exact.tally, held).await
}

/// Writes the report; the fold lock is renewed meanwhile.
async fn write_report(app: &App, store: &AccountStore, campaign: &Campaign, held: &mut Held) -> Result<(), Error> {
    let mut writing = std::pin::pin!(report::write(app, campaign));
    loop {
        tokio::select! {
            written = &mut writing => return written,
            () = tokio::time::sleep(RENEW_EVERY) => held.renew(app, store, &campaign.id).await?,
        }
    }
}

/// Receipts are not expected after 72 hours: these outcomes become `unknown`.
async fn give_up_waiting(store: &AccountStore, campaign: &Campaign, now: Timestamp) -> Result<(), Error> {
    for tally in store.tallies(&campaign.id).await?.iter().filter(|batch| batch.tally.awaiting > 0) {
        let Some(mut batch) = store.batch(&campaign.id, tally.number).await? else { continue };
        give_up_receipts(batch.ledger.records_mut(), Minute::from_timestamp(now));
        store.put_batch(&campaign.id, &mut batch).await?;
    }
    Ok(())
}

/// Freezes the outcomes and settles the credits, in one write.
async fn finish(app: &App, store: &AccountStore, campaign: Campaign, tally: Tally, held: &Held) -> Result<(), Error> {
    let now = app.clock.now();
    let Ok(finished) = campaign.apply(Command::Finish, now) else { return Ok(()) };
    let settlement = Settlement::new(campaign.held(), tally.segments);
    let movements = settlement.movements(&campaign, now);
    let next = settlement.settle(Campaign { tally: Some(tally), ..finished });
    let account = store.account().await?;
    if let Some(account) = account.as_ref().filter(|_| campaign.settings.proof && next.was_seen()) {
        // Before it is finished: a crash in between repeats both.
        let made_with = campaign.messages_made_with(account, &app.short_url);
        store.put_proof(&proof::fingerprint(&campaign.settings.message, &made_with), &campaign.id, now).await?;
    }
    let mode = account.map(|account| account.balance.mode).unwrap_or_default();
    let finished = store.finish_campaign(next, mode, &movements, held.until()).await?;
    info!(account.id = %campaign.account, campaign.id = %campaign.id, used = settlement.used, given_back = settlement.given_back, "campaign finished");
    app.measure(&[(Metric::CampaignsFinished, 1.0)]);
    unschedule(app, announce(app, finished).await).await
}
