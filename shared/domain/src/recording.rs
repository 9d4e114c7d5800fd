//! Records events of a journal in the records of their batch. Pure; recording the same event again changes nothing.
//!
//! Click counts are not idempotent by themselves, so a batch remembers the clicks that it counted last. A link is known
//! to its recipient alone, so several addresses that follow it within moments of the hand-over are link previews, even
//! if each looks like a person (observed: one GET and three HEAD of an ordinary phone). They are counted as suspected
//! bots.

use jiff::Timestamp;

use super::campaign::{Campaign, Status};
use super::clicks::Visitor;
use super::journal::{Click, Events, Mark, Receipt};
use super::ledger::{Ledger, Minute, Record};
use super::link_clicks::LinkClicks;
use super::outcome::Outcome;

/// Clicks that a batch remembers, 11 bytes each: far more than 500 recipients make in a day.
pub const SEEN_CLICKS_MAX: usize = 1_000;
/// Seconds after the hand-over within which clicks are early. Of the hand-over only the minute is stored.
const MOMENTS_SECONDS: i64 = 60 + 30;

/// A counted click. It prevents that a repeated queue message counts it twice, and shows whether several addresses
/// clicked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenClick {
    /// The recipient's index in the batch.
    pub index: u16,
    /// Unique to the click; its upper half identifies the address.
    pub key: u64,
    /// Sent with the user agent of an ordinary browser: a person, or a program that imitates one.
    pub plays_person: bool,
}

impl SeenClick {
    /// Size of one in an item, in bytes.
    pub const BYTES: usize = 11;

    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let ([a, b], [c, d, e, f, g, h, i, j]) = (self.index.to_be_bytes(), self.key.to_be_bytes());
        [a, b, c, d, e, f, g, h, i, j, u8::from(self.plays_person)]
    }

    pub fn from_bytes([a, b, c, d, e, f, g, h, i, j, plays]: [u8; Self::BYTES]) -> Self {
        let key = u64::from_be_bytes([c, d, e, f, g, h, i, j]);
        Self { index: u16::from_be_bytes([a, b]), key, plays_person: plays != 0 }
    }
}

/// What decides how events of a campaign are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Clicks are counted per link.
    pub has_several_links: bool,
    /// The outcomes are frozen: receipts change nothing any more; clicks and replies still count.
    pub is_final: bool,
}

impl Rules {
    pub fn of_campaign(campaign: &Campaign) -> Self {
        Self {
            has_several_links: campaign.settings.message.all_links().nth(1).is_some(),
            is_final: campaign.status == Status::Finished,
        }
    }
}

/// The records of a batch while events are recorded.
#[derive(Debug)]
pub struct Recording<'a> {
    /// Index in the audience of the batch's first recipient.
    pub first: u32,
    pub rules: Rules,
    pub ledger: &'a mut Ledger,
    /// Newest last.
    pub seen: &'a mut Vec<SeenClick>,
    pub links: &'a mut LinkClicks,
}

