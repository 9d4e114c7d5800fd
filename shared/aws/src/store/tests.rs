//! The cost of single receipts in write units: five pollers, windows of five seconds, realistic delays, with the real
//! blocks, the real folding rule and the real items.

use std::collections::BTreeMap;

use domain::journal::{Events, FOLD_SOONEST, Receipt, fold_interval, fold_interval_max, folded_now};
use domain::ledger::{Ledger, Minute, Record};
use domain::link_clicks::LinkClicks;
use domain::outcome::{Outcome, Reason, State};
use domain::recording::{Recording, Rules};
use domain::release::{BATCH_RECIPIENTS, Run};
use domain::tally::Tally;
use domain::territory::Territory;

use super::tally_item::TallyItem;

const MESSAGES: u32 = 1_000_000;
const START_SECOND: i64 = 1_800_000_000;
/// Pollers of Lambda on the queue of events, and their window.
const POLLERS: usize = 5;
const WINDOW_MS: i64 = 5_000;
/// Keys and small attributes of a batch, and of its copy in the index.
const BATCH_BYTES: usize = 330;
const INDEX_BYTES: usize = 230;
/// Writes of a batch by `send`: lease, marks, answers, end of the lease.
const WRITES_BY_SEND: u64 = 4;
/// The pace of a fold, in units a second, and its burst: as `dispatch` has them.
const PACE: f64 = 150.0;
const BURST: f64 = 100.0;

fn units(bytes: usize) -> u64 {
    bytes.div_ceil(1024) as u64
}

/// A small generator of pseudo-random numbers (splitmix64): the same figures every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn between(&mut self, from: u64, to: u64) -> i64 {
        i64::try_from(from + self.below(to - from)).unwrap()
    }

    /// Milliseconds from the hand-over to the receipt.
    fn delay_ms(&mut self) -> i64 {
        match self.below(100) {
            0..60 => self.between(1_000, 10_000),
            60..90 => self.between(10_000, 300_000),
            90..99 => self.between(300_000, 3_600_000),
            _ => self.between(3_600_000, 48 * 3_600_000),
        }
    }

    fn outcome(&mut self) -> (Outcome, Reason) {
        match self.below(100) {
            0..93 => (Outcome::Delivered, Reason::None),
            93..96 => (Outcome::Failed, Reason::Unreachable),
            96..98 => (Outcome::Failed, Reason::UnknownSubscriber),
            _ => (Outcome::Expired, Reason::ValidityEnded),
        }
    }
}

/// A fold later than the next tick waits for one.
fn on_time(interval_ms: i64) -> i64 {
    if interval_ms < 60_000 { interval_ms } else { (interval_ms + 59_999) / 60_000 * 60_000 }
}

fn minute(ms: i64) -> Minute {
    Minute::from_timestamp(jiff::Timestamp::from_second(START_SECOND + ms / 1_000).unwrap())
}

/// Units written: in total, and second by second to the busiest kinds of keys.
#[derive(Default)]
struct Written {
    blocks: u64,
    schedules: u64,
    folds: u64,
    batches: u64,
    by_send: u64,
    folds_run: u64,
    batch_key: BTreeMap<i64, u64>,
    index_key: BTreeMap<i64, u64>,
    journal_key: BTreeMap<i64, u64>,
}

impl Written {
    fn total(&self) -> u64 {
        self.blocks + self.schedules + self.folds + self.batches + self.by_send
    }

    fn peak(&self) -> u64 {
        let peak = |key: &BTreeMap<i64, u64>| key.values().copied().max().unwrap_or_default();
        peak(&self.batch_key).max(peak(&self.index_key)).max(peak(&self.journal_key))
    }
}

/// A batch of which every eighth is simulated: its ledger, and the last size of its item and of its copy in the index.
struct Simulation {
    rate: u32,
    runs: Vec<Run>,
    ledgers: BTreeMap<u32, Ledger>,
    sizes: (u64, u64),
    carried: Events,
    written: Written,
}

impl Simulation {
    fn new(rate: u32) -> Self {
        let run = Run {
            territory: Territory::Metropolitan,
            first: 0,
            recipients: MESSAGES,
            first_batch: 0,
            released: 0,
            done_batches: 0,
        };
        let (mut ledgers, mut written) = (BTreeMap::new(), Written::default());
        for number in 0..MESSAGES / BATCH_RECIPIENTS {
            let second = i64::from(number * BATCH_RECIPIENTS / rate);
            *written.batch_key.entry(second).or_default() += WRITES_BY_SEND;
            *written.index_key.entry(second).or_default() += WRITES_BY_SEND;
            written.by_send += 2 * WRITES_BY_SEND;
            if number % 8 == 0 {
                let record = Record { segments: 1, handed_over: Some(minute(second * 1_000)), ..Record::default() };
                let record = record.settle(Outcome::HandedOver, Reason::None, minute(second * 1_000));
                let mut ledger = Ledger::pending(500);
                ledger.records_mut().fill(record);
                ledgers.insert(number, ledger);
            }
        }
        Self { rate, runs: vec![run], ledgers, sizes: (2, 1), carried: Events::default(), written }
    }

