//! Receipts, clicks and replies wait in a journal until they are folded: shown at once, counted once, never lost.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::journal::{Events, FOLD_SOONEST, Mark, Receipt};
use domain::ledger::Minute;
use domain::outcome::{Outcome, Reason, State};
use serde_json::{Value, json};
use stories::{Harness, contacts};

use crate::{e164, numbers};

const DELIVERED: u8 = 134;
const FAILED: u8 = 133;
/// Time within which carried events of a young campaign are folded.
const FOLDED_WITHIN: Duration = Duration::from_secs(7 * 60);

/// A sent campaign for which the carrier sends no receipts by itself.
async fn silent(harness: &Harness, count: u32) -> String {
    let list = harness.list("Muets", contacts((0..count).map(|n| format!("06{n:06}05")))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Muets", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "consolidating").await;
    campaign
}

/// The function that records events, as the queue calls it.
fn track(harness: &Harness) -> track::App {
    track::App::new(&harness.start_of("track", &[])).unwrap()
}

fn event(bodies: &[Value]) -> SqsEvent {
    let record =
        |(position, body): (usize, &Value)| json!({ "messageId": position.to_string(), "body": body.to_string() });
    serde_json::from_value(json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })).unwrap()
}

/// Receipts: recipient and state.
fn receipts(harness: &Harness, campaign: &str, items: &[(u32, u8)]) -> SqsEvent {
    let second = harness.now().as_second();
    let items: Vec<_> = items.iter().map(|(index, state)| json!([index, state, 0, second])).collect();
    event(&[json!({ "receipts": { "account": harness.account, "campaign": campaign, "items": items } })])
}

async fn recorded(app: &track::App, event: SqsEvent) {
    let answer = track::handle(app, event).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
}

async fn outcomes(harness: &Harness, campaign: &str) -> [u64; 3] {
    let stats = harness.stats(campaign).await;
    ["delivered", "failed", "awaiting"].map(|name| stats[name].as_u64().unwrap())
}

#[tokio::test]
async fn single_receipts_append_a_block_each_and_write_no_batch() {
    let harness = Harness::new().await;
    let campaign = silent(&harness, 20).await;
    let app = track(&harness);
    let before = harness.machine.cloud().requests();
    for index in 0..20 {
        recorded(&app, receipts(&harness, &campaign, &[(index, DELIVERED)])).await;
    }
    let made = harness.machine.cloud().requests().since(&before);
    assert_eq!((made.of("PutItem"), made.of("UpdateItem")), (20, 1), "blocks, and one wish for a fold: {made}");
    assert_eq!(outcomes(&harness, &campaign).await, [20, 0, 0], "they are shown at once");
    harness.until(&campaign, "finished").await;
    assert_eq!(outcomes(&harness, &campaign).await, [20, 0, 0]);
    harness.end().await;
}

#[tokio::test]
async fn repeated_late_or_reordered_events_count_once() {
    let harness = Harness::new().await;
    let campaign = silent(&harness, 4).await;
    let app = track(&harness);
    let [first, second] = [&[(0, DELIVERED), (1, FAILED)][..], &[(1, DELIVERED), (2, 129)][..]]
        .map(|items| receipts(&harness, &campaign, items));
    for event in [&second, &first, &second, &first] {
        recorded(&app, event.clone()).await;
    }
    let shown = async || {
        let page = harness.get(&format!("/v1/campaigns/{campaign}/recipients")).await.expect(200);
        let outcome = |item: &Value| item["outcome"].as_str().unwrap().to_owned();
        page.body["items"].as_array().unwrap().iter().map(outcome).collect::<Vec<_>>()
    };
    let expected = ["delivered", "delivered", "unknown", "handed_over"];
    assert_eq!(shown().await, expected, "a page shows what waits");
    assert_eq!(outcomes(&harness, &campaign).await, [2, 0, 1]);
    harness.pass(FOLDED_WITHIN).await;
    assert_eq!(shown().await, expected, "and the same once it is folded");
    for event in [&first, &second] {
        recorded(&app, event.clone()).await;
    }
    assert_eq!(outcomes(&harness, &campaign).await, [2, 0, 1], "again, after it was folded");
    harness.pass(FOLDED_WITHIN).await;
    assert_eq!(outcomes(&harness, &campaign).await, [2, 0, 1]);
    harness.end().await;
}