impl Recording<'_> {
    /// Records events; those of other batches are skipped.
    pub fn record(&mut self, events: &Events) {
        if !self.rules.is_final {
            events.receipts.iter().for_each(|receipt| self.receipt(receipt));
        }
        for click in &events.clicks {
            self.click(click);
        }
        let surplus = self.seen.len().saturating_sub(SEEN_CLICKS_MAX);
        self.seen.drain(..surplus);
        for Mark { index, stopped } in &events.marks {
            if let Some(record) = self.record_of(*index) {
                *record = record.merge(Record { replied: true, stopped: *stopped, ..Record::default() });
            }
        }
    }

    fn record_of(&mut self, index: u32) -> Option<&mut Record> {
        let index = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.ledger.records_mut().get_mut(index)
    }

    fn receipt(&mut self, receipt: &Receipt) {
        let Receipt { index, state, reason, at } = *receipt;
        let Some(record) = self.record_of(index) else { return };
        *record = record.settle(state.outcome(), reason, at);
        // A receipt proves that the operator got the message, even if our own record of that was lost.
        if was_taken(state.outcome()) {
            *record = record.merge(Record { handed_over: Some(at), ..Record::default() });
        }
    }

    fn click(&mut self, click: &Click) {
        let Click { second, index, visitor, key, link } = *click;
        let Ok(at) = Timestamp::from_second(i64::from(second)) else { return };
        if self.seen.iter().any(|seen| seen.key == key) {
            return;
        }
        let Some(own) = index.checked_sub(self.first).and_then(|index| u16::try_from(index).ok()) else { return };
        let has_several_links = self.rules.has_several_links;
        let Some(record) = self.ledger.records_mut().get_mut(usize::from(own)) else { return };
        // A visitor that this version does not know counts as a robot.
        let is_person = visitor == Some(Visitor::Person);
        // A program that identifies itself counts as that and is no sign of a preview.
        let plays_person = matches!(visitor, Some(Visitor::Person | Visitor::Head));
        let is_early = is_early(record, at);
        // Once a recipient's clicks stop counting, those per link stop too, so that the sums agree.
        let counted = if is_person { record.human_clicks } else { record.bot_clicks };
        match is_person {
            _ if !has_several_links || counted == u8::MAX => (),
            true => self.links.count_person(own, link, is_early),
            false => self.links.count_bot(own, link),
        }
        if is_person {
            record.human_clicks = record.human_clicks.saturating_add(1);
            record.early_clicks = record.early_clicks.saturating_add(u8::from(is_early));
            *record = record.merge(Record { first_click: Some(Minute::from_timestamp(at)), ..Record::default() });
        } else {
            record.bot_clicks = record.bot_clicks.saturating_add(1);
        }
        let is_other = |seen: &SeenClick| seen.plays_person && seen.index == own && seen.key >> 32 != key >> 32;
        record.is_previewed |= plays_person && is_early && self.seen.iter().any(is_other);
        self.seen.push(SeenClick { index: own, key, plays_person });
    }
}

/// Whether a receipt with this outcome proves that the carrier accepted the message.
pub(super) fn was_taken(outcome: Outcome) -> bool {
    match outcome {
        Outcome::HandedOver | Outcome::Delivered | Outcome::Failed | Outcome::Expired => true,
        Outcome::Pending | Outcome::Submitting | Outcome::Unknown | Outcome::Excluded | Outcome::Rejected => false,
    }
}

/// Whether a click comes within moments of the hand-over; a missing hand-over is taken as just now.
fn is_early(record: &Record, at: Timestamp) -> bool {
    record.handed_over.is_none_or(|minute| at.duration_since(minute.start()).as_secs() <= MOMENTS_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Reason, State};

    fn receipt(index: u32, outcome: Outcome) -> Receipt {
        Receipt { index, state: State::from(outcome), reason: Reason::None, at: Minute::from_number(7).unwrap() }
    }

    fn recorded(rules: Rules, rounds: &[Events]) -> (Ledger, Vec<SeenClick>) {
        let (mut ledger, mut seen, mut links) = (Ledger::pending(3), Vec::new(), LinkClicks::default());
        for events in rounds {
            Recording { first: 10, rules, ledger: &mut ledger, seen: &mut seen, links: &mut links }.record(events);
        }
        (ledger, seen)
    }

    #[test]
    fn recording_in_any_order_and_twice_makes_the_same_records() {
        let receipts =
            vec![receipt(10, Outcome::Delivered), receipt(12, Outcome::Failed), receipt(99, Outcome::Failed)];
        let click = Click { second: 1_800_000_000, index: 11, visitor: Some(Visitor::Person), key: 5, link: 0 };
        let one = Events { receipts, ..Events::default() };
        let other = Events { clicks: vec![click], marks: vec![Mark { index: 10, stopped: true }], ..Events::default() };
        let rules = Rules::default();
        let (ledger, seen) = recorded(rules, &[one.clone(), other.clone()]);
        assert_eq!(recorded(rules, &[other.clone(), one.clone(), other, one]), (ledger.clone(), seen));
        let [first, second, third] = ledger.records() else { panic!() };
        assert_eq!(
            (first.state.outcome(), first.stopped, first.handed_over.is_some()),
            (Outcome::Delivered, true, true)
        );
        assert_eq!((second.human_clicks, third.state.outcome()), (1, Outcome::Failed));
    }

    #[test]
    fn a_receipt_after_the_end_changes_nothing_and_a_stop_does() {
        let late = Events {
            receipts: vec![receipt(10, Outcome::Delivered)],
            marks: vec![Mark { index: 10, stopped: true }],
            ..Events::default()
        };
        let (ledger, _) = recorded(Rules { is_final: true, ..Rules::default() }, &[late]);
        assert_eq!(ledger.records()[0], Record { replied: true, stopped: true, ..Record::default() });
    }
}
