//! What happened to a campaign and its account's webhooks are still to be told: written together with what happened, so
//! that no crash in between can lose it.

use jiff::Timestamp;

use super::status::PauseReason;

/// Announcements that wait in one campaign at most. Whoever pauses and resumes faster than dispatch looks loses the
/// oldest.
const WAITING_MAX: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    pub moment: Moment,
    /// To the millisecond, as it is stored: event ids are made of it.
    pub at: Timestamp,
}

/// Turns in the life of a campaign.
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
