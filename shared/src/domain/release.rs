//! Which recipients may be handed over now: the pace and the legal window decide, a minute ahead at a time.

use super::territory::Territory;

/// Recipients of one batch at most: its ledger is one item, its messages one call to a bulk carrier.
pub const BATCH_RECIPIENTS: u32 = 500;
/// How far ahead one release reaches, in seconds: until the next tick.
pub const HORIZON_SECONDS: i64 = 60;
/// Slowest and fastest pace that can be asked for, in SMS per hour.
pub const PACE_PER_HOUR: std::ops::RangeInclusive<u32> = 1..=3_600_000;

/// A stretch of the audience in one territory. Batches never mix territories, so that a window opens for whole batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub territory: Territory,
    /// Index of its first recipient in the audience.
    pub first: u32,
    pub recipients: u32,
    /// Number of its first batch.
    pub first_batch: u32,
    /// How many of its recipients may be handed over already, from the first on.
    pub released: u32,
}

impl Run {
    pub fn batches(&self) -> u32 {
        self.recipients.div_ceil(BATCH_RECIPIENTS)
    }

    fn waiting(&self) -> u32 {
        self.recipients - self.released
    }

    /// Numbers of the batches that hold the recipients `from..to` of this run.
    fn batches_of(&self, from: u32, to: u32) -> std::ops::Range<u32> {
        self.first_batch + from / BATCH_RECIPIENTS..self.first_batch + to.div_ceil(BATCH_RECIPIENTS)
    }
}

/// Where a batch lies in the audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub territory: Territory,
    /// Index of its first recipient in the audience.
    pub first: u32,
    pub recipients: u32,
    /// How many of them may be handed over already.
    pub released: u32,
}

/// Where batch `number` lies.
pub fn place(runs: &[Run], number: u32) -> Option<Place> {
    let run = runs.iter().find(|run| (run.first_batch..run.first_batch + run.batches()).contains(&number))?;
    let offset = (number - run.first_batch) * BATCH_RECIPIENTS;
    let recipients = (run.recipients - offset).min(BATCH_RECIPIENTS);
    let released = run.released.saturating_sub(offset).min(recipients);
    Some(Place { territory: run.territory, first: run.first + offset, recipients, released })
}

/// The batch that holds the recipient with this index.
pub fn batch_of(runs: &[Run], index: u32) -> Option<u32> {
    let run = runs.iter().find(|run| (run.first..run.first + run.recipients).contains(&index))?;
    Some(run.first_batch + (index - run.first) / BATCH_RECIPIENTS)
}

/// The pace of a campaign and how far its time is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pacing {
    /// SMS per hour; `None` is as fast as the carrier takes them.
    pub per_hour: Option<u32>,
    /// Until when the pace has been handed out. A pause or a closed window does not save up.
    pub granted_until: Option<jiff::Timestamp>,
}

impl Pacing {
    /// How many may go out until the horizon, and the pacing afterwards if all of them do.
    fn grant(self, waiting: u32, now: jiff::Timestamp) -> (u32, Self) {
        let Some(per_hour) = self.per_hour else { return (waiting, self) };
        let from = self.granted_until.map_or(now, |until| until.max(now));
        let until_ms = now.as_millisecond() + HORIZON_SECONDS * 1_000;
        let span_ms = u64::try_from(until_ms - from.as_millisecond()).unwrap_or(0);
        // Rounded up, so that a pace below one a minute still advances; the time it takes is granted whole.
        let due = (span_ms * u64::from(per_hour)).div_ceil(3_600_000);
        let granted = u32::try_from(due).unwrap_or(u32::MAX).min(waiting);
        let used_ms = i64::try_from(u64::from(granted) * 3_600_000 / u64::from(per_hour.max(1))).unwrap_or(i64::MAX);
        let until = jiff::Timestamp::from_millisecond(from.as_millisecond().saturating_add(used_ms)).unwrap_or(now);
        (granted, Self { granted_until: Some(until), ..self })
    }
}

