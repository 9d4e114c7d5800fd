//! The state of each recipient's message in a batch: one record of fixed size each, merged by taking the greater.
//! Merging is commutative, associative and idempotent, so duplicates, reordering and races are harmless.

use std::fmt;

use super::columns::{Reader, Writer};
use super::outcome::{Outcome, Reason, State};

/// First byte of a stored ledger.
const VERSION: u8 = 1;
/// Minutes are counted from 2024-01-01T00:00Z in 24 bits, enough until 2055. Zero means never.
const EPOCH_MINUTES: i64 = 1_704_067_200 / 60;
const MINUTE_MAX: u32 = 0xFF_FFFF;

/// A whole minute since 2024; in a record `None` is stored as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(u32);

impl Minute {
    /// The minute that contains an instant, clamped to 24 bits.
    pub fn from_timestamp(at: jiff::Timestamp) -> Self {
        let minutes = at.as_second().div_euclid(60) - EPOCH_MINUTES;
        Self(u32::try_from(minutes.clamp(1, i64::from(MINUTE_MAX))).unwrap_or(1))
    }

    /// The instant at which the minute begins.
    pub fn start(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second((EPOCH_MINUTES + i64::from(self.0)) * 60).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The minute as a number, for compact storage.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Reads `number`; `None` for zero and for numbers beyond 24 bits.
    pub fn from_number(number: u32) -> Option<Self> {
        (1..=MINUTE_MAX).contains(&number).then_some(Self(number))
    }
}

/// The state of one recipient's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record {
    pub state: State,
    pub reason: Reason,
    /// SMS segments of the rendered message; zero before rendering.
    pub segments: u8,
    /// When the carrier accepted it.
    pub handed_over: Option<Minute>,
    /// When the state became final.
    pub settled: Option<Minute>,
    pub first_click: Option<Minute>,
    /// Clicks by people; stops at 255. The next field counts suspected robots and previews.
    pub human_clicks: u8,
    pub bot_clicks: u8,
    /// Those of `human_clicks` that came within moments of the hand-over, and whether several addresses clicked then,
    /// which means a preview. Kept separately, so that every field only grows.
    pub early_clicks: u8,
    pub is_previewed: bool,
    /// Whether the recipient replied, and whether a reply was STOP.
    pub replied: bool,
    pub stopped: bool,
}

fn earlier(a: Option<Minute>, b: Option<Minute>) -> Option<Minute> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

impl Record {
    /// What both records know: the greater state with its reason and time, the earliest times, the greatest counts.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        // Of two equal states the earlier settling time counts: reversed, so that earlier is greater and `None` least.
        let rank = |r: &Self| (r.state, r.reason, r.settled.map_or(0, |at| MINUTE_MAX + 1 - at.0));
        let greater = if rank(&self) >= rank(&other) { self } else { other };
        Self {
            state: greater.state,
            reason: greater.reason,
            settled: greater.settled,
            segments: self.segments.max(other.segments),
            handed_over: earlier(self.handed_over, other.handed_over),
            first_click: earlier(self.first_click, other.first_click),
            human_clicks: self.human_clicks.max(other.human_clicks),
            bot_clicks: self.bot_clicks.max(other.bot_clicks),
            early_clicks: self.early_clicks.max(other.early_clicks),
            is_previewed: self.is_previewed || other.is_previewed,
            replied: self.replied || other.replied,
            stopped: self.stopped || other.stopped,
        }
    }

    /// Clicks by people, as far as can be determined.
    pub fn clicks_of_people(&self) -> u8 {
        self.human_clicks.saturating_sub(if self.is_previewed { self.early_clicks } else { 0 })
    }

    /// Clicks by suspected robots and previews.
    pub fn clicks_of_bots(&self) -> u16 {
        u16::from(self.bot_clicks) + u16::from(self.human_clicks - self.clicks_of_people())
    }

    /// Merges an outcome into the record: from a receipt, a carrier's answer or our own decision.
    #[must_use]
    pub fn settle(self, outcome: Outcome, reason: Reason, at: Minute) -> Self {
        let settled = outcome.is_final().then_some(at);
        self.merge(Self { state: State::from(outcome), reason, settled, ..Self::default() })
    }
}

