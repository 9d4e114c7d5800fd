//! Sends one batch, as far as it is released and the carrier takes it.

use std::time::Duration;

use aws::files;
use aws::queue::BatchHint;
use aws::store::{self, AccountStore, Batch};
use domain::account::Account;
use domain::campaign::{Campaign, Command, Kind, PauseReason, Status};
use domain::flow::Grant;
use domain::ledger::Minute;
use domain::release::{Place, place};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info};

use crate::call::{WAIT, Work};
use crate::figures::Figures;
use crate::prepare;
use crate::record;
use crate::{App, Error};

/// How long a batch belongs to whoever took it; every write to it renews that.
pub const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// A message about a batch comes back for so long, in seconds.
const HINT_SECONDS: i64 = 300;
/// The longest that one call to the carrier may take.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
// A call begins right after a write; its answers are recorded before the lease lapses.
const _: () = assert!(CALL_TIMEOUT.as_secs() as i64 + 15 <= LEASE.as_secs());

/// Sends what is released of a batch. Nothing to do, or somebody else at work, is success.
pub async fn send(app: &App, hint: BatchHint) -> Result<(), Error> {
    match app.flows.outlook(1, &hint.account).await? {
        // For a moment it waits with the batch in hand; a clock that is moved by hand waits for nobody.
        Grant::At(at) if !app.clock.moves() || at > app.clock.now() + WAIT => {
            app.flows.wait(&hint.account).await?;
            return come_back(app, hint, at).await;
        }
        Grant::Now(_) | Grant::At(_) => {}
        // Dispatch releases it again when the carrier is back.
        Grant::Open(_) => return Ok(()),
    }
    let store = app.store.account(&hint.account);
    let begun_at = app.clock.now();
    let Some(mut batch) = store.lease_batch(&hint.campaign, hint.batch, begun_at, begun_at + LEASE).await? else {
        return Ok(());
    };
    // Read after the lease was taken: who cancels or pauses now sees the lease, and who did before is seen.
    let ready = ready(app, &store, &hint).await?;
    let sent = match &ready {
        Some((campaign, account, place)) => {
            Box::pin(hand_over(app, &store, (campaign, account, place), &mut batch)).await
        }
        None => Ok(None),
    };
    batch.lease_until = Timestamp::UNIX_EPOCH;
    match sent {
        Ok(next) => {
            record::save(&store, &hint.campaign, &mut batch).await?;
            match next {
                Some(at) => come_back(app, hint, at).await,
                None if has_more(&store, &hint, ready.map(|(.., place)| place)).await? => {
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

/// Whether more of a batch was released while it was sent: the queue message about it found the batch leased. Read after
/// the lease has ended.
async fn has_more(store: &AccountStore, hint: &BatchHint, sent: Option<Place>) -> Result<bool, Error> {
    let Some(sent) = sent.filter(|sent| sent.released < sent.recipients) else { return Ok(false) };
    let campaign = store.campaign(&hint.campaign).await?.filter(may_send);
    let audience = campaign.and_then(|campaign| campaign.audience);
    let now = audience.and_then(|audience| place(&audience.runs, hint.batch));
    Ok(now.is_some_and(|now| now.released > sent.released))
}

/// Campaign, account and the place of the batch in it, if something of it may be sent now.
async fn ready(app: &App, store: &AccountStore, hint: &BatchHint) -> Result<Option<(Campaign, Account, Place)>, Error> {
    let Some(campaign) = store.campaign(&hint.campaign).await? else { return Ok(None) };
    let Some(audience) = campaign.audience.as_ref().filter(|_| may_send(&campaign)) else { return Ok(None) };
    let place = place(&audience.runs, hint.batch).ok_or_else(|| Error::Unexpected {
        campaign: campaign.id.clone(),
        batch: hint.batch,
        cause: "no such batch".into(),
    })?;
    if place.released == 0 {
        return Ok(None);
    }
    let Some(account) = store.account().await? else { return Ok(None) };
    // Dispatch releases it again when the window opens.
    let is_open = is_open(&campaign, &account, &place, app.clock.now());
    Ok(is_open.then_some((campaign, account, place)))
}

/// It is sending; or it is paused until the carrier is back, which a message of it may show.
pub fn may_send(campaign: &Campaign) -> bool {
    match campaign.status {
        Status::Sending => true,
        Status::Paused => campaign.pause_reason == Some(PauseReason::CarrierErrors),
        Status::Draft | Status::Ready | Status::Consolidating | Status::Finished | Status::Deleted => false,
    }
}

/// The legal window is open where these recipients live, or the campaign need not obey it.
pub fn is_open(campaign: &Campaign, account: &Account, place: &Place, now: Timestamp) -> bool {
    campaign.settings.kind == Kind::Alert || account.is_open(now, place.territory)
}

/// Prepares the batch and hands it over; answers when to come back for what is left of it.
async fn hand_over(
    app: &App,
    store: &AccountStore,
    (campaign, account, place): (&Campaign, &Account, &Place),
    batch: &mut Batch,
) -> Result<Option<Timestamp>, Error> {
    let outgoing = prepare::prepare(app, account, campaign, place, batch).await?;
    let mut work = Work { app, store, campaign, account, place, figures: Figures::default() };
    let next = work.hand_over_all(batch, outgoing).await;
    work.figures.write(app);
    next
}

/// Asks for the batch to be brought back at an instant. Not when it has come back for long: dispatch sees what is idle
/// and releases it anew, while copies of a message, of which the queue and repairs make some, would go round for ever.
async fn come_back(app: &App, mut hint: BatchHint, at: Timestamp) -> Result<(), Error> {
    let now = app.clock.now().as_second();
    if now > *hint.waits_since.get_or_insert(now) + HINT_SECONDS {
        return Ok(());
    }
    let seconds = at.duration_since(app.clock.now()).as_secs_f64().ceil().max(0.0);
    let account = hint.account.clone();
    Ok(app.queues.release(&account, &[hint], seconds as u32).await?)
}

/// Pauses a campaign whose recipients cannot be read: nobody can send it, and its author has to know.
async fn pause_without_audience(app: &App, store: &AccountStore, hint: &BatchHint) -> Result<(), Error> {
    error!(account.id = %hint.account, campaign.id = %hint.campaign, "the file with the recipients is gone");
    let Some(campaign) = store.campaign(&hint.campaign).await? else { return Ok(()) };
    let paused = campaign.apply(Command::Pause(PauseReason::Audience), app.clock.now());
    let Ok(paused) = paused else { return Ok(()) };
    match store.put_campaign(paused).await {
        // Who changed it meanwhile is followed by the next batch, which finds the same.
        Ok(_) | Err(store::Error::Conflict { .. }) => {
            info!(account.id = %hint.account, campaign.id = %hint.campaign, "campaign paused");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// The minute of an answer.
pub fn minute(app: &App) -> Minute {
    Minute::of(app.clock.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_tells_how_long_an_answer_may_take() {
        let protocol = include_str!("../../../shared/carrier/PROTOCOL.md");
        assert!(protocol.contains(&format!("no whole answer within {} s", CALL_TIMEOUT.as_secs())));
    }
}
