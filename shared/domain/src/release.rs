//! Which recipients may be handed over now. The pace, the legal window and the carrier's rate decide, some seconds
//! ahead at a time.

use super::territory::Territory;

/// Most recipients of one batch: its ledger is one item, its messages one call to a bulk carrier.
pub const BATCH_RECIPIENTS: u32 = 500;
/// Messages of one grant of the pace, where its time is within the limits below.
const GRANT_MESSAGES: u32 = 50;
const INTERVAL_SECONDS_MIN: i64 = 6;
const INTERVAL_SECONDS_MAX: i64 = 60;
/// Longest delay that a late grant makes up for, in seconds: one missed tick of dispatch.
const LATE_SECONDS_MAX: i64 = 60;
/// Slowest and fastest pace that may be chosen, in SMS per hour.
pub const PACE_PER_HOUR: std::ops::RangeInclusive<u32> = 1..=3_600_000;

/// A part of the audience in one territory. Batches never mix territories, so that a window opens for whole batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub territory: Territory,
    /// Index of its first recipient in the audience.
    pub first: u32,
    pub recipients: u32,
    /// Number of its first batch.
    pub first_batch: u32,
    /// How many of its recipients, from the first on, may be handed over.
    pub released: u32,
    /// How many of its batches, from the first on, have nothing left to send and are not read again.
    pub done_batches: u32,
}

impl Run {
    /// Numbers of the batches that are released at least in part and not noted as done.
    pub fn open_batches(&self) -> std::ops::Range<u32> {
        self.first_batch + self.done_batches..self.first_batch + self.released.div_ceil(BATCH_RECIPIENTS)
    }

    /// Whether all of its batches are done.
    pub fn is_done(&self) -> bool {
        self.done_batches == self.batches()
    }

    pub fn batches(&self) -> u32 {
        self.recipients.div_ceil(BATCH_RECIPIENTS)
    }

    fn waiting(&self) -> u32 {
        self.recipients - self.released
    }

    /// Numbers of the batches that contain the recipients `from..to` of this run.
    fn batches_of(&self, from: u32, to: u32) -> std::ops::Range<u32> {
        self.first_batch + from / BATCH_RECIPIENTS..self.first_batch + to.div_ceil(BATCH_RECIPIENTS)
    }
}

/// The position of a batch in the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSlice {
    pub territory: Territory,
    /// Index of its first recipient in the audience.
    pub first: u32,
    pub recipients: u32,
    /// How many of them may be handed over.
    pub released: u32,
}

/// The position of batch `number`.
pub fn batch_slice(runs: &[Run], number: u32) -> Option<BatchSlice> {
    let run = runs.iter().find(|run| (run.first_batch..run.first_batch + run.batches()).contains(&number))?;
    let offset = (number - run.first_batch) * BATCH_RECIPIENTS;
    let recipients = (run.recipients - offset).min(BATCH_RECIPIENTS);
    let released = run.released.saturating_sub(offset).min(recipients);
    Some(BatchSlice { territory: run.territory, first: run.first + offset, recipients, released })
}

/// Notes the batches at the beginning of each run that have nothing left to send. This is never undone.
pub fn note_done(runs: &mut [Run], is_done: impl Fn(u32) -> bool) {
    for run in runs {
        while is_done(run.first_batch + run.done_batches) && !run.is_done() {
            run.done_batches += 1;
        }
    }
}

/// The batch that contains the recipient with this index.
pub fn batch_of(runs: &[Run], index: u32) -> Option<u32> {
    let run = runs.iter().find(|run| (run.first..run.first + run.recipients).contains(&index))?;
    Some(run.first_batch + (index - run.first) / BATCH_RECIPIENTS)
}

/// The pace of a campaign and until when it is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pacing {
    /// SMS per hour; `None` means as fast as the carrier takes them.
    pub per_hour: Option<u32>,
    /// Until when the pace has been granted. Time in a pause or outside the window is not saved up.
    pub granted_until: Option<jiff::Timestamp>,
}

impl Pacing {
    pub fn new(per_hour: Option<u32>) -> Self {
        Self { per_hour, granted_until: None }
    }

    /// Seconds between two grants: the time of some messages, so that a fast pace flows evenly and a slow one costs
    /// little.
    pub fn interval_seconds(&self) -> i64 {
        let Some(per_hour) = self.per_hour else { return INTERVAL_SECONDS_MAX };
        let seconds = i64::from(GRANT_MESSAGES) * 3_600 / i64::from(per_hour.max(1));
        seconds.clamp(INTERVAL_SECONDS_MIN, INTERVAL_SECONDS_MAX)
    }

