//! Adds the events of the journal that wait for a fold to the sum of a campaign's ledgers. Pure.

use std::collections::BTreeSet;

use super::clicks::Visitor;
use super::journal::{Click, Events, Receipt};
use super::ledger::Minute;
use super::link_clicks::LinkTally;
use super::outcome::{Outcome, Reason};
use super::recording::{Rules, was_taken};
use super::tally::{STEP_MINUTES, Tally};

impl Tally {
    /// Adds tidy events as far as possible without the ledgers: each recipient's receipt once, each click once. Exact,
    /// unless an event is already in the sum, and then only until the next fold; the parts always add up to the number
    /// of recipients.
    pub fn add_waiting(&mut self, events: &Events, rules: Rules) {
        self.step_minutes = self.step_minutes.max(STEP_MINUTES[0]);
        if !rules.is_final {
            // Sorted, so that the greatest receipt of a recipient comes last.
            for receipts in events.receipts.chunk_by(|one, next| one.index == next.index) {
                receipts.last().into_iter().for_each(|receipt| self.add_receipt(receipt));
            }
        }
        self.add_clicks(&events.clicks, rules);
        for marks in events.marks.chunk_by(|one, next| one.index == next.index) {
            self.replies += 1;
            self.stops += u32::from(marks.iter().any(|mark| mark.stopped));
        }
        self.coarsen();
    }

    fn add_receipt(&mut self, receipt: &Receipt) {
        let outcome = receipt.state.outcome();
        if !outcome.is_final() {
            return;
        }
        if self.awaiting > 0 {
            self.awaiting -= 1;
        } else if self.to_send > 0 {
            // The carrier's answer is not in the sum yet.
            self.to_send -= 1;
            self.handed_over += u32::from(was_taken(outcome));
        } else {
            return;
        }
        match outcome {
            Outcome::Pending | Outcome::Submitting | Outcome::HandedOver => {}
            Outcome::Unknown => self.unknown += 1,
            Outcome::Excluded => self.excluded += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Expired => self.expired += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Delivered => {
                self.delivered += 1;
                self.step(receipt.at).delivered += 1;
            }
        }
        if receipt.reason != Reason::None {
            *self.by_reason.entry(receipt.reason.code()).or_default() += 1;
            self.temporary += u32::from(receipt.reason.is_temporary());
        }
    }

    fn add_clicks(&mut self, clicks: &[Click], rules: Rules) {
        let mut keys = BTreeSet::new();
        let (mut people, mut people_by_link) = (BTreeSet::new(), BTreeSet::new());
        for click in clicks.iter().filter(|click| keys.insert(click.key)) {
            let is_person = click.visitor == Some(Visitor::Person);
            let is_first = is_person && people.insert(click.index);
            self.human_clicks += u32::from(is_person);
            self.bot_clicks += u32::from(!is_person);
            self.unique_clicks += u32::from(is_first);
            if let Some(at) = jiff::Timestamp::from_second(i64::from(click.second)).ok().filter(|_| is_first) {
                self.step(Minute::from_timestamp(at)).clicks += 1;
            }
            if rules.has_several_links {
                let link = usize::from(click.link);
                if self.links.len() <= link {
                    self.links.resize(link + 1, LinkTally::default());
                }
                let unique = u32::from(is_person && people_by_link.insert((click.index, click.link)));
                let one = LinkTally { human: u32::from(is_person), bot: u32::from(!is_person), unique };
                self.links.iter_mut().skip(link).take(1).for_each(|tally| tally.add(&one));
            }
        }
    }

    /// The frozen outcomes of a finished campaign, with the clicks and replies of `self`, which continue.
    #[must_use]
    pub fn with_outcomes_of(self, frozen: &Self) -> Self {
        Self {
            human_clicks: self.human_clicks.max(frozen.human_clicks),
            bot_clicks: self.bot_clicks.max(frozen.bot_clicks),
            unique_clicks: self.unique_clicks.max(frozen.unique_clicks),
            stops: self.stops.max(frozen.stops),
            replies: self.replies.max(frozen.replies),
            links: if self.links.len() < frozen.links.len() { frozen.links.clone() } else { self.links },
            timeline: if self.timeline.is_empty() { frozen.timeline.clone() } else { self.timeline },
            step_minutes: if self.step_minutes == 0 { frozen.step_minutes } else { self.step_minutes },
            ..frozen.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Mark;
    use crate::outcome::State;

    fn receipt(index: u32, outcome: Outcome, reason: Reason) -> Receipt {
        Receipt { index, state: State::from(outcome), reason, at: Minute::from_number(9).unwrap() }
    }

    #[test]
    fn waiting_receipts_count_once_and_parts_add_up_to_the_recipients() {
        let sum = Tally { recipients: 4, handed_over: 3, awaiting: 3, to_send: 1, ..Tally::default() };
        let receipts = vec![
            receipt(0, Outcome::Delivered, Reason::None),
            receipt(0, Outcome::Unknown, Reason::None),
            receipt(1, Outcome::Failed, Reason::Unreachable),
            receipt(2, Outcome::HandedOver, Reason::None),
        ];
        let mut events = Events { receipts, ..Events::default() };
        events.tidy();
        let mut tally = sum.clone();
        tally.add_waiting(&events, Rules::default());
        assert_eq!((tally.awaiting, tally.delivered, tally.failed, tally.temporary), (1, 1, 1, 1));
        assert_eq!(tally.timeline(9).iter().map(|(_, step)| step.delivered).sum::<u32>(), 1);
        for _ in 0..5 {
            tally.add_waiting(&events, Rules::default());
        }
        let Tally { to_send, awaiting, delivered, failed, .. } = tally;
        assert_eq!((to_send + awaiting, delivered + failed), (0, 4), "never more than there are");
        let mut tally = sum.clone();
        tally.add_waiting(&events, Rules { is_final: true, ..Rules::default() });
        assert_eq!((tally.awaiting, tally.delivered), (3, 0), "final means final");
    }

    #[test]
    fn waiting_clicks_count_by_key_and_people_by_recipient() {
        let click = |index, key, visitor, link| Click { second: 1_800_000_000, index, visitor, key, link };
        let person = Some(Visitor::Person);
        let clicks = vec![click(0, 1, person, 0), click(0, 2, person, 1), click(1, 3, Some(Visitor::Robot), 1)];
        let events = Events { clicks: [clicks.clone(), clicks].concat(), ..Events::default() };
        let mut tally = Tally::default();
        tally.add_waiting(&events, Rules { has_several_links: true, ..Rules::default() });
        assert_eq!((tally.human_clicks, tally.bot_clicks, tally.unique_clicks), (2, 1, 1));
        let [first, second] = &tally.links[..] else { panic!("{:?}", tally.links) };
        assert_eq!((first.human, second.human, second.bot, second.unique), (1, 1, 1, 1));
    }

    #[test]
    fn a_finished_campaign_keeps_its_outcomes_and_still_counts_clicks() {
        let frozen = Tally { recipients: 2, delivered: 1, unknown: 1, stops: 1, ..Tally::default() };
        let mut live = Tally { recipients: 2, delivered: 2, ..Tally::default() };
        let marks = vec![Mark { index: 0, stopped: true }, Mark { index: 1, stopped: true }];
        live.add_waiting(&Events { marks, ..Events::default() }, Rules { is_final: true, ..Rules::default() });
        let shown = live.with_outcomes_of(&frozen);
        assert_eq!((shown.delivered, shown.unknown, shown.stops, shown.replies), (1, 1, 2, 2));
    }
}
