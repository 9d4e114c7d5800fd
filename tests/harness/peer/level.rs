//! How much of a carrier's limit is used.

use jiff::Timestamp;

use super::conduct::Limit;

/// Messages that count against the limit now.
#[derive(Default)]
pub struct Level {
    since: Option<Timestamp>,
    used: f64,
}

impl Level {
    /// How many messages the limit allows now.
    pub fn allowance(&mut self, limit: Option<Limit>, now: Timestamp) -> usize {
        let Some(limit) = limit else { return usize::MAX };
        let since = self.since.replace(now).unwrap_or(now);
        let most = match limit {
            Limit::Bucket { per_second, burst } => {
                let drained = now.duration_since(since).as_secs_f64() * f64::from(per_second);
                self.used = (self.used - drained).max(0.0);
                burst
            }
            Limit::Window { messages, seconds } => {
                let window = |at: Timestamp| at.as_second() / i64::from(seconds);
                if window(since) != window(now) {
                    self.used = 0.0;
                }
                messages
            }
        };
        // Slightly more, so that rounding does not lose what has just drained exactly.
        (f64::from(most) - self.used + 1e-6).max(0.0) as usize
    }

    /// Counts accepted messages.
    pub fn add(&mut self, messages: usize) {
        self.used += messages as f64;
    }
}