/// The records of one batch, in the order of the audience.
#[derive(Clone, PartialEq, Eq)]
pub struct Ledger(Vec<Record>);

/// Bytes that are not a stored ledger of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes are not a ledger")]
pub struct NotALedger {
    pub bytes: usize,
}

impl Ledger {
    /// A ledger in which every record is pending.
    pub fn pending(recipients: usize) -> Self {
        Self(vec![Record::default(); recipients])
    }

    pub fn records(&self) -> &[Record] {
        &self.0
    }

    pub fn records_mut(&mut self) -> &mut [Record] {
        &mut self.0
    }

    /// Merges record by record. The longer length is kept.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = mine.merge(*theirs);
        }
        self.0.extend(other.0.iter().skip(self.0.len()));
    }

    /// Encodes the ledger column by column: 500 equal records take about 50 bytes, 500 delivered within an hour about
    /// 500, and a record never more than 25.
    pub fn to_bytes(&self) -> Vec<u8> {
        let column = |field: fn(&Record) -> u8| self.0.iter().map(move |record| u32::from(field(record)));
        let minutes = |field: fn(&Record) -> Option<Minute>| {
            self.0.iter().map(move |record| field(record).map_or(0, Minute::number))
        };
        let mut writer = Writer::default();
        writer.bytes(&[VERSION]);
        writer.number(self.0.len() as u64);
        writer.column(column(|record| record.state.byte()));
        writer.column(column(|record| record.reason.byte()));
        writer.column(column(|record| record.segments));
        writer.sparse_column(minutes(|record| record.handed_over));
        writer.sparse_column(minutes(|record| record.settled));
        writer.sparse_column(minutes(|record| record.first_click));
        writer.column(column(|record| record.human_clicks));
        writer.column(column(|record| record.bot_clicks));
        writer.column(column(|record| record.early_clicks));
        writer.column(column(|record| {
            u8::from(record.replied) | u8::from(record.stopped) << 1 | u8::from(record.is_previewed) << 2
        }));
        writer.into_bytes()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotALedger> {
        Self::read(bytes).ok_or(NotALedger { bytes: bytes.len() })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return None;
        }
        let length = reader.length()?;
        let (states, reasons) = (reader.byte_column(length)?, reader.byte_column(length)?);
        let segments = reader.byte_column(length)?;
        let minutes = [reader.sparse_column(length)?, reader.sparse_column(length)?, reader.sparse_column(length)?];
        let clicks = [reader.byte_column(length)?, reader.byte_column(length)?, reader.byte_column(length)?];
        let flags = reader.byte_column(length)?;
        if !reader.is_empty() {
            return None;
        }
        let [handed_over, settled, first_click] = &minutes;
        let [human_clicks, bot_clicks, early_clicks] = &clicks;
        let record = |at: usize| {
            let flags = flags.get(at)?;
            Some(Record {
                state: State::from_byte(*states.get(at)?)?,
                reason: Reason::from_byte(*reasons.get(at)?)?,
                segments: *segments.get(at)?,
                handed_over: Minute::from_number(*handed_over.get(at)?),
                settled: Minute::from_number(*settled.get(at)?),
                first_click: Minute::from_number(*first_click.get(at)?),
                human_clicks: *human_clicks.get(at)?,
                bot_clicks: *bot_clicks.get(at)?,
                early_clicks: *early_clicks.get(at)?,
                is_previewed: flags & 4 != 0,
                replied: flags & 1 != 0,
                stopped: flags & 2 != 0,
            })
        };
        (0..length).map(record).collect::<Option<_>>().map(Self)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger of {}", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minute() -> impl Strategy<Value = Option<Minute>> {
        prop_oneof![Just(0u32), 1u32..50, Just(MINUTE_MAX)].prop_map(Minute::from_number)
    }

    fn record() -> impl Strategy<Value = Record> {
        let state = proptest::sample::select(&Outcome::ALL[..]).prop_map(State::from);
        let reason = (0u8..32).prop_filter_map("a reason", Reason::from_byte);
        let counts = (any::<[u8; 4]>(), any::<[bool; 3]>());
        (state, reason, minute(), minute(), minute(), counts).prop_map(
            |(
                state,
                reason,
                handed_over,
                settled,
                first_click,
                ([segments, human_clicks, bot_clicks, early_clicks], [replied, stopped, is_previewed]),
            )| {
                Record {
                    state,
                    reason,
                    segments,
                    handed_over,
                    settled,
                    first_click,
                    human_clicks,
                    bot_clicks,
                    early_clicks,
                    is_previewed,
                    replied,
                    stopped,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn merging_is_a_semilattice(a in record(), b in record(), c in record()) {
            prop_assert_eq!(a.merge(b), b.merge(a));
            prop_assert_eq!(a.merge(b).merge(c), a.merge(b.merge(c)));
            prop_assert_eq!(a.merge(a), a);
            prop_assert_eq!(a.merge(b).merge(b), a.merge(b));
            prop_assert_eq!(a.merge(Record::default()), a);
        }

        #[test]
        fn a_ledger_reads_back_as_itself(records in proptest::collection::vec(record(), 0..20)) {
            let ledger = Ledger(records);
            prop_assert_eq!(Ledger::from_bytes(&ledger.to_bytes()), Ok(ledger));
        }

        #[test]
        fn reading_a_ledger_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Ledger::from_bytes(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
                let _ = Ledger::from_bytes(&bytes);
            }
        }
    }

    #[test]
    fn a_batch_of_records_that_are_alike_takes_less_than_60_bytes() {
        let one = Record { segments: 1, handed_over: Some(Minute(1_500_000)), ..Record::default() };
        let ledger = Ledger(vec![one.settle(Outcome::Delivered, Reason::None, Minute(1_500_001)); 500]);
        assert!(ledger.to_bytes().len() < 60, "{}", ledger.to_bytes().len());
    }

    #[test]
    fn a_batch_of_records_that_are_hardly_alike_takes_less_than_1_kb() {
        let record = |n: u32| {
            let one = Record { segments: 1, handed_over: Some(Minute(1_500_000)), ..Record::default() };
            let (outcome, reason) = match n % 11 {
                0 => (Outcome::Failed, Reason::Unreachable),
                _ => (Outcome::Delivered, Reason::None),
            };
            one.settle(outcome, reason, Minute(1_500_000 + n * n % 61))
        };
        let ledger = Ledger((0..500).map(record).collect());
        let (begin, rounds) = (std::time::Instant::now(), 100);
        for _ in 0..rounds {
            assert_eq!(Ledger::from_bytes(&ledger.to_bytes()).as_ref(), Ok(&ledger));
        }
        let bytes = ledger.to_bytes().len();
        println!("{bytes} bytes, {} us to write and read", begin.elapsed().as_micros() / rounds);
        assert!(bytes < 1_000, "{bytes}");
    }

    #[test]
    fn a_late_receipt_of_lower_rank_changes_nothing() {
        let at = Minute(10);
        let delivered = Record::default().settle(Outcome::Delivered, Reason::None, at);
        assert_eq!(delivered.settle(Outcome::HandedOver, Reason::None, Minute(11)), delivered);
        assert_eq!(delivered.settle(Outcome::Unknown, Reason::None, Minute(11)), delivered);
        assert_eq!(delivered.settle(Outcome::Delivered, Reason::None, Minute(12)), delivered);
    }

    #[test]
    fn a_receipt_after_unknown_replaces_it() {
        let unknown = Record::default().settle(Outcome::Unknown, Reason::None, Minute(1));
        let greater = unknown.settle(Outcome::Delivered, Reason::None, Minute(2));
        assert_eq!((greater.state.outcome(), greater.settled), (Outcome::Delivered, Some(Minute(2))));
    }

    #[test]
    fn minutes_clamp_and_read_back() {
        let at: jiff::Timestamp = "2026-11-23T20:46:59Z".parse().unwrap();
        assert_eq!(Minute::from_timestamp(at).start().to_string(), "2026-11-23T20:46:00Z");
        assert_eq!(Minute::from_timestamp(jiff::Timestamp::UNIX_EPOCH), Minute(1));
    }
}