    /// Receipts in the order of arrival: when, and what.
    fn receipts(&self) -> Vec<(i64, Receipt)> {
        let mut random = Random(u64::from(self.rate));
        let one = |index: u32| {
            let (outcome, reason) = random.outcome();
            let batch_ms = i64::from(index / BATCH_RECIPIENTS * BATCH_RECIPIENTS) * 1_000 / i64::from(self.rate);
            let ms = batch_ms + random.delay_ms();
            (ms, Receipt { index, state: State::from(outcome), reason, at: minute(ms) })
        };
        let mut receipts: Vec<_> = (0..MESSAGES).map(one).collect();
        receipts.sort_unstable_by_key(|(ms, _)| *ms);
        receipts
    }

    /// Blocks as the pollers make them: when, and with what.
    fn blocks(&self) -> Vec<(i64, Events)> {
        let mut random = Random(7);
        let mut open: [Option<(i64, Events)>; POLLERS] = Default::default();
        let mut blocks = Vec::new();
        for (ms, receipt) in self.receipts() {
            for window in &mut open {
                blocks.extend(
                    window
                        .take_if(|(begin, _)| *begin + WINDOW_MS <= ms)
                        .map(|(begin, events)| (begin + WINDOW_MS, events)),
                );
            }
            let poller = usize::try_from(random.below(POLLERS as u64)).unwrap();
            open[poller].get_or_insert_with(|| (ms, Events::default())).1.receipts.push(receipt);
        }
        blocks.extend(open.into_iter().flatten().map(|(begin, events)| (begin + WINDOW_MS, events)));
        blocks.sort_by_key(|(ms, _)| *ms);
        blocks
    }

    fn run(mut self) -> Written {
        let at = |ms: i64| jiff::Timestamp::from_millisecond(START_SECOND * 1_000 + ms).unwrap();
        let (mut due, mut new, mut appended, mut folded_ms) = (None, Events::default(), 0, 0);
        for (ms, mut events) in self.blocks() {
            if let Some(fold_ms) = due.filter(|due| *due <= ms) {
                self.fold(fold_ms, std::mem::take(&mut new), false);
                let within = jiff::SignedDuration::from_millis(fold_ms - folded_ms);
                let interval = fold_interval(appended, within, fold_interval_max(at(0), at(fold_ms)));
                (due, appended, folded_ms) = (Some(fold_ms + on_time(interval.as_secs() * 1_000)), 0, fold_ms);
            }
            events.tidy();
            let units = units(events.to_bytes().len() + 120);
            self.written.blocks += units;
            *self.written.journal_key.entry(ms / 1_000).or_default() += units;
            new.append(&mut events);
            appended += 1;
            if due.is_none() {
                // Its own write and that of the index.
                self.written.schedules += 2;
                due = Some(ms + FOLD_SOONEST.as_secs() * 1_000);
            }
        }
        self.fold(49 * 3_600_000, new, true);
        self.written
    }

    fn fold(&mut self, ms: i64, mut events: Events, is_last: bool) {
        events.append(&mut self.carried);
        events.tidy();
        let mut waiting = std::mem::take(&mut events).by_batch(&self.runs);
        let mut spent = 0.0;
        for number in folded_now(&waiting, is_last) {
            let Some(events) = waiting.remove(&number) else { continue };
            if let Some(ledger) = self.ledgers.get_mut(&number) {
                self.sizes = record(ledger, number * BATCH_RECIPIENTS, &events);
            }
            let (item, index) = self.sizes;
            spent += item as f64;
            let second = ms / 1_000 + ((spent - BURST).max(0.0) / PACE) as i64;
            *self.written.batch_key.entry(second).or_default() += item;
            *self.written.index_key.entry(second).or_default() += index;
            self.written.batches += item + index;
        }
        waiting.values_mut().for_each(|events| self.carried.append(events));
        let mut carried = 0;
        for part in self.carried.clone().into_blocks() {
            carried += units(part.to_bytes().len() + 120);
        }
        *self.written.journal_key.entry(ms / 1_000).or_default() += carried;
        // The progress with its map and its list of read blocks; the fold lock, taken and released, and the index.
        self.written.folds += carried + 3 + 2 + 2;
        self.written.folds_run += 1;
    }
}

/// Records events; answers the units of the item and of the index.
fn record(ledger: &mut Ledger, first: u32, events: &Events) -> (u64, u64) {
    let (mut seen, mut links) = (Vec::new(), LinkClicks::default());
    Recording { first, rules: Rules::default(), ledger, seen: &mut seen, links: &mut links }.record(events);
    let tally = Tally::new(ledger.records(), &links);
    let tally = serde_json::to_string(&TallyItem::new(&tally)).unwrap().len();
    (units(BATCH_BYTES + tally + ledger.to_bytes().len()), units(INDEX_BYTES + tally))
}

#[test]
fn a_million_receipts_one_by_one_cost_200_000_units_at_most_and_300_a_second() {
    for rate in [50, 300, 1_000] {
        let written = Simulation::new(rate).run();
        let Written { blocks, schedules, folds, batches, by_send, folds_run, .. } = &written;
        let (total, peak) = (written.total(), written.peak());
        println!(
            "{rate}/s: {total} units (blocks {blocks}, asked for {schedules}, {folds_run} folds {folds}, batches {batches}, send {by_send}), {peak}/s at most"
        );
        assert!(total <= 200_000 && peak <= 300, "{rate}/s: {total} units, {peak}/s");
    }
}
