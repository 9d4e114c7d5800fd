//! Stores replies with the campaign that they answer; a STOP excludes its number.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use app::webhooks::{self, Announcer, replied_event, stopped_event};
use aws::queue;
use domain::account::{Exclusion, ExclusionSource};
use domain::campaign::Campaign;
use domain::delivery::Event;
use domain::ids::AccountId;
use domain::journal::Mark;
use domain::phone::PhoneNumber;
use domain::reply::{Reply, is_stop};
use domain::reply_routing::Routing;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use support::telemetry::chain;
use tracing::{error, info, warn};

use crate::answered::{AnsweredMessage, ReplyLookups};
use crate::groups::{CampaignKey, Groups};
use crate::{App, Error};

/// Replies recorded at the same time: one callback may contain thousands of STOPs.
const AT_ONCE: usize = 64;
/// No reply is started later than this after the first: the function may run for 60 seconds. Replies not started are
/// queued again; otherwise they would return after the queue's time-out of minutes.
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_secs(40);

/// A recipient who replied.
struct Marked {
    campaign: CampaignKey,
    mark: Mark,
}

/// The result of one of the concurrent workers.
#[derive(Default)]
struct Recorded {
    marks: Vec<(usize, Marked)>,
    failed: HashSet<usize>,
    left: Vec<(usize, queue::Reply)>,
}

/// Records replies, each with the index of its queue message, and puts the marks of their recipients into `groups`.
/// Returns the messages with replies that were not recorded; each reply fails alone.
pub async fn record_all(app: &App, replies: &[(usize, queue::Reply)], groups: &mut Groups) -> HashSet<usize> {
    let (known, next) = (ReplyLookups::new(app), AtomicUsize::new(0));
    let end = app.clock.now() + BEGUN_WITHIN;
    let works = (0..AT_ONCE.min(replies.len())).map(|_| work(&known, replies, &next, end));
    let (mut failed, mut left) = (HashSet::new(), BTreeMap::<_, Vec<_>>::new());
    for recorded in join_all(works).await {
        failed.extend(recorded.failed);
        for (message, reply) in recorded.left {
            left.entry(message).or_default().push(reply);
        }
        for (message, Marked { campaign, mark }) in recorded.marks {
            groups.add_mark(message, campaign, mark);
        }
    }
    if !left.is_empty() {
        failed.extend(send_back(app, left).await);
    }
    failed
}

/// Puts replies on the queue again, by their message. Returns the messages that must be delivered again completely.
async fn send_back(app: &App, left: BTreeMap<usize, Vec<queue::Reply>>) -> Vec<usize> {
    let count: usize = left.values().map(Vec::len).sum();
    let (messages, replies): (Vec<_>, Vec<_>) = left.into_iter().unzip();
    let events: Vec<_> = replies.into_iter().map(queue::Events::Replies).collect();
    match app.queues.events(&events).await {
        Ok(()) => {
            warn!(replies = count, "replies were not started in time and were queued again");
            Vec::new()
        }
        Err(error) => {
            error!(
                error.chain = chain(&error),
                replies = count,
                "replies were not started in time and will be retried"
            );
            messages
        }
    }
}

/// Processes replies one after the other.
async fn work(
    known: &ReplyLookups<'_>,
    replies: &[(usize, queue::Reply)],
    next: &AtomicUsize,
    end: Timestamp,
) -> Recorded {
    let mut recorded = Recorded::default();
    while let Some((message, reply)) = replies.get(next.fetch_add(1, Ordering::Relaxed)) {
        if known.app.clock.now() >= end {
            recorded.left.push((*message, reply.clone()));
            continue;
        }
        match record(known, reply).await {
            Ok(marks) => recorded.marks.extend(marks.into_iter().map(|marked| (*message, marked))),
            Err(error) => {
                error!(error.chain = chain(&error), "a reply was not recorded and will be retried");
                recorded.failed.insert(*message);
            }
        }
    }
    recorded
}