#[tokio::test]
async fn an_interrupted_fold_is_repeated_and_two_at_once_do_no_harm() {
    let harness = Harness::new().await;
    let campaign = silent(&harness, 3).await;
    let (store, id) = (harness.store.account(&harness.account), campaign.parse().unwrap());
    let state = State::from(Outcome::Delivered);
    let receipts = vec![Receipt { index: 0, state, reason: Reason::None, at: Minute::from_timestamp(harness.now()) }];
    let events = Events { receipts, marks: vec![Mark { index: 1, stopped: true }], ..Events::default() };
    let app = dispatch::App::new(&harness.start_of("dispatch", &[])).unwrap();
    let wakeup = json!({ "account": harness.account, "campaign": campaign }).to_string();
    let wakeup: SqsEvent =
        serde_json::from_value(json!({ "Records": [{ "messageId": "a", "body": wakeup }] })).unwrap();
    for nonce in 0..3 {
        // Events that a fold recorded without noting them as read are read again by the next.
        store.append_block(&id, harness.now(), nonce, &events).await.unwrap();
        store.schedule_fold(&id, harness.now()).await.unwrap();
        let both = tokio::join!(
            dispatch::handle(&app, dispatch::Event::Wakeups(wakeup.clone())),
            dispatch::handle(&app, dispatch::Event::Wakeups(wakeup.clone())),
        );
        assert!(both.0.batch_item_failures.is_empty() && both.1.batch_item_failures.is_empty(), "{both:?}");
        let stats = harness.stats(&campaign).await;
        assert_eq!([&stats["delivered"], &stats["awaiting"], &stats["stops"], &stats["replies"]], [1, 2, 1, 1]);
        harness.pass(FOLDED_WITHIN).await;
        let tallies = store.tallies(&id).await.unwrap();
        let sums: Vec<_> = tallies.iter().map(|batch| (batch.tally.delivered, batch.tally.stops)).collect();
        assert_eq!(sums, [(1, 1)], "folded into the ledger");
    }
    harness.end().await;
}

#[tokio::test]
async fn a_receipt_after_the_end_changes_nothing_and_a_reply_still_counts() {
    let harness = Harness::new().await;
    let campaign = silent(&harness, 2).await;
    let app = track(&harness);
    recorded(&app, receipts(&harness, &campaign, &[(0, DELIVERED)])).await;
    harness.skip(Duration::from_secs(72 * 3_600 + 60)).await;
    harness.until(&campaign, "finished").await;
    let stats = harness.stats(&campaign).await;
    assert_eq!([&stats["delivered"], &stats["unknown"]], [1, 1]);
    let report = harness.download(&format!("/v1/campaigns/{campaign}/report")).await;

    recorded(&app, receipts(&harness, &campaign, &[(1, DELIVERED)])).await;
    let phone = harness.messages(&campaign).await[1].to.clone();
    harness.reply(&phone, "36105", "STOP").await;
    for _ in 0..2 {
        let later = harness.stats(&campaign).await;
        assert_eq!(
            (&later["delivered"], &later["unknown"]),
            (&stats["delivered"], &stats["unknown"]),
            "final is final"
        );
        assert_eq!([&later["stops"], &later["replies"]], [1, 1]);
        let unknown = harness.get(&format!("/v1/campaigns/{campaign}/recipients?outcome=unknown")).await.expect(200);
        assert_eq!(unknown.body["items"].as_array().unwrap().len(), 1);
        harness.skip(Duration::from_secs(2 * 3_600)).await;
    }
    assert_eq!(harness.download(&format!("/v1/campaigns/{campaign}/report")).await, report);
    harness.end().await;
}

