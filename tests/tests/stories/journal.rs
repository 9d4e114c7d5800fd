//! Receipts, clicks and replies wait in a journal until they are folded: shown at once, counted once, never lost.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::journal::{Events, FOLD_SOONEST, Mark, Receipt};
use domain::ledger::Minute;
use domain::outcome::{Outcome, Reason, State};
use serde_json::{Value, json};
use stories::{World, contacts};

use crate::{e164, numbers};

const DELIVERED: u8 = 134;
const FAILED: u8 = 133;
/// What a young campaign's fold carried on and did not grow is folded within this.
const FOLDED_WITHIN: Duration = Duration::from_secs(7 * 60);

/// A campaign that was handed over to phones of which the carrier tells nothing by itself.
async fn silent(world: &World, count: u32) -> String {
    let list = world.list("Muets", contacts((0..count).map(|n| format!("06{n:06}05")))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = world.campaign(json!({ "name": "Muets", "lists": [list], "message": message })).await;
    world.validate(&campaign).await;
    world.until(&campaign, "consolidating").await;
    campaign
}

/// The function that records, as the queue calls it.
fn track(world: &World) -> track::App {
    let environment = world.template().functions["track"].environment.clone();
    let config = track::Config::read(&|name: &str| environment.get(name).cloned()).unwrap();
    track::App::new(&world.machine.cloud().sdk_config(), config, world.machine.clock().clone())
}

fn event(bodies: &[Value]) -> SqsEvent {
    let record = |(place, body): (usize, &Value)| json!({ "messageId": place.to_string(), "body": body.to_string() });
    serde_json::from_value(json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })).unwrap()
}

/// Receipts: recipient and state.
fn receipts(world: &World, campaign: &str, items: &[(u32, u8)]) -> SqsEvent {
    let second = world.now().as_second();
    let items: Vec<_> = items.iter().map(|(index, state)| json!([index, state, 0, second])).collect();
    event(&[json!({ "receipts": { "account": world.account, "campaign": campaign, "items": items } })])
}

async fn recorded(app: &track::App, event: SqsEvent) {
    let answer = track::handle(app, event).await;
    assert!(answer.batch_item_failures.is_empty(), "{answer:?}");
}

async fn outcomes(world: &World, campaign: &str) -> [u64; 3] {
    let stats = world.stats(campaign).await;
    ["delivered", "failed", "awaiting"].map(|name| stats[name].as_u64().unwrap())
}

#[tokio::test]
async fn receipts_that_come_one_by_one_append_a_block_each_and_write_no_batch() {
    let world = World::new().await;
    let campaign = silent(&world, 20).await;
    let app = track(&world);
    let before = world.machine.cloud().requests();
    for index in 0..20 {
        recorded(&app, receipts(&world, &campaign, &[(index, DELIVERED)])).await;
    }
    let made = world.machine.cloud().requests().since(&before);
    assert_eq!((made.of("PutItem"), made.of("UpdateItem")), (20, 1), "blocks, and one wish for a fold: {made}");
    assert_eq!(outcomes(&world, &campaign).await, [20, 0, 0], "they are shown at once");
    world.until(&campaign, "finished").await;
    assert_eq!(outcomes(&world, &campaign).await, [20, 0, 0]);
    world.end().await;
}

#[tokio::test]
async fn events_that_come_twice_late_or_in_another_order_count_once() {
    let world = World::new().await;
    let campaign = silent(&world, 4).await;
    let app = track(&world);
    let [first, second] = [&[(0, DELIVERED), (1, FAILED)][..], &[(1, DELIVERED), (2, 129)][..]]
        .map(|items| receipts(&world, &campaign, items));
    for event in [&second, &first, &second, &first] {
        recorded(&app, event.clone()).await;
    }
    let shown = async || {
        let page = world.get(&format!("/v1/campaigns/{campaign}/recipients")).await.expect(200);
        let outcome = |item: &Value| item["outcome"].as_str().unwrap().to_owned();
        page.body["items"].as_array().unwrap().iter().map(outcome).collect::<Vec<_>>()
    };
    let expected = ["delivered", "delivered", "unknown", "handed_over"];
    assert_eq!(shown().await, expected, "a page shows what waits");
    assert_eq!(outcomes(&world, &campaign).await, [2, 0, 1]);
    world.pass(FOLDED_WITHIN).await;
    assert_eq!(shown().await, expected, "and the same once it is folded");
    for event in [&first, &second] {
        recorded(&app, event.clone()).await;
    }
    assert_eq!(outcomes(&world, &campaign).await, [2, 0, 1], "again, after it was folded");
    world.pass(FOLDED_WITHIN).await;
    assert_eq!(outcomes(&world, &campaign).await, [2, 0, 1]);
    world.end().await;
}

