//! What of a campaign was released and is not sent yet.

use aws::store::BatchTally;
use domain::campaign::Audience;
use domain::release::{Run, place};
use jiff::Timestamp;

use crate::advance::Window;

/// What was released and not sent yet.
#[derive(Default)]
pub struct Unsent {
    /// Recipients of all of these batches together.
    pub messages: u32,
    /// Nobody works on these, and their window is open.
    pub idle: Vec<u32>,
    /// Somebody did and never came back.
    pub lapsed: Vec<u32>,
    /// When the first lease of those at work ends.
    pub lease_until: Option<Timestamp>,
    /// When the first window opens that others wait for.
    pub opening: Option<Timestamp>,
}

impl Unsent {
    pub fn find(audience: &Audience, tallies: &[BatchTally], window: &Window<'_>) -> Self {
        let mut unsent = Self::default();
        let nobody = Timestamp::UNIX_EPOCH;
        for number in audience.runs.iter().flat_map(Run::open_batches) {
            let Some(place) = place(&audience.runs, number) else { continue };
            // A batch that the index does not show yet is still to be sent, and nobody works on it.
            let shown = tallies.iter().find(|batch| batch.number == number);
            let sent = shown.map_or(0, |batch| batch.tally.recipients - batch.tally.to_send);
            let lease_until = shown.map_or(nobody, |batch| batch.lease_until);
            if place.released <= sent {
                continue;
            }
            if lease_until > window.now {
                unsent.lease_until = earlier(unsent.lease_until, lease_until);
            } else if !window.is_open(place.territory) {
                unsent.opening = earlier(unsent.opening, window.next_opening(place.territory));
                continue;
            } else if lease_until > nobody {
                unsent.lapsed.push(number);
            } else {
                unsent.idle.push(number);
            }
            unsent.messages += place.released - sent;
        }
        unsent
    }

    /// Nothing has to happen before a lease ends, a window opens or more is released.
    pub fn is_waiting(&self) -> bool {
        self.lease_until.is_some() || self.idle.is_empty() && self.lapsed.is_empty()
    }

    /// Something may still happen to what was released, without a window opening first.
    pub fn is_moving(&self) -> bool {
        self.lease_until.is_some() || !self.idle.is_empty() || !self.lapsed.is_empty()
    }
}

fn earlier(a: Option<Timestamp>, b: Timestamp) -> Option<Timestamp> {
    Some(a.map_or(b, |a| a.min(b)))
}
