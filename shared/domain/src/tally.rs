//! The sums of a ledger. Progress and statistics are sums of tallies; there is no shared counter.

use std::collections::BTreeMap;

use super::ledger::{Minute, Record};
use super::link_clicks::{LinkClicks, LinkTally};
use super::outcome::{Outcome, Reason};

/// Most steps of the timeline in one tally; more are merged into longer steps, so that a tally stays small.
const STEPS_MAX: usize = 24;
/// Possible step lengths: a minute, ten minutes, an hour, six hours, a day, four days, a month.
pub(super) const STEP_MINUTES: [u32; 7] = [1, 10, 60, 360, 1_440, 5_760, 43_200];

/// Counts in one step of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    pub handed_over: u32,
    pub delivered: u32,
    pub clicks: u32,
}

/// Counts of one batch, or of a campaign when summed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    pub recipients: u32,
    /// Still to be handed over: pending or submitting.
    pub to_send: u32,
    /// Accepted by the carrier, whatever the outcome.
    pub handed_over: u32,
    /// Accepted, without a final outcome yet.
    pub awaiting: u32,
    pub delivered: u32,
    pub failed: u32,
    pub expired: u32,
    pub rejected: u32,
    pub unknown: u32,
    pub excluded: u32,
    pub by_reason: BTreeMap<&'static str, u32>,
    /// Failures that may succeed another day.
    pub temporary: u32,
    /// Segments that the carrier accepted or may have accepted.
    pub segments: u64,
    pub human_clicks: u32,
    pub bot_clicks: u32,
    /// Recipients for whom a person clicked.
    pub unique_clicks: u32,
    /// Clicks by link, up to the highest link that was clicked; empty for a message with one link.
    pub links: Vec<LinkTally>,
    pub stops: u32,
    pub replies: u32,
    /// Minutes of one step of the timeline.
    pub step_minutes: u32,
    /// Steps by number: minutes since 2024 divided by `step_minutes`.
    pub timeline: BTreeMap<u32, Step>,
}

impl Tally {
    pub fn new(records: &[Record], clicks: &LinkClicks) -> Self {
        let links = clicks.tallies(records);
        let mut tally = Self { step_minutes: STEP_MINUTES[0], links, ..Self::default() };
        for record in records {
            tally.count(record);
        }
        tally.coarsen();
        tally
    }

    /// Whether nothing is open: every message that is not cancelled was handed over, and every receipt has arrived.
    pub fn is_settled(&self, cancelled: bool) -> bool {
        self.awaiting == 0 && (self.to_send == 0 || cancelled)
    }

    /// Recipients whose outcome is final.
    pub fn settled(&self) -> u32 {
        self.recipients.saturating_sub(self.to_send).saturating_sub(self.awaiting)
    }

    fn count(&mut self, record: &Record) {
        let outcome = record.state.outcome();
        self.recipients += 1;
        *match outcome {
            Outcome::Pending | Outcome::Submitting => &mut self.to_send,
            Outcome::HandedOver => &mut self.awaiting,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Excluded => &mut self.excluded,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Expired => &mut self.expired,
            Outcome::Failed => &mut self.failed,
            Outcome::Delivered => &mut self.delivered,
        } += 1;
        if outcome.is_final() && record.reason != Reason::None {
            *self.by_reason.entry(record.reason.code()).or_default() += 1;
            self.temporary += u32::from(record.reason.is_temporary());
        }
        // A message whose outcome is unknown may have been accepted: it is charged, as the carrier will charge it.
        if record.handed_over.is_some() || outcome == Outcome::Unknown {
            self.segments += u64::from(record.segments);
        }
        let by_person = record.clicks_of_people() > 0;
        self.human_clicks += u32::from(record.clicks_of_people());
        self.bot_clicks += u32::from(record.clicks_of_bots());
        self.unique_clicks += u32::from(by_person);
        self.stops += u32::from(record.stopped);
        self.replies += u32::from(record.replied);
        if let Some(at) = record.handed_over {
            self.handed_over += 1;
            self.step(at).handed_over += 1;
        }
        if let (Some(at), Outcome::Delivered) = (record.settled, outcome) {
            self.step(at).delivered += 1;
        }
        if let Some(at) = record.first_click {
            self.step(at).clicks += u32::from(by_person);
        }
    }

    pub(super) fn step(&mut self, at: Minute) -> &mut Step {
        self.timeline.entry(at.number() / self.step_minutes.max(1)).or_default()
    }

    /// Merges steps until there are few enough.
    pub(super) fn coarsen(&mut self) {
        while self.timeline.len() > STEPS_MAX
            && let Some(next) = STEP_MINUTES.into_iter().find(|minutes| *minutes > self.step_minutes)
        {
            self.widen(next);
        }
    }

    /// The timeline in longer steps. Each step length divides the next.
    fn widen(&mut self, step_minutes: u32) {
        let factor = (step_minutes / self.step_minutes.max(1)).max(1);
        for (number, step) in std::mem::take(&mut self.timeline) {
            let into = self.timeline.entry(number / factor).or_default();
            into.handed_over += step.handed_over;
            into.delivered += step.delivered;
            into.clicks += step.clicks;
        }
        self.step_minutes = step_minutes;
    }