#[tokio::test]
async fn a_fold_that_was_cut_off_is_done_again_and_two_at_once_do_no_harm() {
    let world = World::new().await;
    let campaign = silent(&world, 3).await;
    let (store, id) = (world.store.account(&world.account), campaign.parse().unwrap());
    let state = State::from(Outcome::Delivered);
    let receipts = vec![Receipt { index: 0, state, reason: Reason::None, at: Minute::of(world.now()) }];
    let events = Events { receipts, marks: vec![Mark { index: 1, stopped: true }], ..Events::default() };
    let environment = world.template().functions["dispatch"].environment.clone();
    let config = dispatch::Config::read(&|name: &str| environment.get(name).cloned()).unwrap();
    let app = dispatch::App::new(&world.machine.cloud().sdk_config(), config, world.machine.clock().clone());
    let wakeup = json!({ "account": world.account, "campaign": campaign }).to_string();
    let wakeup: SqsEvent =
        serde_json::from_value(json!({ "Records": [{ "messageId": "a", "body": wakeup }] })).unwrap();
    for nonce in 0..3 {
        // What a fold recorded and could not note as read is read again by the next.
        store.append_block(&id, world.now(), nonce, &events).await.unwrap();
        store.schedule_fold(&id, world.now()).await.unwrap();
        let both = tokio::join!(
            dispatch::handle(&app, dispatch::Event::Wakeups(wakeup.clone())),
            dispatch::handle(&app, dispatch::Event::Wakeups(wakeup.clone())),
        );
        assert!(both.0.batch_item_failures.is_empty() && both.1.batch_item_failures.is_empty(), "{both:?}");
        let stats = world.stats(&campaign).await;
        assert_eq!([&stats["delivered"], &stats["awaiting"], &stats["stops"], &stats["replies"]], [1, 2, 1, 1]);
        world.pass(FOLDED_WITHIN).await;
        let tallies = store.tallies(&id).await.unwrap();
        let sums: Vec<_> = tallies.iter().map(|batch| (batch.tally.delivered, batch.tally.stops)).collect();
        assert_eq!(sums, [(1, 1)], "folded into the ledger");
    }
    world.end().await;
}

#[tokio::test]
async fn a_receipt_after_the_end_changes_nothing_and_a_reply_goes_on_counting() {
    let world = World::new().await;
    let campaign = silent(&world, 2).await;
    let app = track(&world);
    recorded(&app, receipts(&world, &campaign, &[(0, DELIVERED)])).await;
    world.skip(Duration::from_secs(72 * 3_600 + 60)).await;
    world.until(&campaign, "finished").await;
    let stats = world.stats(&campaign).await;
    assert_eq!([&stats["delivered"], &stats["unknown"]], [1, 1]);
    let report = world.download(&format!("/v1/campaigns/{campaign}/report")).await;

    recorded(&app, receipts(&world, &campaign, &[(1, DELIVERED)])).await;
    let phone = world.messages(&campaign).await[1].to.clone();
    world.reply(&phone, "36105", "STOP").await;
    for _ in 0..2 {
        let later = world.stats(&campaign).await;
        assert_eq!(
            (&later["delivered"], &later["unknown"]),
            (&stats["delivered"], &stats["unknown"]),
            "final is final"
        );
        assert_eq!([&later["stops"], &later["replies"]], [1, 1]);
        let unknown = world.get(&format!("/v1/campaigns/{campaign}/recipients?outcome=unknown")).await.expect(200);
        assert_eq!(unknown.body["items"].as_array().unwrap().len(), 1);
        world.skip(Duration::from_secs(2 * 3_600)).await;
    }
    assert_eq!(world.download(&format!("/v1/campaigns/{campaign}/report")).await, report);
    world.end().await;
}

