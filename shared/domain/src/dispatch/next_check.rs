//! When a campaign is checked again.

use jiff::Timestamp;

use super::Unsent;
use crate::legal_window::LegalWindow;
use crate::release::{Pacing, Run};

/// Longest time between two checks of a campaign that may be done at any moment, in seconds.
const CHECK_SECONDS_MAX: i64 = 30;
/// Longest time between two checks while a window is closed, in seconds.
const WINDOW_CHECK_SECONDS_MAX: i64 = 3_600;
/// Shortest time between two checks, in seconds.
const POLL_SECONDS_MIN: i64 = 2;

/// Seconds until the next check of work that may end at any moment: a quarter of its age, so checks become rarer as it
/// gets older.
pub fn poll_interval_seconds(since: Timestamp, now: Timestamp, longest: i64) -> i64 {
    (now.duration_since(since).as_secs() / 4).clamp(POLL_SECONDS_MIN, longest)
}

/// A sending campaign after its check.
#[derive(Debug)]
pub struct Sending<'a> {
    pub started_at: Option<Timestamp>,
    pub pacing: Pacing,
    pub runs: &'a [Run],
    pub unsent: &'a Unsent,
    pub window: LegalWindow<'a>,
    /// Seconds after which the carrier may take more, if it limits the campaign.
    pub held_back_seconds: Option<i64>,
}

impl Sending<'_> {
    /// Seconds until it needs its next check.
    pub fn next_check_seconds(&self) -> i64 {
        let now = self.window.now();
        let waiting = self.runs.iter().filter(|run| run.released < run.recipients);
        let openings = waiting.map(|run| self.window.next_opening(run.territory));
        let held_back = self.held_back_seconds.unwrap_or(i64::MAX);
        // A batch whose lease expires is picked up again at once.
        let lapse = self.unsent.lease_until.map_or(i64::MAX, |until| until.duration_since(now).as_secs() + 1).max(1);
        match openings.chain(self.unsent.opening).min() {
            // Nothing can happen before a window opens, unless an account widens it and the wake-up for dispatch is
            // lost.
            Some(at) if at > now && !self.unsent.is_moving() => {
                at.duration_since(now).as_secs().clamp(1, WINDOW_CHECK_SECONDS_MAX)
            }
            // The pace or the carrier allows more.
            Some(at) if at <= now => self.pacing.interval_seconds().min(held_back).min(lapse),
            Some(_) | None => {
                let poll = poll_interval_seconds(self.started_at.unwrap_or(now), now, CHECK_SECONDS_MAX);
                poll.min(lapse).min(held_back)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::status::Kind;
    use crate::territory::Territory;

    /// A Tuesday, 18:00 in Guadeloupe (open for two more hours) and 23:00 in Paris (opens in nine hours).
    const NOW: &str = "2026-12-01T22:00:00Z";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(NOW.parse::<Timestamp>().unwrap().as_second() + second).unwrap()
    }

    fn run(territory: Territory, released: u32) -> Run {
        Run { territory, first: 0, recipients: 100, first_batch: 0, released, done_batches: 0 }
    }

    #[test]
    fn work_that_may_end_at_any_moment_is_polled_more_and_more_rarely() {
        let table = [(0, 2), (8, 2), (12, 3), (100, 25), (120, 30), (1_000, 30), (-5, 2)];
        for (age, expected) in table {
            assert_eq!(poll_interval_seconds(at(-age), at(0), 30), expected, "{age}");
        }
    }

    #[test]
    fn a_campaign_is_checked_when_the_first_thing_can_happen() {
        let account = Account::new("acc_00000000000000000001".parse().unwrap(), at(0));
        let (open, closed, sent) =
            (run(Territory::Guadeloupe, 40), run(Territory::Metropolitan, 40), run(Territory::Guadeloupe, 100));
        let idle = || Unsent { messages: 1, idle: vec![0], ..Unsent::default() };
        let leased = |second| Unsent { messages: 1, lease_until: Some(at(second)), ..Unsent::default() };
        let closing_in = |second| Unsent { opening: Some(at(second)), ..Unsent::default() };
        // The run, what of it is unsent, SMS per hour, seconds until the carrier takes more, age of the campaign.
        let table = [
            ("the pace grants more", &open, Unsent::default(), Some(6_000), None, 1_000, 30),
            ("the carrier takes more", &open, Unsent::default(), Some(6_000), Some(5), 1_000, 5),
            ("no pace", &open, Unsent::default(), None, None, 1_000, 60),
            ("a lease ends before the pace grants more", &open, leased(9), Some(6_000), None, 1_000, 10),
            ("a lease that ends now", &open, leased(0), Some(6_000), None, 1_000, 1),
            ("a window is closed for hours", &closed, Unsent::default(), Some(6_000), None, 1_000, 3_600),
            ("a window opens soon", &sent, closing_in(90), None, None, 1_000, 90),
            (
                "a window opens soon and a batch is idle",
                &sent,
                Unsent { opening: Some(at(90)), ..idle() },
                None,
                None,
                1_000,
                30,
            ),
            ("the rest is being sent", &sent, idle(), None, None, 60, 15),
            ("the rest is being sent under a lease", &sent, leased(5), None, None, 60, 6),
            ("the rest is being sent, long ago", &sent, idle(), None, None, 7_200, 30),
            ("everything is released and the carrier is slow", &sent, idle(), None, Some(4), 7_200, 4),
            ("nothing is left", &sent, Unsent::default(), None, None, 4, 2),
        ];
        for (case, run, unsent, per_hour, held_back_seconds, age, expected) in table {
            let sending = Sending {
                started_at: Some(at(-age)),
                pacing: Pacing::new(per_hour),
                runs: std::slice::from_ref(run),
                unsent: &unsent,
                window: LegalWindow::new(&account, Kind::Marketing, at(0)),
                held_back_seconds,
            };
            assert_eq!(sending.next_check_seconds(), expected, "{case}");
        }
    }
}
