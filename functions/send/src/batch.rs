//! Sends one batch, as far as it is released and the carrier accepts it.

use aws::files;
use aws::queue::BatchHint;
use aws::store::{self, AccountStore, Batch};
use domain::campaign::{Command, PauseReason};
use domain::send::{Outlook, comes_back};
use jiff::Timestamp;
use tracing::{error, info};

use crate::call::{LEASE, Work};
use crate::figures::Figures;
use crate::prepare;
use crate::ready::{Ready, has_more};
use crate::record;
use crate::{App, Error};

/// Sends the released part of a batch. Succeeds if there is nothing to do or another sender holds the lease.
pub async fn send(app: &App, hint: BatchHint) -> Result<(), Error> {
    let grant = app.flows.outlook(1, &hint.account).await?;
    match Outlook::new(grant, app.clock.moves(), app.clock.now()) {
        Outlook::TakeUp => {}
        Outlook::ComeBack(at) => {
            app.flows.wait(&hint.account).await?;
            return come_back(app, hint, at).await;
        }
        Outlook::Leave => return Ok(()),
    }
    let store = app.store.account(&hint.account);
    let begun_at = app.clock.now();
    let Some(mut batch) = store.lease_batch(&hint.campaign, hint.batch, begun_at, begun_at + LEASE).await? else {
        return Ok(());
    };
    // Read after the lease was taken: a cancel or pause before that is seen here, a later one sees the lease.
    let ready = Ready::read(app, &store, &hint).await?;
    let sent = match &ready {
        Some(ready) => Box::pin(hand_over(app, &store, ready, &mut batch)).await,
        None => Ok(None),
    };
    batch.lease_until = Timestamp::UNIX_EPOCH;
    match sent {
        Ok(next) => {
            record::save(&store, &hint.campaign, &mut batch).await?;
            match next {
                Some(at) => come_back(app, hint, at).await,
                None if has_more(&store, &hint, ready).await? => {
                    let anew = BatchHint { waits_since: None, ..hint };
                    come_back(app, anew, app.clock.now()).await
                }
                None => Ok(()),
            }
        }
        Err(Error::Files(files::Error::NotFound { .. })) => {
            record::save(&store, &hint.campaign, &mut batch).await?;
            pause_without_audience(app, &store, &hint).await
        }
        Err(error) => Err(error),
    }
}

/// Prepares the batch and hands it over; returns when to continue with the rest.
async fn hand_over(
    app: &App,
    store: &AccountStore,
    ready: &Ready,
    batch: &mut Batch,
) -> Result<Option<Timestamp>, Error> {
    let outgoing = prepare::prepare(app, ready, batch).await?;
    let mut work = Work { app, store, ready, figures: Figures::default() };
    let next = work.hand_over_all(batch, outgoing).await;
    work.figures.write(app);
    next
}

/// Sends the queue message again at an instant, unless it has returned for too long.
async fn come_back(app: &App, mut hint: BatchHint, at: Timestamp) -> Result<(), Error> {
    let now = app.clock.now();
    if !comes_back(*hint.waits_since.get_or_insert(now.as_second()), now) {
        return Ok(());
    }
    let seconds = at.duration_since(now).as_secs_f64().ceil().max(0.0);
    let account = hint.account.clone();
    Ok(app.queues.release(&account, &[hint], seconds as u32).await?)
}

/// Pauses a campaign whose audience cannot be read: it cannot be sent, and its author has to know.
async fn pause_without_audience(app: &App, store: &AccountStore, hint: &BatchHint) -> Result<(), Error> {
    error!(account.id = %hint.account, campaign.id = %hint.campaign, "the file with the recipients is gone");
    let Some(campaign) = store.campaign(&hint.campaign).await? else { return Ok(()) };
    let paused = campaign.apply(Command::Pause(PauseReason::Audience), app.clock.now());
    let Ok(paused) = paused else { return Ok(()) };
    match store.put_campaign(paused).await {
        // If it was changed meanwhile, the next batch detects the same.
        Ok(_) | Err(store::Error::Conflict { .. }) => {
            info!(account.id = %hint.account, campaign.id = %hint.campaign, "campaign paused");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