/// A finished campaign, and a STOP of each of its recipients.
async fn storm(world: &World, stops: u32) -> (String, Vec<Value>) {
    let list = world.list("Clients", contacts(numbers(0..stops))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = world.campaign(json!({ "name": "Tempête", "lists": [list], "message": message })).await;
    world.validate(&campaign).await;
    world.until(&campaign, "finished").await;
    let reply = |from: String| json!({ "from": from, "to": "36105", "text": "STOP", "at": world.now() });
    (campaign, numbers(0..stops).map(|number| reply(e164(&number))).collect())
}

#[tokio::test]
async fn a_storm_of_stops_takes_three_calls_each_and_a_bad_one_keeps_nobody_up() {
    const STOPS: u32 = 1_000;
    let world = World::new().await;
    let (campaign, mut replies) = storm(&world, STOPS).await;
    replies.push(json!({ "from": "abc", "to": "36105", "text": "STOP", "at": world.now() }));
    let messages: Vec<_> = replies.chunks(100).map(|some| json!({ "replies": some })).collect();
    let (app, before) = (track(&world), world.machine.cloud().requests());
    recorded(&app, event(&messages)).await;
    let made = world.machine.cloud().requests().since(&before);
    // The mark of an erased number, the exclusion, the reply; and some that are read once for all of them.
    assert!(made.total() <= u64::from(STOPS) * 3 + 30, "{made}");
    let stats = world.stats(&campaign).await;
    assert_eq!([&stats["stops"], &stats["replies"]], [STOPS, STOPS]);
    let store = world.store.account(&world.account);
    assert_eq!(store.all_decisions().await.unwrap().len(), STOPS as usize);
    world.end().await;
}

#[tokio::test]
async fn what_a_storm_leaves_when_its_function_must_end_goes_on_at_once() {
    const STOPS: u32 = 400;
    let world = World::new().await;
    let (campaign, replies) = storm(&world, STOPS).await;
    let messages: Vec<_> = replies.chunks(150).map(|some| json!({ "replies": some })).collect();
    let store = world.store.account(&world.account);
    let excluded = async || store.all_decisions().await.unwrap().len();

    // A minute passes while the first of them are recorded.
    let (app, cloud, clock) = (track(&world), world.machine.cloud(), world.machine.clock());
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
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(excluded().await, STOPS as usize, "the others within seconds");
    let stats = world.stats(&campaign).await;
    assert_eq!([&stats["stops"], &stats["replies"]], [STOPS, STOPS]);
    world.end().await;
}

#[tokio::test]
async fn a_storm_is_folded_soon_however_old_its_campaign() {
    const RECIPIENTS: u32 = 2_500;
    let world = World::new().await;
    let campaign = silent(&world, RECIPIENTS).await;
    world.skip(Duration::from_secs(8 * 3_600)).await;
    recorded(&track(&world), receipts(&world, &campaign, &[(0, DELIVERED)])).await;
    world.pass(Duration::from_secs(120)).await;
    let store = world.store.account(&world.account);
    let next_fold = async || store.next_fold(&campaign.parse().unwrap()).await.unwrap().due_at.unwrap();
    recorded(&track(&world), receipts(&world, &campaign, &[(1, DELIVERED)])).await;
    assert!(next_fold().await > world.now() + FOLD_SOONEST * 4, "one receipt can wait");
    let all: Vec<_> = (2..RECIPIENTS).map(|index| (index, DELIVERED)).collect();
    recorded(&track(&world), receipts(&world, &campaign, &all)).await;
    assert!(next_fold().await <= world.now() + FOLD_SOONEST, "thousands do not");
    world.end().await;
}

#[tokio::test]
async fn a_page_of_recipients_reads_the_batches_that_it_shows() {
    let world = World::new().await;
    let failing = [100, 4_000, 8_000].map(|n: u32| format!("06{n:06}01"));
    let list = world.list("Clients", contacts(numbers(0..8_500).chain(failing.clone()))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = world.campaign(json!({ "name": "Grande", "lists": [list], "message": message })).await;
    world.validate(&campaign).await;
    world.until(&campaign, "finished").await;
    let page = async |query: &str| {
        let before = world.machine.cloud().requests();
        let page = world.get(&format!("/v1/campaigns/{campaign}/recipients?{query}")).await.expect(200);
        let made = world.machine.cloud().requests().since(&before);
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
    let stats = world.stats(&campaign).await;
    assert_eq!([&stats["delivered"], &stats["failed"], &stats["recipients"]], [8_500, 3, 8_503]);
    let before = world.machine.cloud().requests();
    world.stats(&campaign).await;
    let made = world.machine.cloud().requests().since(&before);
    assert!(made.total() <= 6, "statistics read a few items whatever the size: {made}");
    world.end().await;
}
