//! Carriers that misbehave, configured like a deployment's carrier, without deduplication by default.

mod crash;
mod outage;
mod throttling;
mod unruly;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use stories::{Harness, NewAccount, contacts};

use crate::{e164, numbers};

/// Messages that may be in doubt when a carrier fails: those of five sessions with 500 each.
const WINDOWS: usize = 5 * 500;
const BALANCE: u64 = 50_000;

/// A harness with `recipients` in a validated campaign of an account with just enough credits.
async fn validated(mut harness: Harness, recipients: u32, schedule: Value) -> (Harness, String) {
    harness.becomes(NewAccount { credits: Some(BALANCE), ..Default::default() }).await;
    let list = harness.list("Clients", contacts(numbers(0..recipients))).await;
    let message = json!({"text": "Bonjour {{prenom}}", "stop": true});
    let settings = json!({"name": "Soldes", "lists": [list], "message": message, "schedule": schedule});
    let campaign = harness.campaign(settings).await;
    harness.validate(&campaign).await;
    (harness, campaign)
}

/// How often each number got the campaign's message. Fails if one got it twice, or is not a recipient.
#[track_caller]
fn at_most_once(harness: &Harness, campaign: &str, recipients: u32) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, u32> = numbers(0..recipients).map(|number| (e164(&number), 0)).collect();
    for taken in harness.peer().taken(campaign) {
        *counts.get_mut(&taken.message.to).expect("sent to another number") += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{} got more than one message, such as {:?}", twice.len(), twice[0]);
    counts
}

/// Fails unless statistics and credits of a finished campaign match the carrier: each SMS is charged, beyond them only
/// messages in doubt, and nothing is pending. Returns the statistics.
async fn adds_up(harness: &Harness, campaign: &str, recipients: u32) -> Value {
    let taken = harness.peer().taken(campaign).len() as u64;
    let stats = harness.stats(campaign).await;
    let count = |name: &str| stats[name].as_u64().unwrap();
    assert_eq!((count("recipients"), count("pending")), (u64::from(recipients), 0), "{stats}");
    assert!(count("handed_over") <= taken && taken <= count("handed_over") + count("unknown"), "{taken}: {stats}");
    let ended = harness.get(&format!("/v1/campaigns/{campaign}")).await.expect(200);
    let (used, given_back) = (ended.number("credits.used"), ended.number("credits.given_back"));
    assert!((taken..=taken + count("unknown")).contains(&used), "{taken} taken, {stats}, {}", ended.body);
    assert_eq!(used + given_back, u64::from(recipients), "{}", ended.body);
    let account = harness.get("/v1/account").await.expect(200);
    assert_eq!((account.number("credits.balance"), account.number("credits.reserved")), (BALANCE - used, 0));
    stats
}

/// Lets time pass in steps of a second until the campaign has this status. Fails after `longest`.
async fn until(harness: &Harness, campaign: &str, status: &str, longest: Duration) {
    let end = harness.now() + longest;
    harness.settle().await;
    while harness.status(campaign).await != status {
        assert!(harness.now() < end, "it is {} after {longest:?}, not {status}", harness.status(campaign).await);
        harness.pass_by(Duration::from_secs(1), Duration::from_secs(2)).await;
    }
}