    /// The pacing with another pace. Granted messages that were not sent yet take their time at the new pace: an hour
    /// of a slow pace is not waited for, and repeated changes do not let more out.
    #[must_use]
    pub fn at_pace(self, per_hour: Option<u32>, now: jiff::Timestamp) -> Self {
        let ahead_ms = self.granted_until.map_or(0, |until| until.as_millisecond() - now.as_millisecond()).max(0);
        let granted_until = match (self.per_hour, per_hour) {
            (Some(before), Some(after)) if ahead_ms > 0 => {
                let ms = i128::from(ahead_ms) * i128::from(before) / i128::from(after.max(1));
                Some(after_ms(now, i64::try_from(ms).unwrap_or(i64::MAX)))
            }
            (Some(_), Some(_)) | (None, _) | (_, None) => None,
        };
        Self { per_hour, granted_until }
    }

    /// The pacing after a time without sending: unused time is lost.
    #[must_use]
    pub fn after_rest(self, now: jiff::Timestamp) -> Self {
        Self { granted_until: self.granted_until.map(|until| until.max(now)), ..self }
    }

    /// How many may be sent until the next grant, and the pacing if all of them are. A late grant makes up for the
    /// delay, up to [`LATE_SECONDS_MAX`].
    fn grant(self, waiting: u32, now: jiff::Timestamp) -> (u32, Self) {
        let Some(per_hour) = self.per_hour else { return (waiting, self) };
        let from = self.granted_until.map_or(now, |until| until.max(after_ms(now, -LATE_SECONDS_MAX * 1_000)));
        let until = after_ms(now, self.interval_seconds() * 1_000);
        let span_ms = u64::try_from(until.as_millisecond() - from.as_millisecond()).unwrap_or(0);
        // Rounded up, so that a pace below one message per grant still advances; the time it takes is granted too.
        let due = (span_ms * u64::from(per_hour)).div_ceil(3_600_000);
        let granted = u32::try_from(due).unwrap_or(u32::MAX).min(waiting);
        let used_ms = i64::try_from(u64::from(granted) * 3_600_000 / u64::from(per_hour.max(1))).unwrap_or(i64::MAX);
        (granted, Self { granted_until: Some(after_ms(from, used_ms)), ..self })
    }
}

fn after_ms(at: jiff::Timestamp, ms: i64) -> jiff::Timestamp {
    at.checked_add(jiff::SignedDuration::from_millis(ms)).unwrap_or(at)
}

