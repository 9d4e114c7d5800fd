//! The window by example, and compared with a minute-by-minute search.

use jiff::civil::{date, time};
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::local_time::{resolve_local, time_zone};

fn paris() -> TimeZone {
    time_zone("Europe/Paris").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The default window's next opening in a territory.
fn opens(from: &str, territory: Territory) -> String {
    SendingWindow::default().next_opening(at(from), territory, &paris()).to_string()
}

#[test]
fn the_default_is_monday_to_saturday_from_eight_to_eight() {
    let window = SendingWindow::default();
    assert_eq!(window.days().collect::<Vec<_>>(), WEEK[..6]);
    assert_eq!((window.from(), window.to()), (time(8, 0, 0, 0), time(20, 0, 0, 0)));
    assert!(!window.holidays() && !window.alsace_moselle());
    let same = SendingWindow::new(&WEEK[..6], time(8, 0, 0, 0), time(20, 0, 0, 0));
    assert_eq!(same, Ok(window));
}

#[test]
fn terms_without_sense_are_refused() {
    let hours = |from, to| SendingWindow::new(&WEEK, from, to);
    assert_eq!(SendingWindow::new(&[], time(8, 0, 0, 0), time(20, 0, 0, 0)), Err(WindowProblem::NoDays));
    assert_eq!(hours(time(8, 0, 0, 0), time(8, 0, 0, 0)), Err(WindowProblem::NoHours));
    assert_eq!(hours(time(20, 0, 0, 0), time(8, 0, 0, 0)), Err(WindowProblem::NoHours));
    assert_eq!(hours(time(8, 0, 0, 0), time(22, 1, 0, 0)), Err(WindowProblem::TooLate));
    assert_eq!(hours(time(8, 0, 1, 0), time(20, 0, 0, 0)), Err(WindowProblem::NotWholeMinutes));
    assert!(hours(time(8, 0, 0, 0), time(22, 0, 0, 0)).is_ok());
    assert!(SendingWindow::at_any_hour(&WEEK, time(0, 0, 0, 0), time(23, 59, 0, 0)).is_ok());
}

#[test]
fn it_opens_at_eight_and_is_closed_at_eight_in_the_recipients_time() {
    let window = SendingWindow::default();
    for (instant, territory, open) in [
        ("2026-12-01T06:59:59Z", Territory::Metropolitan, false),
        ("2026-12-01T07:00:00Z", Territory::Metropolitan, true),
        ("2026-12-01T18:59:59Z", Territory::Metropolitan, true),
        ("2026-12-01T19:00:00Z", Territory::Metropolitan, false),
        ("2026-12-01T12:00:00Z", Territory::Reunion, true),
        ("2026-12-01T16:00:00Z", Territory::Reunion, false),
        ("2026-12-01T11:59:59Z", Territory::Martinique, false),
        ("2026-12-01T12:00:00Z", Territory::Guadeloupe, true),
        ("2026-12-01T11:00:00Z", Territory::Guyane, true),
        ("2026-12-01T05:00:00Z", Territory::Mayotte, true),
        ("2026-12-01T20:59:59Z", Territory::NewCaledonia, false),
        ("2026-12-01T21:00:00Z", Territory::NewCaledonia, true),
        ("2026-12-01T18:00:00Z", Territory::Polynesia, true),
        ("2026-12-01T12:00:00Z", Territory::Other, true),
        ("2026-12-06T12:00:00Z", Territory::Metropolitan, false),
        ("2026-05-14T12:00:00Z", Territory::Metropolitan, false),
        ("2027-05-22T15:00:00Z", Territory::Martinique, false),
        ("2027-05-22T15:00:00Z", Territory::Guadeloupe, true),
    ] {
        assert_eq!(window.is_open(at(instant), territory, &paris()), open, "{instant} {territory:?}");
    }
}

#[test]
fn other_countries_use_the_accounts_zone() {
    let (window, noumea) = (SendingWindow::default(), time_zone("Pacific/Noumea").unwrap());
    let morning = at("2026-12-01T21:00:00Z");
    assert!(window.is_open(morning, Territory::Other, &noumea));
    assert!(!window.is_open(morning, Territory::Other, &paris()));
    assert!(!window.is_open(morning, Territory::Metropolitan, &noumea));
}

#[test]
fn the_next_opening_skips_nights_sundays_and_holidays() {
    for (from, territory, opening) in [
        ("2026-12-01T12:00:30Z", Territory::Metropolitan, "2026-12-01T12:00:30Z"),
        ("2026-12-01T19:00:00Z", Territory::Metropolitan, "2026-12-02T07:00:00Z"),
        ("2026-12-01T03:00:00Z", Territory::Metropolitan, "2026-12-01T07:00:00Z"),
        ("2026-12-05T19:00:00Z", Territory::Metropolitan, "2026-12-07T07:00:00Z"),
        // Christmas is a Friday, the Saturday is open.
        ("2026-12-24T19:00:00Z", Territory::Metropolitan, "2026-12-26T07:00:00Z"),
        // Easter: Saturday evening to Tuesday morning, daylight saving in between.
        ("2027-03-27T19:00:00Z", Territory::Metropolitan, "2027-03-30T06:00:00Z"),
        ("2026-12-19T17:00:00Z", Territory::Reunion, "2026-12-21T04:00:00Z"),
    ] {
        assert_eq!(opens(from, territory), opening, "{from}");
    }
}

#[test]
fn alsace_moselle_closes_two_days_more_where_asked_for() {
    let friday = at("2026-04-03T10:00:00Z");
    let window = SendingWindow::default();
    assert!(window.is_open(friday, Territory::Metropolitan, &paris()));
    assert!(!window.with_alsace_moselle(true).is_open(friday, Territory::Metropolitan, &paris()));
    assert!(window.with_alsace_moselle(true).is_open(friday, Territory::Reunion, &paris()));
}

#[test]
fn an_account_may_be_open_on_holidays() {
    let window = SendingWindow::default().with_holidays(true);
    assert!(window.is_open(at("2026-12-25T12:00:00Z"), Territory::Metropolitan, &paris()));
}

#[test]
fn it_says_when_it_closes() {
    let window = SendingWindow::default();
    let closes = |instant| window.closes_at(at(instant), Territory::Metropolitan, &paris());
    assert_eq!(closes("2026-12-01T07:00:00Z"), Some(at("2026-12-01T19:00:00Z")));
    assert_eq!(closes("2026-12-01T18:59:59Z"), Some(at("2026-12-01T19:00:00Z")));
    assert_eq!(closes("2026-07-01T12:00:00Z"), Some(at("2026-07-01T18:00:00Z")));
    assert_eq!(closes("2026-12-01T19:00:00Z"), None);
    assert_eq!(closes("2026-12-06T12:00:00Z"), None);
}

#[test]
fn a_window_that_begins_in_a_skipped_hour_opens_when_the_clock_jumps() {
    let night = SendingWindow::new(&WEEK, time(2, 30, 0, 0), time(5, 0, 0, 0)).unwrap();
    let opening = night.next_opening(at("2027-03-27T23:00:00Z"), Territory::Metropolitan, &paris());
    assert_eq!(opening, at("2027-03-28T01:00:00Z"));
}

#[test]
fn a_window_in_a_repeated_hour_closes_and_opens_with_the_clock() {
    let night = SendingWindow::new(&WEEK, time(1, 0, 0, 0), time(2, 30, 0, 0)).unwrap();
    let closes = |instant| night.closes_at(at(instant), Territory::Metropolitan, &paris());
    assert_eq!(closes("2026-10-24T23:00:00Z"), Some(at("2026-10-25T00:30:00Z")));
    let again = night.next_opening(at("2026-10-25T00:30:00Z"), Territory::Metropolitan, &paris());
    assert_eq!(again, at("2026-10-25T01:00:00Z"));
    assert_eq!(closes("2026-10-25T01:00:00Z"), Some(at("2026-10-25T01:30:00Z")));
}

#[test]
fn a_day_that_comes_once_in_weeks_of_holidays_is_found() {
    let thursdays = SendingWindow::new(&[Weekday::Thursday], time(8, 0, 0, 0), time(20, 0, 0, 0)).unwrap();
    let zone = paris();
    for year in 2020..2120 {
        for month in 1..=12 {
            let start = resolve_local(date(year, month, 1).at(20, 0, 0, 0), &zone).unwrap();
            let opening = thursdays.next_opening(start, Territory::Metropolitan, &zone);
            assert!(opening.duration_since(start) < SignedDuration::from_hours(40 * 24), "{start}");
        }
    }
}

#[test]
fn the_end_of_the_calendar_does_not_panic() {
    let window = SendingWindow::default();
    for instant in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
        let _ = window.next_opening(instant, Territory::NewCaledonia, &paris());
        let _ = window.closes_at(instant, Territory::Polynesia, &paris());
    }
}

