//! Which messages of a campaign were released and are not sent yet.

use jiff::Timestamp;

use crate::legal_window::LegalWindow;
use crate::release::{Run, batch_slice};

/// A released batch as the index shows it. The index may be some moments older than the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenBatch {
    pub number: u32,
    /// Recipients that need nothing more from a sender.
    pub sent: u32,
    /// End of its lease; the zero instant without one.
    pub lease_until: Timestamp,
}

/// What was released and is not sent yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Recipients of all these batches, except those that wait for a window.
    pub messages: u32,
    /// Batches without a lease whose window is open.
    pub idle: Vec<u32>,
    /// Batches whose lease expired.
    pub lapsed: Vec<u32>,
    /// End of the first current lease.
    pub lease_until: Option<Timestamp>,
    /// When the next window opens for waiting batches.
    pub opening: Option<Timestamp>,
}

impl Unsent {
    pub fn find(runs: &[Run], shown: &[OpenBatch], window: &LegalWindow<'_>) -> Self {
        let mut unsent = Self::default();
        let unleased = Timestamp::UNIX_EPOCH;
        for number in runs.iter().flat_map(Run::open_batches) {
            let Some(slice) = batch_slice(runs, number) else { continue };
            // A batch that the index does not show yet is unsent and has no lease.
            let shown = shown.iter().find(|batch| batch.number == number);
            let (sent, lease_until) = shown.map_or((0, unleased), |batch| (batch.sent, batch.lease_until));
            if slice.released <= sent {
                continue;
            }
            if lease_until > window.now() {
                unsent.lease_until = earlier(unsent.lease_until, lease_until);
            } else if !window.is_open(slice.territory) {
                unsent.opening = earlier(unsent.opening, window.next_opening(slice.territory));
                continue;
            } else if lease_until > unleased {
                unsent.lapsed.push(number);
            } else {
                unsent.idle.push(number);
            }
            unsent.messages += slice.released - sent;
        }
        unsent
    }

    /// Nothing has to happen before a lease ends, a window opens or more is released.
    pub fn is_waiting(&self) -> bool {
        self.lease_until.is_some() || !self.is_moving()
    }

    /// Whether released messages can progress without a window opening first.
    pub fn is_moving(&self) -> bool {
        self.lease_until.is_some() || !self.idle.is_empty() || !self.lapsed.is_empty()
    }
}

fn earlier(a: Option<Timestamp>, b: Timestamp) -> Option<Timestamp> {
    Some(a.map_or(b, |a| a.min(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::status::Kind;
    use crate::territory::Territory;

    /// A Tuesday, 23:00 in Paris, where the window is closed, and 18:00 in Guadeloupe, where it is open.
    const NOW: &str = "2026-12-01T22:00:00Z";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(NOW.parse::<Timestamp>().unwrap().as_second() + second).unwrap()
    }

    /// Batches 0 to 2 in Guadeloupe, of which 1,100 recipients are released, and batch 3 in Paris, all released.
    fn runs(done_batches: u32) -> [Run; 2] {
        let run = Run {
            territory: Territory::Guadeloupe,
            first: 0,
            recipients: 1_500,
            first_batch: 0,
            released: 1_100,
            done_batches,
        };
        let paris = Run {
            territory: Territory::Metropolitan,
            first: 1_500,
            recipients: 90,
            first_batch: 3,
            released: 90,
            done_batches: 0,
        };
        [run, paris]
    }

    fn shown(number: u32, sent: u32, lease_second: Option<i64>) -> OpenBatch {
        OpenBatch { number, sent, lease_until: lease_second.map_or(Timestamp::UNIX_EPOCH, at) }
    }

    #[track_caller]
    fn check(kind: Kind, done_batches: u32, shown: &[OpenBatch], expected: &Unsent) {
        let account = Account::new("acc_00000000000000000001".parse().unwrap(), at(0));
        let window = LegalWindow::new(&account, kind, at(0));
        assert_eq!(&Unsent::find(&runs(done_batches), shown, &window), expected);
    }

    #[test]
    fn what_is_released_is_idle_at_work_lapsed_or_waits_for_its_window() {
        let account = Account::new("acc_00000000000000000001".parse().unwrap(), at(0));
        let opening = Some(account.next_opening(at(0), Territory::Metropolitan));
        let nothing_shown = Unsent { messages: 1_100, idle: vec![0, 1, 2], opening, ..Unsent::default() };
        check(Kind::Marketing, 0, &[], &nothing_shown);
        check(Kind::Alert, 0, &[], &Unsent { messages: 1_190, idle: vec![0, 1, 2, 3], ..Unsent::default() });
        // The first is leased for 30 s, the second's lease expired, all released messages of the third are sent.
        let shown_all = [shown(0, 0, Some(30)), shown(1, 200, Some(-1)), shown(2, 100, None)];
        let expected =
            Unsent { messages: 800, lapsed: vec![1], lease_until: Some(at(30)), opening, ..Unsent::default() };
        check(Kind::Marketing, 0, &shown_all, &expected);
        // A batch noted as done is skipped, whatever the index says.
        let expected = Unsent { messages: 600, idle: vec![1, 2], opening, ..Unsent::default() };
        check(Kind::Marketing, 1, &[shown(0, 0, None)], &expected);
        // Leased although its window has closed: its sender checks that itself.
        let at_work = [shown(0, 500, None), shown(1, 500, None), shown(2, 100, None), shown(3, 10, Some(9))];
        let expected = Unsent { messages: 80, lease_until: Some(at(9)), ..Unsent::default() };
        check(Kind::Marketing, 0, &at_work, &expected);
    }

    #[test]
    fn the_first_lease_counts() {
        let both = [shown(0, 0, Some(30)), shown(1, 0, Some(20)), shown(2, 100, None), shown(3, 90, None)];
        let expected = Unsent { messages: 1_000, lease_until: Some(at(20)), ..Unsent::default() };
        check(Kind::Marketing, 0, &both, &expected);
    }

    #[test]
    fn it_waits_while_a_batch_is_leased_or_nothing_can_be_done() {
        let (none, at_work, idle) = (
            Unsent::default(),
            Unsent { lease_until: Some(at(9)), idle: vec![1], ..Unsent::default() },
            Unsent { idle: vec![1], ..Unsent::default() },
        );
        let lapsed = Unsent { lapsed: vec![1], ..Unsent::default() };
        let table = [(&none, true, false), (&at_work, true, true), (&idle, false, true), (&lapsed, false, true)];
        for (unsent, is_waiting, is_moving) in table {
            assert_eq!((unsent.is_waiting(), unsent.is_moving()), (is_waiting, is_moving), "{unsent:?}");
        }
    }
}