/// A finished campaign, and a STOP from each of its recipients.
async fn burst_of_stops(harness: &Harness, stops: u32) -> (String, Vec<Value>) {
    let list = harness.list("Clients", contacts(numbers(0..stops))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Tempête", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    let reply = |from: String| json!({ "from": from, "to": "36105", "text": "STOP", "at": harness.now() });
    (campaign, numbers(0..stops).map(|number| reply(e164(&number))).collect())
}

#[tokio::test]
async fn a_burst_of_stops_takes_three_calls_each_and_a_bad_one_blocks_none() {
    const STOPS: u32 = 1_000;
    let harness = Harness::new().await;
    let (campaign, mut replies) = burst_of_stops(&harness, STOPS).await;
    replies.push(json!({ "from": "abc", "to": "36105", "text": "STOP", "at": harness.now() }));
    let messages: Vec<_> = replies.chunks(100).map(|some| json!({ "replies": some })).collect();
    let (app, before) = (track(&harness), harness.machine.cloud().requests());
    recorded(&app, event(&messages)).await;
    let made = harness.machine.cloud().requests().since(&before);
    // The erasure mark, the exclusion, the reply; and some reads shared by all of them.
    assert!(made.total() <= u64::from(STOPS) * 3 + 30, "{made}");
    let stats = harness.stats(&campaign).await;
    assert_eq!([&stats["stops"], &stats["replies"]], [STOPS, STOPS]);
    let store = harness.store.account(&harness.account);
    assert_eq!(store.all_decisions().await.unwrap().len(), STOPS as usize);
    harness.end().await;
}

#[tokio::test]
async fn stops_left_when_the_function_must_end_are_continued_at_once() {
    const STOPS: u32 = 400;
    let harness = Harness::new().await;
    let (campaign, replies) = burst_of_stops(&harness, STOPS).await;
    let messages: Vec<_> = replies.chunks(150).map(|some| json!({ "replies": some })).collect();
    let store = harness.store.account(&harness.account);
    let excluded = async || store.all_decisions().await.unwrap().len();

    // A minute passes while the first of them are recorded.
    let (app, cloud, clock) = (track(&harness), harness.machine.cloud(), harness.machine.clock());
    cloud.delay(Duration::from_millis(30));
    let all = event(&messages);
    let slow = async {
        while cloud.requests().of("TransactWriteItems") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        clock.advance(Duration::from_secs(60));
    };
    let before = excluded().await;
    let (answer, ()) = tokio::join!(track::handle(&app, all), slow);
    cloud.delay(Duration::ZERO);
    assert!(answer.batch_item_failures.is_empty(), "what is left is on the queue, and nothing comes back: {answer:?}");
    let begun = excluded().await - before;
    assert!(begun < STOPS as usize / 2, "{begun} were begun in time");
    harness.pass(Duration::from_secs(10)).await;
    assert_eq!(excluded().await, STOPS as usize, "the others within seconds");
    let stats = harness.stats(&campaign).await;
    assert_eq!([&stats["stops"], &stats["replies"]], [STOPS, STOPS]);
    harness.end().await;
}

#[tokio::test]
async fn a_burst_is_folded_soon_however_old_its_campaign() {
    const RECIPIENTS: u32 = 2_500;
    let harness = Harness::new().await;
    let campaign = silent(&harness, RECIPIENTS).await;
    harness.skip(Duration::from_secs(8 * 3_600)).await;
    recorded(&track(&harness), receipts(&harness, &campaign, &[(0, DELIVERED)])).await;
    harness.pass(Duration::from_secs(120)).await;
    let store = harness.store.account(&harness.account);
    let next_fold = async || store.next_fold(&campaign.parse().unwrap()).await.unwrap().due_at.unwrap();
    recorded(&track(&harness), receipts(&harness, &campaign, &[(1, DELIVERED)])).await;
    assert!(next_fold().await > harness.now() + FOLD_SOONEST * 4, "one receipt can wait");
    let all: Vec<_> = (2..RECIPIENTS).map(|index| (index, DELIVERED)).collect();
    recorded(&track(&harness), receipts(&harness, &campaign, &all)).await;
    assert!(next_fold().await <= harness.now() + FOLD_SOONEST, "thousands do not");
    harness.end().await;
}

#[tokio::test]
async fn a_page_of_recipients_reads_the_batches_that_it_shows() {
    let harness = Harness::new().await;
    let failing = [100, 4_000, 8_000].map(|n: u32| format!("06{n:06}01"));
    let list = harness.list("Clients", contacts(numbers(0..8_500).chain(failing.clone()))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Grande", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    let page = async |query: &str| {
        let before = harness.machine.cloud().requests();
        let page = harness.get(&format!("/v1/campaigns/{campaign}/recipients?{query}")).await.expect(200);
        let made = harness.machine.cloud().requests().since(&before);
        assert!(made.total() <= 14, "{query}: {made}");
        page
    };
    assert_eq!(page("limit=50").await.body["items"].as_array().unwrap().len(), 50);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = page(&format!("limit=2&outcome=failed{cursor}")).await;
        found.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["phone"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, failing.map(|number| e164(&number)));
    let stats = harness.stats(&campaign).await;
    assert_eq!([&stats["delivered"], &stats["failed"], &stats["recipients"]], [8_500, 3, 8_503]);
    let before = harness.machine.cloud().requests();
    harness.stats(&campaign).await;
    let made = harness.machine.cloud().requests().since(&before);
    assert!(made.total() <= 6, "statistics read a few items whatever the size: {made}");
    harness.end().await;
}
