//! How fast a fold may write: one partition of a table takes 1,000 units a second, and `send` writes there too.

use std::sync::Mutex;
use std::time::Duration;

use domain::campaign::Campaign;
use jiff::Timestamp;
use support::Clock;

/// Units that may be written at once.
const BURST_UNITS: f64 = 100.0;
/// Units a second at least, and at most.
const SLOWEST: f64 = 150.0;
const FASTEST: f64 = 800.0;
/// Units a second for each message a second that the campaign was sent at. Recipients come 500 to a batch of some three
/// units, so a fold of everything takes at most a sixteenth as long as the sending.
const UNITS_PER_MESSAGE: f64 = 0.1;

/// Units a second for a campaign whose recipients were sent to in so many seconds.
fn units_per_second(recipients: u32, seconds: f64) -> f64 {
    (f64::from(recipients) / seconds * UNITS_PER_MESSAGE).clamp(SLOWEST, FASTEST)
}

/// A bucket of write units that fills with time.
pub struct Pace {
    clock: Clock,
    per_second: f64,
    bucket: Mutex<(f64, Timestamp)>,
}

impl Pace {
    /// The pace for a campaign's batches, by how fast it was sent.
    pub fn of_campaign(clock: Clock, campaign: &Campaign) -> Self {
        let now = clock.now();
        let until = campaign.handed_over_at.unwrap_or(now);
        let seconds = campaign.started_at.map_or(1.0, |start| until.duration_since(start).as_secs_f64().max(1.0));
        let recipients = campaign.audience.as_ref().map_or(0, |audience| audience.recipients);
        Self { clock, per_second: units_per_second(recipients, seconds), bucket: Mutex::new((BURST_UNITS, now)) }
    }

    /// Waits until so many units may be written.
    pub async fn take(&self, units: u32) {
        let wait = self.wait(f64::from(units));
        if !wait.is_zero() {
            self.clock.wait(wait).await;
        }
    }

    /// Takes units out of the bucket, on credit if need be, and answers how long the credit lasts.
    fn wait(&self, units: f64) -> Duration {
        let now = self.clock.now();
        let Ok(mut bucket) = self.bucket.lock() else { return Duration::ZERO };
        let (left, at) = *bucket;
        let filled = left + now.duration_since(at).as_secs_f64().max(0.0) * self.per_second;
        let left = filled.min(BURST_UNITS) - units;
        *bucket = (left, now);
        Duration::try_from_secs_f64((-left / self.per_second).max(0.0)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_is_as_fast_as_the_sending_was_within_what_a_table_takes() {
        let table = [
            (0, 1.0, 150.0),
            (500, 1.0, 150.0),
            (100_000, 50.0, 200.0),
            (1_000_000, 1_000.0, 150.0),
            (1_000_000, 100.0, 800.0),
        ];
        for (recipients, seconds, expected) in table {
            assert_eq!(units_per_second(recipients, seconds), expected, "{recipients} in {seconds} s");
        }
    }

    #[test]
    fn units_beyond_the_burst_are_waited_for_and_fill_up_again() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let pace = Pace { clock: clock.clone(), per_second: 200.0, bucket: Mutex::new((BURST_UNITS, clock.now())) };
        // Milliseconds that pass before, units that are taken, milliseconds that they are waited for.
        let table = [(0, 60.0, 0), (0, 40.0, 0), (0, 20.0, 100), (0, 20.0, 200), (200, 0.0, 0), (60_000, 110.0, 50)];
        for (passed_ms, units, expected_ms) in table {
            clock.advance(Duration::from_millis(passed_ms));
            assert_eq!(pace.wait(units), Duration::from_millis(expected_ms), "{passed_ms} {units}");
        }
    }
}