/// Releases what the pace allows until the horizon, in the territories whose window is open, and answers the numbers
/// of the batches that it touched.
pub fn release(
    runs: &mut [Run],
    pacing: &mut Pacing,
    now: jiff::Timestamp,
    is_open: impl Fn(Territory) -> bool,
) -> Vec<u32> {
    let open = |run: &Run| run.waiting() > 0 && is_open(run.territory);
    let waiting = runs.iter().filter(|run| open(run)).map(Run::waiting).sum();
    if waiting == 0 {
        return Vec::new();
    }
    let (mut granted, after) = pacing.grant(waiting, now);
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
            let run =
                Run { territory: Territory::Metropolitan, first, recipients: *recipients, first_batch, released: 0 };
            first += recipients;
            first_batch += run.batches();
            runs.push(run);
        }
        runs
    }

    #[test]
    fn without_a_pace_everything_goes_at_once() {
        let mut runs = runs(&[1_200, 10]);
        let touched = release(&mut runs, &mut Pacing::default(), at(0), |_| true);
        assert_eq!(touched, [0, 1, 2, 3]);
        assert!(runs.iter().all(|run| run.released == run.recipients));
    }

    #[test]
    fn a_pace_of_6000_an_hour_lets_100_a_minute_out() {
        let mut runs = runs(&[1_200]);
        let mut pacing = Pacing { per_hour: Some(6_000), granted_until: None };
        for minute in 0..12 {
            release(&mut runs, &mut pacing, at(minute * 60), |_| true);
            // A second look in the same minute releases nothing more.
            release(&mut runs, &mut pacing, at(minute * 60), |_| true);
            assert_eq!(runs[0].released, 100 * (minute as u32 + 1));
        }
    }

    #[test]
    fn time_in_pause_is_not_made_up_for() {
        let mut runs = runs(&[1_200]);
        let mut pacing = Pacing { per_hour: Some(6_000), granted_until: None };
        release(&mut runs, &mut pacing, at(0), |_| true);
        release(&mut runs, &mut pacing, at(36_000), |_| true);
        assert_eq!(runs[0].released, 200);
    }

    #[test]
    fn a_closed_territory_waits_and_the_others_go() {
        let mut runs = runs(&[100, 100]);
        runs[1].territory = Territory::Reunion;
        let touched = release(&mut runs, &mut Pacing::default(), at(0), |t| t == Territory::Reunion);
        assert_eq!((runs[0].released, runs[1].released, touched), (0, 100, vec![1]));
    }

    #[test]
    fn every_recipient_lies_in_the_batch_that_places_it() {
        let mut runs = runs(&[1_200, 1, 500, 501]);
        release(&mut runs, &mut Pacing::default(), at(0), |_| true);
        for index in 0..2_202 {
            let place = place(&runs, batch_of(&runs, index).unwrap()).unwrap();
            assert!((place.first..place.first + place.recipients).contains(&index));
            assert_eq!(place.released, place.recipients);
        }
        assert_eq!(batch_of(&runs, 2_202), None);
        assert_eq!(place(&runs, 7), None);
    }

    proptest! {
        #[test]
        fn the_pace_is_kept_over_any_ticks(per_hour in 1u32..100_000, steps in proptest::collection::vec(1i64..200, 1..60)) {
            let mut runs = runs(&[10_000_000]);
            let mut pacing = Pacing { per_hour: Some(per_hour), granted_until: None };
            let mut second = 0;
            for step in steps {
                release(&mut runs, &mut pacing, at(second), |_| true);
                let ceiling = (second as u64 + 60) * u64::from(per_hour) / 3_600 + 2;
                prop_assert!(u64::from(runs[0].released) <= ceiling, "{} released, {} allowed", runs[0].released, ceiling);
                second += step;
            }
        }
    }
}
