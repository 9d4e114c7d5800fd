//! One attempt of one delivery: leased, signed, sent, recorded.
//!
//! The order matters. A conditional write leases the delivery before the endpoint is called, so of two queue messages
//! one wins; and it stays in the index until its attempt is recorded, so after a crash the tick finds it.

use app::{Actor, webhooks};
use aws::queue::DeliveryHint;
use aws::store::{self, AccountStore};
use domain::delivery::{Attempt, Delivery, DeliveryProblem, DeliveryStatus, QUEUED_SECONDS_MAX};
use domain::signature::Secret;
use domain::webhook::{DISABLED_AFTER, DisabledReason, Health, REST_AFTER_FAILURES, Webhook};
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::call::{CALL_TIMEOUT, Call};
use crate::{App, Error};

/// Lease of a delivery: longer than an attempt can take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const _: () = assert!(LEASE.as_secs() > 2 * CALL_TIMEOUT.as_secs() as i64);
/// The status with which an endpoint asks for no more deliveries.
const GONE: u16 = 410;

/// Attempts a delivery, if it is due. Succeeds if there is nothing to do or another worker holds it.
pub async fn deliver(app: &App, hint: DeliveryHint) -> Result<(), Error> {
    let store = app.store.account(&hint.account);
    let now = app.clock.now();
    let Some(delivery) = store.delivery(&hint.webhook, &hint.delivery).await? else { return Ok(()) };
    if delivery.status != DeliveryStatus::Pending || delivery.next_at.is_none_or(|at| at > now) {
        return Ok(());
    }
    let Some(webhook) = store.webhook(&hint.webhook).await? else {
        // The webhook is deleted, so the log is not shown any more.
        return passed_by(store.delete_delivery(&delivery).await);
    };
    if webhook.disabled.is_some() {
        return passed_by(store.put_delivery(delivery.given_up(DeliveryProblem::Disabled, now)).await);
    }
    if delivery.is_too_old(now) {
        return passed_by(store.put_delivery(delivery.given_up(DeliveryProblem::TooOld, now)).await);
    }
    let Some(webhook) = awake(&store, webhook, &delivery, now).await? else { return Ok(()) };
    let taken = match store.put_delivery(delivery.taken(now + LEASE)).await {
        Err(store::Error::Conflict { .. }) => return Ok(()),
        taken => taken?,
    };
    let attempt = attempt(app, &webhook, &taken, now).await;
    note(app, &store, &webhook, taken, attempt).await
}

/// Ignores a conflict: another worker has newer data.
fn passed_by<T>(written: Result<T, store::Error>) -> Result<(), Error> {
    match written {
        Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The webhook, if it can be called now. A resting one is not; after its rest one attempt goes ahead and decides, and
/// all other deliveries wait for it.
async fn awake(
    store: &AccountStore,
    webhook: Webhook,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Option<Webhook>, Error> {
    if let Some(until) = webhook.health.rests_until(now) {
        return wait(store, delivery, until).await;
    }
    if webhook.health.failures < REST_AFTER_FAILURES {
        return Ok(Some(webhook));
    }
    let ahead = Health { resting_until: Some(now + LEASE), ..webhook.health };
    match store.put_health(&webhook.id, webhook.health, ahead).await {
        Ok(()) => Ok(Some(Webhook { health: ahead, ..webhook })),
        Err(store::Error::Conflict { .. }) => wait(store, delivery, now + LEASE).await,
        Err(error) => Err(error.into()),
    }
}

async fn wait(store: &AccountStore, delivery: &Delivery, until: Timestamp) -> Result<Option<Webhook>, Error> {
    passed_by(store.put_delivery(delivery.clone().put_off(until)).await).map(|()| None)
}

async fn attempt(app: &App, webhook: &Webhook, delivery: &Delivery, now: Timestamp) -> Attempt {
    let secrets = webhook.secrets(&app.key, now);
    let signers = secrets.iter().filter_map(|secret| secret.parse::<Secret>().ok());
    let body = delivery.payload.as_bytes();
    let signatures: Vec<_> = signers.map(|secret| secret.sign(delivery.event.as_str(), now, body)).collect();
    let call = Call {
        url: &webhook.url,
        id: delivery.event.as_str(),
        at: now,
        signatures: &signatures.join(" "),
        body: &delivery.payload,
    };
    app.caller.call(call).await
}

/// Writes the result of an attempt to the delivery and to the endpoint's health.
async fn note(
    app: &App,
    store: &AccountStore,
    webhook: &Webhook,
    delivery: Delivery,
    attempt: Attempt,
) -> Result<(), Error> {
    let (now, problem, http_status) = (attempt.at, attempt.problem, attempt.http_status);
    info!(account.id = %store.id(), webhook.id = %webhook.id, delivery.id = %delivery.id, http.status = http_status,
        problem = problem.map(DeliveryProblem::code), took_ms = attempt.took_ms, "a delivery was attempted");
    let tried = store.put_delivery(delivery.tried(attempt)).await?;
    note_health(app, store, webhook, problem.is_some(), http_status == Some(GONE)).await?;
    if let Some(next) = tried.next_at {
        // The queue delivers short waits; the tick finds longer ones.
        let seconds = next.duration_since(now).as_secs();
        if let Some(delay) = u32::try_from(seconds).ok().filter(|_| seconds <= QUEUED_SECONDS_MAX) {
            let hint = DeliveryHint { account: store.id().clone(), webhook: tried.webhook, delivery: tried.id };
            app.queues.deliver(store.id(), &[hint], delay).await?;
        }
    }
    Ok(())
}

async fn note_health(
    app: &App,
    store: &AccountStore,
    webhook: &Webhook,
    failed: bool,
    gone: bool,
) -> Result<(), Error> {
    let now = app.clock.now();
    if !failed {
        return match webhook.health == Health::default() {
            true => Ok(()),
            false => passed_by(store.put_health(&webhook.id, webhook.health, Health::default()).await),
        };
    }
    let health = webhook.health.failed(now);
    match (gone, health.is_hopeless(now)) {
        (true, _) => disable(app, store, webhook, DisabledReason::Gone).await,
        (false, true) => disable(app, store, webhook, DisabledReason::Failing).await,
        (false, false) => passed_by(store.put_health(&webhook.id, webhook.health, health).await),
    }
}

/// Disables an endpoint until a user enables it again.
async fn disable(app: &App, store: &AccountStore, webhook: &Webhook, reason: DisabledReason) -> Result<(), Error> {
    let now = app.clock.now();
    if webhooks::disable(&Actor::function("webhooks"), store, webhook, reason, now).await? {
        warn!(account.id = %store.id(), webhook.id = %webhook.id, reason = reason.code(), days = DISABLED_AFTER.as_hours() / 24,
            "a webhook was disabled");
    }
    Ok(())
}
