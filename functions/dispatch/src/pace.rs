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
        let recipients = campaign.audience.as_ref().map_or(0.0, |audience| f64::from(audience.recipients));
        let per_second = (recipients / seconds * UNITS_PER_MESSAGE).clamp(SLOWEST, FASTEST);
        Self { clock, per_second, bucket: Mutex::new((BURST_UNITS, now)) }
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