#[test]
fn days_have_codes() {
    for day in WEEK {
        assert_eq!(day_from_code(day_code(day)), Some(day));
    }
    assert_eq!(day_from_code("lundi"), None);
}

/// Time zones with an instant at which their clock changed: by an hour at night or at midnight, by half an hour, over
/// the date line; and two nights before holidays.
const CHANGES: [(&str, &str); 14] = [
    ("Europe/Paris", "2026-03-29T01:00:00Z"),
    ("Europe/Paris", "2026-10-25T01:00:00Z"),
    ("America/Miquelon", "2026-03-08T05:00:00Z"),
    ("America/Miquelon", "2026-11-01T04:00:00Z"),
    ("America/Sao_Paulo", "2017-10-15T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    ("America/Havana", "2026-03-08T05:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00:00Z"),
    ("Europe/Paris", "2026-12-24T19:00:00Z"),
    ("Indian/Reunion", "2024-05-01T00:00:00Z"),
];

/// A minute in the hours or days around a change, with its zone.
fn minute() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let minutes = prop_oneof![-200..200i64, -3_000..3_000i64];
    (prop::sample::select(&CHANGES[..]), minutes).prop_map(|((zone, change), minutes)| {
        (time_zone(zone).unwrap(), at(change).checked_add(minutes.minutes()).unwrap())
    })
}