/// Releases what the pace allows until the next grant, at most `limit`, in territories whose window is open, and
/// returns the numbers of the batches affected.
pub fn release(
    runs: &mut [Run],
    pacing: &mut Pacing,
    limit: u32,
    now: jiff::Timestamp,
    is_open: impl Fn(Territory) -> bool,
) -> Vec<u32> {
    let open = |run: &Run| run.waiting() > 0 && is_open(run.territory);
    let waiting: u32 = runs.iter().filter(|run| open(run)).map(Run::waiting).sum();
    if waiting.min(limit) == 0 {
        *pacing = pacing.after_rest(now);
        return Vec::new();
    }
    let (mut granted, after) = pacing.grant(waiting.min(limit), now);
    *pacing = after;
    let mut touched = Vec::new();
    for run in runs.iter_mut().filter(|run| open(run)) {
        let take = run.waiting().min(granted);
        if take > 0 {
            touched.extend(run.batches_of(run.released, run.released + take));
            run.released += take;
            granted -= take;
        }
    }
    touched
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn runs(sizes: &[u32]) -> Vec<Run> {
        let (mut first, mut first_batch) = (0, 0);
        let mut runs = Vec::new();
        for recipients in sizes {
            let run = Run {
                territory: Territory::Metropolitan,
                first,
                recipients: *recipients,
                first_batch,
                released: 0,
                done_batches: 0,
            };
            first += recipients;
            first_batch += run.batches();
            runs.push(run);
        }
        runs
    }

    #[test]
    fn without_a_pace_everything_goes_at_once() {
        let mut runs = runs(&[1_200, 10]);
        let touched = release(&mut runs, &mut Pacing::default(), u32::MAX, at(0), |_| true);
        assert_eq!(touched, [0, 1, 2, 3]);
        assert!(runs.iter().all(|run| run.released == run.recipients));
    }

    fn paced(per_hour: u32) -> Pacing {
        Pacing::new(Some(per_hour))
    }

    /// The number released in total after each check, for a pace that is checked at these seconds.
    fn released(pacing: &mut Pacing, looks: impl Iterator<Item = i64>) -> Vec<u32> {
        let mut runs = runs(&[10_000_000]);
        let mut look = |second| {
            release(&mut runs, pacing, u32::MAX, at(second), |_| true);
            runs[0].released
        };
        looks.map(&mut look).collect()
    }

    #[test]
    fn a_pace_is_granted_from_one_check_to_the_next() {
        assert_eq!(released(&mut paced(6_000), [0, 0, 30, 30, 60, 90].into_iter()), [50, 50, 100, 100, 150, 200]);
        assert_eq!(paced(60_000).interval_seconds(), 6);
        assert_eq!(paced(1).interval_seconds(), 60);
    }

    #[test]
    fn ten_minutes_at_any_pace_release_ten_minutes_of_messages() {
        for per_hour in [600, 6_000, 12_000, 60_000, 61_234, 3_600_000] {
            let mut pacing = paced(per_hour);
            let interval = pacing.interval_seconds();
            let out = *released(&mut pacing, (0..600).step_by(interval as usize)).last().unwrap();
            let wanted = per_hour / 6;
            assert!(out.abs_diff(wanted) <= (wanted / 50).max(10), "{out} of {wanted} at {per_hour}");
        }
    }

    #[test]
    fn a_late_check_makes_up_for_the_delay() {
        // One check a minute, as with the schedule alone, gives as much as one every six seconds.
        assert_eq!(released(&mut paced(60_000), [0, 60, 120, 180].into_iter()), [100, 1_100, 2_100, 3_100]);
    }

    #[test]
    fn time_in_pause_is_not_made_up_for() {
        // Except for one late check's.
        assert_eq!(released(&mut paced(6_000), [0, 36_000].into_iter()), [50, 200]);
        let mut pacing = paced(6_000);
        let mut runs = runs(&[1_200]);
        for (second, is_open) in [(0, true), (60, false), (36_000, false), (36_001, true)] {
            release(&mut runs, &mut pacing, u32::MAX, at(second), |_| is_open);
        }
        assert_eq!(runs[0].released, 102);
    }

    #[test]
    fn a_slow_pace_that_is_made_fast_goes_on_at_once() {
        let mut runs = runs(&[100_000]);
        let mut pacing = paced(1);
        release(&mut runs, &mut pacing, u32::MAX, at(0), |_| true);
        pacing = pacing.at_pace(Some(10_000), at(1));
        release(&mut runs, &mut pacing, u32::MAX, at(2), |_| true);
        assert!((48..=54).contains(&runs[0].released), "{} released", runs[0].released);
    }

    #[test]
    fn setting_the_same_pace_repeatedly_releases_nothing_more() {
        let mut runs = runs(&[100_000]);
        let mut pacing = paced(600);
        for _ in 0..20 {
            release(&mut runs, &mut pacing, u32::MAX, at(0), |_| true);
            pacing = pacing.at_pace(Some(600), at(0));
        }
        assert_eq!(runs[0].released, 10);
    }

    #[test]
    fn a_release_stops_at_the_limit_and_the_pace_keeps_the_rest() {
        let mut runs = runs(&[1_200]);
        let mut pacing = paced(6_000);
        release(&mut runs, &mut pacing, 20, at(0), |_| true);
        assert_eq!(runs[0].released, 20);
        release(&mut runs, &mut pacing, 500, at(0), |_| true);
        assert_eq!(runs[0].released, 50);
    }

    #[test]
    fn a_closed_territory_waits_and_the_others_go() {
        let mut runs = runs(&[100, 100]);
        runs[1].territory = Territory::Reunion;
        let touched = release(&mut runs, &mut Pacing::default(), u32::MAX, at(0), |t| t == Territory::Reunion);
        assert_eq!((runs[0].released, runs[1].released, touched), (0, 100, vec![1]));
    }

    #[test]
    fn batches_are_noted_as_done_from_the_head_of_each_run_on() {
        let mut runs = runs(&[1_200, 600]);
        // Of the first run batches 0 and 2, and both of the second.
        note_done(&mut runs, |batch| [0, 2, 3, 4].contains(&batch));
        assert_eq!([runs[0].done_batches, runs[1].done_batches], [1, 2]);
        assert_eq!((runs[0].is_done(), runs[1].is_done()), (false, true));
        note_done(&mut runs, |batch| [1, 2, 5].contains(&batch));
        assert_eq!([runs[0].done_batches, runs[1].done_batches], [3, 2]);
    }

    #[test]
    fn every_recipient_is_in_the_batch_found_for_its_index() {
        let mut runs = runs(&[1_200, 1, 500, 501]);
        release(&mut runs, &mut Pacing::default(), u32::MAX, at(0), |_| true);
        for index in 0..2_202 {
            let slice = batch_slice(&runs, batch_of(&runs, index).unwrap()).unwrap();
            assert!((slice.first..slice.first + slice.recipients).contains(&index));
            assert_eq!(slice.released, slice.recipients);
        }
        assert_eq!(batch_of(&runs, 2_202), None);
        assert_eq!(batch_slice(&runs, 7), None);
    }

    proptest! {
        #[test]
        fn the_pace_is_kept_over_any_ticks(per_hour in 1u32..100_000, steps in proptest::collection::vec(1i64..200, 1..60)) {
            let mut runs = runs(&[10_000_000]);
            let mut pacing = Pacing { per_hour: Some(per_hour), granted_until: None };
            let mut second = 0;
            for step in steps {
                release(&mut runs, &mut pacing, u32::MAX, at(second), |_| true);
                let ceiling = (second as u64 + 60) * u64::from(per_hour) / 3_600 + 2;
                prop_assert!(u64::from(runs[0].released) <= ceiling, "{} released, {} allowed", runs[0].released, ceiling);
                second += step;
            }
        }
    }
}
