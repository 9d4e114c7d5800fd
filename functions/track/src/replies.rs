//! Replies: kept with the campaign that they answer; a STOP excludes its number.

use jiff::SignedDuration;
use shared::contacts::Rows;
use shared::domain::account::{Exclusion, ExclusionSource};
use shared::domain::campaign::Campaign;
use shared::domain::delivery::Event;
use shared::domain::ids::AccountId;
use shared::domain::ledger::Record;
use shared::domain::phone::PhoneNumber;
use shared::domain::reply::{Reply, is_stop};
use shared::files::FileKey;
use shared::queue;
use shared::webhooks::{self, Announcer, replied_event, stopped_event};
use tracing::{info, warn};

use crate::groups::update;
use crate::{App, Error};

/// A reply answers a message of the last so many days.
const ANSWERED_DAYS: i64 = 90;
/// Campaigns of an account that are looked through, those that went out last first.
const CAMPAIGNS_MAX: usize = 200;

/// Records a reply. A short code can be shared: a STOP excludes its number wherever it was written to, and everywhere
/// when we know of no message to it, as one exclusion too many is better than one message too many. What it says is
/// kept where it belongs only: with the account that wrote last, or with the only one that the code leads to.
pub async fn record(app: &App, reply: &queue::Reply) -> Result<(), Error> {
    let Ok(phone) = reply.from.parse::<PhoneNumber>() else {
        warn!("a reply from something that is not a number is passed over");
        return Ok(());
    };
    let routes = app.store.reply_routes(&reply.to).await?;
    let stop = is_stop(&reply.text);
    let mut answered = Vec::new();
    for route in &routes {
        if let Some(found) = answered_message(app, &route.account, phone).await? {
            answered.push((route.account.clone(), found));
        }
    }
    // Who wrote last comes last.
    answered.sort_by_key(|(_, found)| found.campaign.started_at);
    if stop {
        let concerned: Vec<_> = match answered.is_empty() {
            true => routes.iter().map(|route| (route.account.clone(), None)).collect(),
            false => answered.iter().map(|(account, found)| (account.clone(), Some(&found.campaign))).collect(),
        };
        for (account, campaign) in concerned {
            // An erased number is excluded already, and nothing of it is told any more.
            if app.store.account(&account).erased_mark(phone).await?.is_none() {
                exclude(app, &account, phone, campaign).await?;
                tell(app, &told(&account, phone, reply, campaign), &[stopped_event]).await?;
            }
        }
    }
    let own = match (answered.last(), routes.as_slice()) {
        (Some((account, found)), _) => Some((account, Some(&found.campaign))),
        (None, [only]) => Some((&only.account, None)),
        (None, _) => None,
    };
    match own {
        Some((account, campaign)) => keep(app, account, phone, reply, campaign).await?,
        None => info!("a reply that may be any of several accounts' is not kept"),
    }
    // Others than the last one that wrote learn of a STOP only.
    let counted = if stop { answered.as_slice() } else { &answered[answered.len().saturating_sub(1)..] };
    for (account, found) in counted {
        let replied = Record { replied: true, stopped: stop, ..Record::default() };
        let merge = |batch: &mut shared::store::Batch| {
            if let Some(record) = batch.ledger.records_mut().get_mut(found.place) {
                *record = record.merge(replied);
            }
        };
        update(app, account, &found.campaign.id, found.batch, merge).await?;
    }
    Ok(())
}

/// Keeps a reply, and tells the account's webhooks of it; nothing of a number that was erased.
async fn keep(
    app: &App,
    account: &AccountId,
    phone: PhoneNumber,
    reply: &queue::Reply,
    campaign: Option<&Campaign>,
) -> Result<(), Error> {
    let store = app.store.account(account);
    if store.erased_mark(phone).await?.is_some() {
        return Ok(());
    }
    let id = campaign.map(|campaign| campaign.id.clone());
    store.put_reply(&Reply::new(phone, &reply.to, &reply.text, id, reply.at)).await?;
    tell(app, &told(account, phone, reply, campaign), &[replied_event]).await
}

fn told<'a>(
    account: &'a AccountId,
    from: PhoneNumber,
    reply: &'a queue::Reply,
    campaign: Option<&'a Campaign>,
) -> webhooks::Reply<'a> {
    let is_stop = is_stop(&reply.text);
    webhooks::Reply { account, from, to: &reply.to, text: &reply.text, at: reply.at, is_stop, campaign }
}

/// Tells the account's webhooks. A reply that comes again tells the same.
async fn tell(
    app: &App,
    reply: &webhooks::Reply<'_>,
    events: &[fn(&webhooks::Reply<'_>) -> Event],
) -> Result<(), Error> {
    let store = app.store.account(reply.account);
    let announcer = Announcer { store: &store, queues: &app.queues, now: app.clock.now() };
    let events: Vec<_> = events.iter().map(|event| event(reply)).collect();
    Ok(announcer.announce(&events).await?)
}

async fn exclude(app: &App, account: &AccountId, phone: PhoneNumber, campaign: Option<&Campaign>) -> Result<(), Error> {
    let decision = Exclusion {
        phone,
        excluded: true,
        source: ExclusionSource::Stop,
        reason: None,
        by: campaign.map_or("STOP".into(), |campaign| campaign.id.to_string()),
        // When we heard of it, not when the phone sent it: batches ask what was decided since their campaign started.
        at: app.clock.now(),
    };
    app.store.account(account).exclude(&decision).await?;
    info!(account.id = %account, "a STOP excluded a number");
    Ok(())
}

/// A message of ours, by where its record lies.
struct Answered {
    campaign: Campaign,
    batch: u32,
    place: usize,
}

/// The newest message of an account to a number.
async fn answered_message(app: &App, account: &AccountId, phone: PhoneNumber) -> Result<Option<Answered>, Error> {
    let store = app.store.account(account);
    let now = app.clock.now();
    let since = now - SignedDuration::from_hours(24 * ANSWERED_DAYS);
    // Cards of what went out, so that drafts and what is planned cost nothing and hide nothing.
    let sent = store.sent_between(since, now + SignedDuration::from_secs(1)).await?;
    for card in sent.into_iter().take(CAMPAIGNS_MAX) {
        let Some(campaign) = store.campaign(&card.id).await?.filter(|campaign| campaign.audience.is_some()) else {
            continue;
        };
        let tallies = store.tallies(&campaign.id).await?;
        let holds = |batch: &&shared::store::BatchTally| (batch.phones.0..=batch.phones.1).contains(&phone);
        let Some(number) = tallies.iter().find(holds).map(|batch| batch.number) else { continue };
        let Some(batch) = store.batch(&campaign.id, number).await? else { continue };
        let file = FileKey::Audience { account: account.clone(), campaign: campaign.id.clone() };
        let octets = match app.files.get_range(&file, batch.octets.0, batch.octets.1).await {
            Err(shared::files::Error::NotFound { .. }) => continue,
            read => read?,
        };
        let mut place = None;
        for (at, row) in Rows::new(&octets, batch.octets.0).enumerate() {
            let broken = |error: shared::contacts::ListFileError| Error::Audience {
                campaign: campaign.id.clone(),
                cause: error.to_string(),
            };
            if row.map_err(broken)?.phone == phone {
                place = Some(at);
            }
        }
        // Only a message that went out can have been answered.
        let sent =
            |at: &usize| batch.ledger.records().get(*at).is_some_and(|record| !record.state.outcome().is_to_send());
        if let Some(place) = place.filter(sent) {
            return Ok(Some(Answered { campaign, batch: number, place }));
        }
    }
    Ok(None)
}