fn window() -> impl Strategy<Value = SendingWindow> {
    let days = prop::sample::subsequence(WEEK.to_vec(), 1..=7);
    let hour = |minute: i32| time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
    let ends = prop_oneof![Just(5 * 60), Just(22 * 60i32)];
    let hours = ends.prop_flat_map(|end| (0..end).prop_flat_map(move |from| (Just(from), from + 1..=end)));
    (days, hours, any::<bool>()).prop_map(move |(days, (from, to), holidays)| {
        SendingWindow::new(&days, hour(from), hour(to)).unwrap().with_holidays(holidays)
    })
}

/// The first minute from `at` on at which the window is open or closed as `open` says.
fn searched(window: &SendingWindow, zone: &TimeZone, mut at: Timestamp, open: bool) -> Timestamp {
    let local = LocalWindow::new(window, Territory::Other, zone);
    while local.is_open(at) != open {
        at = at.checked_add(1.minutes()).unwrap();
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_next_opening_is_the_first_open_minute(window in window(), (zone, from) in minute()) {
        let found = window.next_opening(from, Territory::Other, &zone);
        prop_assert!(window.is_open(found, Territory::Other, &zone));
        prop_assert_eq!(found, searched(&window, &zone, from, true));
    }

    #[test]
    fn it_closes_at_the_first_closed_minute(window in window(), (zone, from) in minute()) {
        let start = window.next_opening(from, Territory::Other, &zone);
        let closing = window.closes_at(start, Territory::Other, &zone);
        prop_assert_eq!(closing, Some(searched(&window, &zone, start, false)));
        prop_assert!(window.is_open(from, Territory::Other, &zone) || window.closes_at(from, Territory::Other, &zone).is_none());
    }
}
