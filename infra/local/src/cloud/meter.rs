//! Read and write units as DynamoDB bills them: totals by table and index, and by partition key within one second,
//! because a partition takes 1,000 write units and 3,000 read units per second.
//!
//! Memory: one sum for each table and index, and the keys that were used within the current second.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use jiff::Timestamp;

/// What is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    Write,
    Read,
}

/// Units, counted in halves: an eventually consistent read of up to 4 KB is half a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(u64);

impl Units {
    pub(super) fn new(units: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units are small and not negative")]
        Self((units * 2.0).round().max(0.0) as u64)
    }

    pub fn get(self) -> f64 {
        self.0 as f64 / 2.0
    }

    fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::ops::AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// A table by its name, or an index as `<table>/<index>`, and the kind of units.
pub type Billed = (String, Capacity);

/// Part of the cost of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Charge {
    pub on: Billed,
    /// The partition key; empty if the request names none (a scan) or it is not known.
    pub key: String,
    pub units: Units,
}

/// The most units of one partition key within one second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peak {
    pub on: Billed,
    pub key: String,
    pub units: Units,
    /// The second.
    pub at: Timestamp,
}

/// Sums and peaks at one moment, or between two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    sums: BTreeMap<Billed, Units>,
    peaks: BTreeMap<Billed, Peak>,
}

impl Metered {
    /// Units of one kind on these tables and indexes.
    pub(super) fn sum(&self, of: Capacity, is_wanted: impl Fn(&str) -> bool) -> f64 {
        let wanted = self.sums.iter().filter(|((on, capacity), _)| *capacity == of && is_wanted(on));
        wanted.fold(0.0, |sum, (_, units)| sum + units.get())
    }

    /// The highest peak of one kind on these tables and indexes.
    pub(super) fn peak(&self, of: Capacity, is_wanted: impl Fn(&str) -> bool) -> Option<&Peak> {
        let wanted = self.peaks.iter().filter(|((on, capacity), _)| *capacity == of && is_wanted(on));
        wanted.map(|(_, peak)| peak).max_by_key(|peak| peak.units)
    }

    /// The difference to `earlier`; of the peaks, those reached after it.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let grown = |(on, units): (&Billed, &Units)| {
            let units = units.less(earlier.sums.get(on).copied().unwrap_or_default());
            (units > Units::default()).then(|| (on.clone(), units))
        };
        let is_new = |(on, peak): &(&Billed, &Peak)| earlier.peaks.get(*on) != Some(*peak);
        let peaks = self.peaks.iter().filter(is_new).map(|(on, peak)| (on.clone(), peak.clone()));
        Self { sums: self.sums.iter().filter_map(grown).collect(), peaks: peaks.collect() }
    }
}

impl fmt::Display for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((on, capacity), units) in &self.sums {
            write!(f, "\n{:>9}  {capacity:?} units on {on}", units.get())?;
            if let Some(peak) = self.peaks.get(&(on.clone(), *capacity)) {
                write!(f, ", at most {} in one second ({})", peak.units.get(), peak.key)?;
            }
        }
        Ok(())
    }
}

/// The running sums.
#[derive(Debug, Default)]
pub(super) struct Meter {
    metered: Metered,
    /// The current second, and the units of each partition key in it.
    second: i64,
    within: HashMap<(Billed, String), Units>,
}

impl Meter {
    pub fn add(&mut self, charges: Vec<Charge>, now: Timestamp) {
        if now.as_second() != self.second {
            self.second = now.as_second();
            self.within.clear();
        }
        for Charge { on, key, units } in charges {
            *self.metered.sums.entry(on.clone()).or_default() += units;
            let within = self.within.entry((on.clone(), key.clone())).or_default();
            *within += units;
            let units = *within;
            let is_peak = self.metered.peaks.get(&on).is_none_or(|peak| peak.units < units);
            if is_peak {
                let at = Timestamp::from_second(self.second).unwrap_or(now);
                self.metered.peaks.insert(on.clone(), Peak { on, key, units, at });
            }
        }
    }

    pub fn read(&self) -> Metered {
        self.metered.clone()
    }

    /// Resets the peaks.
    pub fn forget_peaks(&mut self) {
        self.metered.peaks.clear();
        self.within.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(key: &str, units: f64) -> Charge {
        Charge { on: ("t".to_owned(), Capacity::Write), key: key.to_owned(), units: Units::new(units) }
    }

    #[test]
    fn a_peak_is_the_most_of_one_key_within_one_second() {
        let mut meter = Meter::default();
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
        meter.add(vec![charge("a", 3.0), charge("b", 4.0)], at(1_000));
        meter.add(vec![charge("a", 2.0)], at(1_999));
        meter.add(vec![charge("a", 4.0)], at(2_000));
        let before = meter.read();
        let peak = before.peak(Capacity::Write, |_| true).unwrap();
        assert_eq!((peak.key.as_str(), peak.units.get(), peak.at), ("a", 5.0, at(1_000)));
        assert_eq!(before.sum(Capacity::Write, |_| true), 13.0);
        assert_eq!(before.sum(Capacity::Read, |_| true), 0.0);
        meter.add(vec![charge("c", 5.0)], at(3_000));
        assert_eq!(meter.read().since(&before).peak(Capacity::Write, |_| true), None, "no higher than before");
        meter.add(vec![charge("c", 0.5)], at(3_000));
        let since = meter.read().since(&before);
        assert_eq!(since.peak(Capacity::Write, |_| true).unwrap().units.get(), 5.5);
        assert_eq!(since.sum(Capacity::Write, |_| true), 5.5);
    }
}