/// Records a reply for the accounts that it concerns, by `Routing`.
async fn record(known: &ReplyLookups<'_>, reply: &queue::Reply) -> Result<Vec<Marked>, Error> {
    let Ok(phone) = reply.from.parse::<PhoneNumber>() else {
        warn!("a reply from an invalid number is skipped");
        return Ok(Vec::new());
    };
    let routes = known.routes(&reply.to).await?;
    let stop = is_stop(&reply.text);
    let mut answered = Vec::with_capacity(routes.len());
    for route in routes.iter() {
        match known.answered(&route.account, phone).await {
            Ok(found) => answered.push(found),
            Err(error) => {
                // Whatever was answered: with one account it is clear which one a STOP is for.
                if let ([only], true) = (routes.as_slice(), stop) {
                    exclude(known.app, &only.account, phone, None).await?;
                }
                return Err(error);
            }
        }
    }
    let started_at = |found: &AnsweredMessage| found.campaign().started_at.unwrap_or_default();
    let answered_at: Vec<_> = answered.iter().map(|found| found.as_ref().map(started_at)).collect();
    let Routing { excluding, keeping, counting } = Routing::new(&answered_at, stop);
    let reply_to = |index: usize| {
        let campaign = answered[index].as_ref().map(AnsweredMessage::campaign);
        reply_event(&routes[index].account, phone, reply, campaign)
    };
    let mut erased = Vec::new();
    for index in excluding {
        let of_account = reply_to(index);
        // An erased number is excluded already, and not reported any more.
        match exclude(known.app, of_account.account, phone, of_account.campaign).await? {
            true => announce(known, &of_account, &[stopped_event]).await?,
            false => erased.push(index),
        }
    }
    match keeping {
        Some(index) if erased.contains(&index) => {}
        Some(index) => keep(known, &reply_to(index)).await?,
        None => info!("a reply that may concern several accounts is not stored"),
    }
    let mark = |found: &AnsweredMessage| {
        let Campaign { account, id, .. } = found.campaign();
        let campaign = CampaignKey { account: account.clone(), campaign: id.clone() };
        Marked { campaign, mark: Mark { index: found.index, stopped: stop } }
    };
    Ok(counting.into_iter().filter_map(|index| answered[index].as_ref()).map(mark).collect())
}

/// Stores a reply and notifies the account's webhooks. Nothing for an erased number; its exclusion has already reported
/// a STOP.
async fn keep(known: &ReplyLookups<'_>, reply: &webhooks::Reply<'_>) -> Result<(), Error> {
    let store = known.app.store.account(reply.account);
    if !reply.is_stop && store.erased_mark(reply.from).await?.is_some() {
        return Ok(());
    }
    let campaign = reply.campaign.map(|campaign| campaign.id.clone());
    store.put_reply(&Reply::new(reply.from, reply.to, reply.text, campaign, reply.at)).await?;
    announce(known, reply, &[replied_event]).await
}

fn reply_event<'a>(
    account: &'a AccountId,
    from: PhoneNumber,
    reply: &'a queue::Reply,
    campaign: Option<&'a Campaign>,
) -> webhooks::Reply<'a> {
    let is_stop = is_stop(&reply.text);
    webhooks::Reply { account, from, to: &reply.to, text: &reply.text, at: reply.at, is_stop, campaign }
}

/// Notifies the account's webhooks. A repeated reply sends the same event.
async fn announce(
    known: &ReplyLookups<'_>,
    reply: &webhooks::Reply<'_>,
    events: &[fn(&webhooks::Reply<'_>) -> Event],
) -> Result<(), Error> {
    if !known.has_webhooks(reply.account).await? {
        return Ok(());
    }
    let store = known.app.store.account(reply.account);
    let announcer = Announcer { store: &store, queues: &known.app.queues, now: known.app.clock.now() };
    let events: Vec<_> = events.iter().map(|event| event(reply)).collect();
    Ok(announcer.announce(&events).await?)
}

/// Excludes a number; false if it was erased before.
async fn exclude(
    app: &App,
    account: &AccountId,
    phone: PhoneNumber,
    campaign: Option<&Campaign>,
) -> Result<bool, Error> {
    let decision = Exclusion {
        phone,
        excluded: true,
        source: ExclusionSource::Stop,
        reason: None,
        by: campaign.map_or("STOP".into(), |campaign| campaign.id.to_string()),
        // When we received it, not when the phone sent it: batches read exclusions decided since their campaign
        // started.
        at: app.clock.now(),
    };
    Ok(app.store.account(account).exclude_unless_erased(&decision).await?)
}
