//! Campaign events that webhooks still have to be sent. They are written together with the change itself, so that a
//! crash in between loses none.

use jiff::Timestamp;

use super::status::PauseReason;

/// Most announcements that one campaign holds. Beyond that (pausing and resuming faster than dispatch runs) the oldest
/// are lost.
const WAITING_MAX: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    pub moment: Moment,
    /// To the millisecond, as stored: event ids are derived from it.
    pub at: Timestamp,
}

/// Events in the life of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Started,
    Paused(PauseReason),
    Finished,
}

/// Announcements that wait, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox(Vec<Announcement>);

impl Outbox {
    pub fn new(waiting: Vec<Announcement>) -> Self {
        Self(waiting)
    }

    pub fn add(&mut self, moment: Moment, now: Timestamp) {
        let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        self.0.push(Announcement { moment, at });
        let surplus = self.0.len().saturating_sub(WAITING_MAX);
        self.0.drain(..surplus);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn waiting(&self) -> &[Announcement] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outbox_keeps_the_newest() {
        let mut outbox = Outbox::default();
        for second in 0..30 {
            outbox.add(Moment::Started, Timestamp::from_second(second).unwrap());
        }
        let seconds: Vec<_> = outbox.waiting().iter().map(|one| one.at.as_second()).collect();
        assert_eq!(seconds, (10..30).collect::<Vec<_>>());
    }
}