    /// Adds another tally; the longer step of both timelines is used.
    pub fn add(&mut self, other: &Self) {
        let Self { recipients, to_send, handed_over, awaiting, delivered, failed, expired, rejected, unknown, .. } =
            other;
        self.recipients += recipients;
        self.to_send += to_send;
        self.handed_over += handed_over;
        self.awaiting += awaiting;
        self.delivered += delivered;
        self.failed += failed;
        self.expired += expired;
        self.rejected += rejected;
        self.unknown += unknown;
        self.excluded += other.excluded;
        self.temporary += other.temporary;
        self.segments += other.segments;
        self.human_clicks += other.human_clicks;
        self.bot_clicks += other.bot_clicks;
        self.unique_clicks += other.unique_clicks;
        self.stops += other.stops;
        self.replies += other.replies;
        if self.links.len() < other.links.len() {
            self.links.resize(other.links.len(), LinkTally::default());
        }
        for (mine, theirs) in self.links.iter_mut().zip(&other.links) {
            mine.add(theirs);
        }
        for (reason, count) in &other.by_reason {
            *self.by_reason.entry(reason).or_default() += count;
        }
        self.add_timeline(other);
    }

    fn add_timeline(&mut self, other: &Self) {
        if other.timeline.is_empty() {
            return;
        }
        if self.timeline.is_empty() {
            self.step_minutes = other.step_minutes;
        }
        if self.step_minutes < other.step_minutes {
            self.widen(other.step_minutes);
        }
        let factor = (self.step_minutes / other.step_minutes.max(1)).max(1);
        for (number, step) in &other.timeline {
            let into = self.timeline.entry(number / factor).or_default();
            into.handed_over += step.handed_over;
            into.delivered += step.delivered;
            into.clicks += step.clicks;
        }
    }

    /// The timeline with the instant at which each step begins, in at most `steps` steps.
    pub fn timeline(&self, steps: usize) -> Vec<(jiff::Timestamp, Step)> {
        let mut coarse = Self { step_minutes: self.step_minutes, timeline: self.timeline.clone(), ..Self::default() };
        while coarse.timeline.len() > steps.max(1)
            && let Some(next) = STEP_MINUTES.into_iter().find(|minutes| *minutes > coarse.step_minutes)
        {
            coarse.widen(next);
        }
        let at =
            |number: u32| Minute::from_number(number.saturating_mul(coarse.step_minutes).max(1)).map(Minute::start);
        coarse.timeline.iter().filter_map(|(number, step)| Some((at(*number)?, *step))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: u32) -> Option<Minute> {
        Minute::from_number(number)
    }

    fn record(outcome: Outcome, reason: Reason, at: u32) -> Record {
        let taken = outcome == Outcome::HandedOver || matches!(outcome, Outcome::Delivered | Outcome::Failed);
        Record { segments: 2, handed_over: taken.then_some(()).and(minute(at)), ..Record::default() }.settle(
            outcome,
            reason,
            minute(at + 1).unwrap(),
        )
    }

    #[test]
    fn every_recipient_is_counted_in_one_outcome() {
        let records: Vec<_> = Outcome::ALL.map(|outcome| record(outcome, Reason::None, 5)).into();
        let t = Tally::new(&records, &LinkClicks::default());
        let parts = [t.to_send, t.awaiting, t.delivered, t.failed, t.expired, t.rejected, t.unknown, t.excluded];
        assert_eq!(parts.iter().sum::<u32>(), t.recipients);
        assert_eq!((t.recipients, t.handed_over), (9, 3));
        // Three that were accepted and one that may have been, of two segments each.
        assert_eq!(t.segments, 8);
    }

    #[test]
    fn sums_of_tallies_equal_the_tally_of_all() {
        let records: Vec<_> =
            (0..200).map(|n| record(Outcome::ALL[n % 9], Reason::ALL[n % 5], n as u32 * 3 + 1)).collect();
        let whole = Tally::new(&records, &LinkClicks::default());
        let mut sum = Tally::default();
        for part in records.chunks(7) {
            sum.add(&Tally::new(part, &LinkClicks::default()));
        }
        assert_eq!(sum.by_reason, whole.by_reason);
        assert_eq!(
            (sum.handed_over, sum.delivered, sum.segments),
            (whole.handed_over, whole.delivered, whole.segments)
        );
        let delivered = |tally: &Tally| tally.timeline(50).iter().map(|(_, step)| step.delivered).sum::<u32>();
        assert_eq!((delivered(&sum), delivered(&whole)), (whole.delivered, whole.delivered));
    }

    #[test]
    fn a_long_timeline_has_few_steps() {
        let records: Vec<_> = (1..5_000).map(|n| record(Outcome::Delivered, Reason::None, n * 37)).collect();
        assert!(Tally::new(&records, &LinkClicks::default()).timeline.len() <= STEPS_MAX);
    }
}
