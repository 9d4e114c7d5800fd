//! Replies: a STOP excludes its number, and both are noted with the message that they answer.

use jiff::SignedDuration;
use shared::contacts::Rows;
use shared::domain::account::{Exclusion, ExclusionSource};
use shared::domain::campaign::Campaign;
use shared::domain::delivery::Event;
use shared::domain::ids::AccountId;
use shared::domain::ledger::Record;
use shared::domain::phone::PhoneNumber;
use shared::domain::reply::is_stop;
use shared::files::FileKey;
use shared::queue::Reply;
use shared::webhooks::{self, Announcer, replied_event, stopped_event};
use tracing::{info, warn};

use crate::groups::update;
use crate::{App, Error};

/// A reply answers a message of the last so many days.
const ANSWERED_DAYS: i64 = 90;
/// Campaigns of an account that are looked through, newest first.
const CAMPAIGNS_MAX: usize = 200;

/// Records a reply with every account that it may concern: a short code can be shared. A STOP that answers no message
/// that we know of counts for all of them: better one exclusion too many.
pub async fn record(app: &App, reply: &Reply) -> Result<(), Error> {
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
    if stop {
        let concerned: Vec<_> = match answered.is_empty() {
            true => routes.into_iter().map(|route| (route.account, None)).collect(),
            false => answered.iter().map(|(account, found)| (account.clone(), Some(&found.campaign))).collect(),
        };
        for (account, campaign) in concerned {
            exclude(app, &account, phone, campaign).await?;
            tell(app, &told(&account, phone, reply, campaign), &[stopped_event]).await?;
        }
    }
    for (account, found) in &answered {
        let replied = Record { replied: true, stopped: stop, ..Record::default() };
        let merge = |batch: &mut shared::store::Batch| {
            if let Some(record) = batch.ledger.records_mut().get_mut(found.place) {
                *record = record.merge(replied);
            }
        };
        update(app, account, &found.campaign.id, found.batch, merge).await?;
        tell(app, &told(account, phone, reply, Some(&found.campaign)), &[replied_event]).await?;
    }
    Ok(())
}

fn told<'a>(
    account: &'a AccountId,
    from: PhoneNumber,
    reply: &'a Reply,
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
    app.store.account(account).decide(&decision).await?;
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
    let since = app.clock.now() - SignedDuration::from_hours(24 * ANSWERED_DAYS);
    let mut campaigns = store.campaigns(None, CAMPAIGNS_MAX).await?.items;
    campaigns.retain(|campaign| campaign.audience.is_some() && campaign.started_at.is_some_and(|at| at >= since));
    campaigns.sort_by_key(|campaign| std::cmp::Reverse(campaign.started_at));
    for campaign in campaigns {
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
