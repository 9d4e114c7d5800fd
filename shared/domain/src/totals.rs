//! The few figures of a campaign that tables show and periods add up. Pure.

use super::tally::Tally;

/// The figures of a campaign, or of several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub recipients: u64,
    pub handed_over: u64,
    pub delivered: u64,
    /// Failed, expired and rejected.
    pub failed: u64,
    /// By people.
    pub clicks: u64,
    pub stops: u64,
}

impl Totals {
    pub fn new(tally: &Tally) -> Self {
        Self {
            recipients: tally.recipients.into(),
            handed_over: tally.handed_over.into(),
            delivered: tally.delivered.into(),
            failed: u64::from(tally.failed) + u64::from(tally.expired) + u64::from(tally.rejected),
            clicks: tally.human_clicks.into(),
            stops: tally.stops.into(),
        }
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.recipients += other.recipients;
        self.handed_over += other.handed_over;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.clicks += other.clicks;
        self.stops += other.stops;
    }
}
