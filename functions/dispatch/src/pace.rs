//! How fast a fold may write: a table partition takes 1,000 write units per second, and `send` writes there too.

use std::sync::Mutex;
use std::time::Duration;

use domain::campaign::Campaign;
use jiff::Timestamp;
use support::Clock;

/// Write units that may be used at once.
const BURST_UNITS: f64 = 100.0;
/// Lowest and highest rate, in write units per second.
const SLOWEST: f64 = 150.0;
const FASTEST: f64 = 800.0;
/// Write units per second for each message per second of the campaign's sending rate. A batch of 500 recipients takes
/// about three units, so a complete fold takes at most a sixteenth of the sending time.
const UNITS_PER_MESSAGE: f64 = 0.1;

/// Write units per second for a campaign whose recipients were sent to within this many seconds.
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
    /// The pace for a campaign's batches, from its sending rate.
    pub fn of_campaign(clock: Clock, campaign: &Campaign) -> Self {
        let now = clock.now();
        let until = campaign.handed_over_at.unwrap_or(now);
        let seconds = campaign.started_at.map_or(1.0, |start| until.duration_since(start).as_secs_f64().max(1.0));
        let recipients = campaign.audience.as_ref().map_or(0, |audience| audience.recipients);
        Self { clock, per_second: units_per_second(recipients, seconds), bucket: Mutex::new((BURST_UNITS, now)) }
    }

    /// Waits until this many units may be written.
    pub async fn take(&self, units: u32) {
        let wait = self.wait(f64::from(units));
        if !wait.is_zero() {
            self.clock.wait(wait).await;
        }
    }

    /// Takes units from the bucket, on credit if necessary, and returns how long the credit lasts.
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
    fn a_fold_follows_the_sending_rate_within_the_limits_of_a_table() {
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
    fn units_beyond_the_burst_wait_and_the_bucket_refills() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let pace = Pace { clock: clock.clone(), per_second: 200.0, bucket: Mutex::new((BURST_UNITS, clock.now())) };
        // Milliseconds passed before, units taken, milliseconds waited.
        let table = [(0, 60.0, 0), (0, 40.0, 0), (0, 20.0, 100), (0, 20.0, 200), (200, 0.0, 0), (60_000, 110.0, 50)];
        for (passed_ms, units, expected_ms) in table {
            clock.advance(Duration::from_millis(passed_ms));
            assert_eq!(pace.wait(units), Duration::from_millis(expected_ms), "{passed_ms} {units}");
        }
    }
}
