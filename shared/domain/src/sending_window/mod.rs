//! When marketing may be handed over: the legal window, in the recipient's local time. Pure.
//!
//! Here is the policy that an account chooses; `local` evaluates it on a territory's clock and calendar. Without serde:
//! API and tables have their own types, converted with [`SendingWindow::new`].

mod local;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use local::LocalWindow;

use crate::territory::Territory;

/// Latest end that an account may be allowed (Brevo, Callr and Klaviyo end at 22:00 too).
pub const LATEST_END: Time = Time::constant(22, 0, 0, 0);
/// The days and hours, in the recipient's local time, in which an account sends marketing: from `from` to before `to`.
/// Whole minutes of one day; never over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendingWindow {
    /// By weekday from Monday.
    days: [bool; 7],
    from: Time,
    to: Time,
    holidays: bool,
    alsace_moselle: bool,
}

/// Why values are not a valid window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowProblem {
    /// No day at all.
    #[error("a window has at least one day")]
    NoDays,
    /// Seconds below the minute.
    #[error("a window begins and ends on a whole minute")]
    NotWholeMinutes,
    /// `from` is not before `to`.
    #[error("a window begins before it ends, on the same day")]
    NoHours,
    /// Ends after [`LATEST_END`].
    #[error("a window ends at 22:00 at the latest")]
    TooLate,
}

impl WindowProblem {
    /// Stable name for the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoDays => "no_days",
            Self::NotWholeMinutes => "not_whole_minutes",
            Self::NoHours => "no_hours",
            Self::TooLate => "too_late",
        }
    }
}

/// Monday to Saturday, 08:00 to 20:00, no public holiday, without Alsace-Moselle's days.
impl Default for SendingWindow {
    fn default() -> Self {
        Self {
            days: [true, true, true, true, true, true, false],
            from: Time::constant(8, 0, 0, 0),
            to: Time::constant(20, 0, 0, 0),
            holidays: false,
            alsace_moselle: false,
        }
    }
}

impl SendingWindow {
    /// A window that is closed on public holidays, without Alsace-Moselle's days; both can be changed afterwards.
    pub fn new(days: &[Weekday], from: Time, to: Time) -> Result<Self, WindowProblem> {
        match to > LATEST_END {
            true => Err(WindowProblem::TooLate),
            false => Self::at_any_hour(days, from, to),
        }
    }

    /// Like `new` without the limit on the end: for messages that reach no real phone, and for stored values that were
    /// checked before.
    pub fn at_any_hour(days: &[Weekday], from: Time, to: Time) -> Result<Self, WindowProblem> {
        let is_whole = |time: Time| time.second() == 0 && time.subsec_nanosecond() == 0;
        if days.is_empty() {
            return Err(WindowProblem::NoDays);
        }
        if !is_whole(from) || !is_whole(to) {
            return Err(WindowProblem::NotWholeMinutes);
        }
        if from >= to {
            return Err(WindowProblem::NoHours);
        }
        let mut window = Self { days: [false; 7], from, to, ..Self::default() };
        for day in days {
            window.days[day_index(*day)] = true;
        }
        Ok(window)
    }

    /// The same window, open on public holidays or not.
    pub const fn with_holidays(self, holidays: bool) -> Self {
        Self { holidays, ..self }
    }

    /// The same window, with Alsace-Moselle's two days as public holidays of metropolitan France or not.
    pub const fn with_alsace_moselle(self, alsace_moselle: bool) -> Self {
        Self { alsace_moselle, ..self }
    }

    /// The days on which it opens, from Monday.
    pub fn days(&self) -> impl Iterator<Item = Weekday> + '_ {
        WEEK.into_iter().filter(|day| self.days[day_index(*day)])
    }

    /// Local time at which it opens.
    pub const fn from(&self) -> Time {
        self.from
    }

    /// Local time at which it is closed again.
    pub const fn to(&self) -> Time {
        self.to
    }

    /// Whether it opens on public holidays too.
    pub const fn holidays(&self) -> bool {
        self.holidays
    }

    /// Whether Alsace-Moselle's two days count as public holidays of metropolitan France.
    pub const fn alsace_moselle(&self) -> bool {
        self.alsace_moselle
    }

    /// Whether marketing may be handed over at this instant; `fallback` is the account's zone, for
    /// [`Territory::Other`].
    pub fn is_open(&self, at: Timestamp, territory: Territory, fallback: &TimeZone) -> bool {
        LocalWindow::new(self, territory, fallback).is_open(at)
    }

    /// The first instant from `at` on at which the window is open; `at` itself if it is open. [`Timestamp::MAX`] only
    /// beyond the calendar's end.
    pub fn next_opening(&self, at: Timestamp, territory: Territory, fallback: &TimeZone) -> Timestamp {
        let local = LocalWindow::new(self, territory, fallback);
        local.opens_from(at).unwrap_or(Timestamp::MAX)
    }

    /// The first instant after `at` at which the window is closed again; `None` if it is closed at `at`.
    pub fn closes_at(&self, at: Timestamp, territory: Territory, fallback: &TimeZone) -> Option<Timestamp> {
        let local = LocalWindow::new(self, territory, fallback);
        local.is_open(at).then(|| local.closes_from(at).unwrap_or(Timestamp::MAX))
    }
}

/// The week in the order of tables and the API.
const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

const fn day_index(day: Weekday) -> usize {
    day.to_monday_zero_offset() as usize
}

/// Stable name of a weekday for tables and API.
pub const fn day_code(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

/// The weekday of a [`day_code`].
pub fn day_from_code(code: &str) -> Option<Weekday> {
    WEEK.into_iter().find(|day| day_code(*day) == code)
}
