//! A sending window on a territory's clock and calendar. Pure.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{SendingWindow, day_index};
use crate::holidays;
use crate::territory::Territory;

/// Most closed days in a row that are searched. A single allowed weekday that is a holiday four weeks in a row would
/// close 35 days; Christmas and New Year close two weeks.
const MAX_CLOSED_DAYS: usize = 60;
/// Most open days in a row that are searched: a clock change over the date line may carry an open window into the next
/// day.
const MAX_OPEN_DAYS: usize = 3;

/// A window in a territory.
pub(super) struct LocalWindow<'w> {
    window: &'w SendingWindow,
    territory: Territory,
    zone: TimeZone,
}

impl<'w> LocalWindow<'w> {
    pub(super) fn new(window: &'w SendingWindow, territory: Territory, fallback: &TimeZone) -> Self {
        let own = territory.time_zone().and_then(|name| TimeZone::get(name).ok());
        Self { window, territory, zone: own.unwrap_or_else(|| fallback.clone()) }
    }

    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        let local = self.zone.to_datetime(at);
        (self.window.from..self.window.to).contains(&local.time()) && self.opens_on(local.date())
    }

    /// The first instant from `at` on at which the window is open.
    pub(super) fn opens_from(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) { Some(at) } else { self.first_edge(at, self.window.from, MAX_CLOSED_DAYS, true) }
    }

    /// The first instant from `at` on at which the window is closed.
    pub(super) fn closes_from(&self, at: Timestamp) -> Option<Timestamp> {
        self.first_edge(at, self.window.to, MAX_OPEN_DAYS, false)
    }

    fn opens_on(&self, date: Date) -> bool {
        let window = self.window;
        window.days[day_index(date.weekday())]
            && (window.holidays || holidays::holiday(date, self.territory, window.alsace_moselle).is_none())
    }

    /// The first instant from `at` on, within this many local days, at which the window is open or closed as `open`
    /// says.
    ///
    /// The state can change only when the clock shows `time`, which may happen twice a day, or at a clock change: into
    /// the window, out of it, or over `time`.
    fn first_edge(&self, at: Timestamp, time: Time, days: usize, open: bool) -> Option<Timestamp> {
        let mut date = self.zone.to_datetime(at).date();
        for _ in 0..days {
            let edge = |found: &Timestamp| *found >= at && self.is_open(*found) == open;
            if let Some(first) = self.shown(date.to_datetime(time)).chain(self.changes(date)).filter(edge).min() {
                return Some(first);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The instants at which the clock shows a local time: one or two. In a gap, instants around it.
    fn shown(&self, local: DateTime) -> impl Iterator<Item = Timestamp> + use<> {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        [ambiguous.earlier(), ambiguous.later()].into_iter().flatten()
    }

    /// The instants of a local day at which its clock changes.
    fn changes(&self, date: Date) -> impl Iterator<Item = Timestamp> + '_ {
        let day = SignedDuration::from_hours(24);
        let found = self.shown(date.at(12, 0, 0, 0)).next().into_iter().flat_map(move |noon| {
            let changes = self.zone.following(noon.checked_sub(day).unwrap_or(noon)).map(|change| change.timestamp());
            changes.take_while(move |change| change.duration_since(noon) <= day)
        });
        found.filter(move |change| self.zone.to_datetime(*change).date() == date)
    }
}
