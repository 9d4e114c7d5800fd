//! Predicts when a campaign would end, and which messages would wait for the legal window. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::account::Account;
use super::campaign::Kind;
use super::territory::Territory;

/// Openings and closings examined at most: ten years of days, whatever the pace.
const STEPS_MAX: usize = 8_000;

/// The predicted course of a campaign that starts at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// When the first message may be sent: the start, or the next opening after it.
    pub begins_at: Timestamp,
    /// When the last message is handed over, by the pace; `None` beyond the examined calendar.
    pub ends_at: Option<Timestamp>,
    /// Messages that the window defers on the first day.
    pub carried_over: u64,
    /// When those continue; `None` when none is deferred.
    pub carries_on_at: Option<Timestamp>,
}

/// The legal window as it applies to one campaign.
struct Window<'a> {
    account: &'a Account,
    obeyed: bool,
}

impl Window<'_> {
    fn is_open(&self, at: Timestamp, territory: Territory) -> bool {
        !self.obeyed || self.account.is_open(at, territory)
    }

    /// The next instant at which it opens or closes.
    fn changes_at(&self, at: Timestamp, territory: Territory) -> Option<Timestamp> {
        if !self.obeyed {
            return None;
        }
        let zone = self.account.zone();
        let closes = self.account.window.closes_at(at, territory, &zone);
        Some(closes.unwrap_or_else(|| self.account.next_opening(at, territory))).filter(|at| *at < Timestamp::MAX)
    }
}

/// Simulates a campaign from start to end. Without a pace all allowed messages go at once, as the carrier's speed is
/// not known in advance.
pub fn forecast(
    account: &Account,
    kind: Kind,
    by_territory: &BTreeMap<Territory, u64>,
    pace_per_hour: Option<u32>,
    starts_at: Timestamp,
) -> Forecast {
    let window = Window { account, obeyed: kind == Kind::Marketing };
    let mut waiting: Vec<(Territory, u64)> = by_territory.iter().map(|(at, count)| (*at, *count)).collect();
    waiting.retain(|(_, count)| *count > 0);
    let mut forecast =
        Forecast { begins_at: starts_at, ends_at: Some(starts_at), carried_over: 0, carries_on_at: None };
    let (mut now, mut has_begun, mut has_stopped) = (starts_at, false, false);
    for _ in 0..STEPS_MAX {
        if waiting.is_empty() {
            forecast.ends_at = Some(now);
            return forecast;
        }
        let change = waiting.iter().filter_map(|(territory, _)| window.changes_at(now, *territory)).min();
        let is_open = waiting.iter().any(|(territory, _)| window.is_open(now, *territory));
        if is_open {
            if !has_begun {
                (forecast.begins_at, has_begun) = (now, true);
            } else if has_stopped && forecast.carries_on_at.is_none() {
                forecast.carries_on_at = Some(now);
            }
            now = drain(&mut waiting, &window, now, change, pace_per_hour);
        }
        let left: u64 = waiting.iter().map(|(_, count)| count).sum();
        let is_shut = left > 0 && waiting.iter().all(|(territory, _)| !window.is_open(now, *territory));
        if is_shut {
            if !has_stopped {
                (forecast.carried_over, has_stopped) = (left, true);
            }
            let opening = waiting.iter().map(|(territory, _)| account.next_opening(now, *territory)).min();
            now = opening.unwrap_or(Timestamp::MAX);
            if !has_begun {
                // Nothing had begun: all messages wait for the first opening.
                forecast.carries_on_at = Some(now);
            }
            if now >= Timestamp::MAX {
                break;
            }
        }
    }
    forecast.ends_at = None;
    forecast
}

/// Hands over what the pace allows until the window changes somewhere; returns that instant, or when all are sent.
fn drain(
    waiting: &mut Vec<(Territory, u64)>,
    window: &Window<'_>,
    now: Timestamp,
    change: Option<Timestamp>,
    pace_per_hour: Option<u32>,
) -> Timestamp {
    let open: u64 = waiting.iter().filter(|(at, _)| window.is_open(now, *at)).map(|(_, count)| count).sum();
    let per_hour = pace_per_hour.map(|pace| u64::from(pace.max(1)));
    let needed_ms = per_hour.map_or(0, |per_hour| open.saturating_mul(3_600_000) / per_hour);
    let end = now.checked_add(SignedDuration::from_millis(i64::try_from(needed_ms).unwrap_or(i64::MAX)));
    let end = end.unwrap_or(Timestamp::MAX);
    let until = change.map_or(end, |change| change.min(end));
    let span_ms = u64::try_from(until.as_millisecond() - now.as_millisecond()).unwrap_or(0);
    let mut granted = match per_hour {
        Some(per_hour) if until < end => span_ms.saturating_mul(per_hour) / 3_600_000,
        Some(_) | None => open,
    };
    for (territory, count) in waiting.iter_mut() {
        if window.is_open(now, *territory) {
            let take = (*count).min(granted);
            *count -= take;
            granted -= take;
        }
    }
    waiting.retain(|(_, count)| *count > 0);
    until
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credits::Balance;
    use crate::sending_window::SendingWindow;

    fn account() -> Account {
        Account {
            id: "acc_00000000000000000001".parse().unwrap(),
            name: "Test".into(),
            time_zone: "Europe/Paris".into(),
            default_sender: "ENVOL".into(),
            stop_code: "36105".into(),
            window: SendingWindow::default(),
            purge_after_days: 90,
            requires_proof: false,
            balance: Balance::default(),
            created_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    fn ask(kind: Kind, counts: &[(Territory, u64)], pace: Option<u32>, at: &str) -> Forecast {
        forecast(&account(), kind, &counts.iter().copied().collect(), pace, at.parse().unwrap())
    }

    #[test]
    fn without_a_pace_everything_goes_at_the_start() {
        let found = ask(Kind::Marketing, &[(Territory::Metropolitan, 1_000_000)], None, "2026-12-01T09:00:00Z");
        assert_eq!(found.ends_at, Some("2026-12-01T09:00:00Z".parse().unwrap()));
        assert_eq!((found.carried_over, found.carries_on_at), (0, None));
    }

    #[test]
    fn a_pace_says_when_it_ends() {
        let found = ask(Kind::Marketing, &[(Territory::Metropolitan, 5_000)], Some(10_000), "2026-12-01T09:00:00Z");
        assert_eq!(found.ends_at, Some("2026-12-01T09:30:00Z".parse().unwrap()));
    }

    #[test]
    fn what_the_evening_stops_goes_on_in_the_morning() {
        // Tuesday 18:00 in Paris: two hours of 1,000 an hour are left.
        let found = ask(Kind::Marketing, &[(Territory::Metropolitan, 3_000)], Some(1_000), "2026-12-01T17:00:00Z");
        assert_eq!(found.carried_over, 1_000);
        assert_eq!(found.carries_on_at, Some("2026-12-02T07:00:00Z".parse().unwrap()));
        assert_eq!(found.ends_at, Some("2026-12-02T08:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_start_outside_the_window_waits_for_the_opening() {
        // Sunday.
        let found = ask(Kind::Marketing, &[(Territory::Metropolitan, 10)], None, "2026-12-06T12:00:00Z");
        let monday = "2026-12-07T07:00:00Z".parse().unwrap();
        assert_eq!((found.begins_at, found.ends_at, found.carried_over), (monday, Some(monday), 10));
        assert_eq!(found.carries_on_at, Some(monday));
    }

    #[test]
    fn an_alert_never_waits() {
        let found = ask(Kind::Alert, &[(Territory::Metropolitan, 10)], Some(10), "2026-12-06T12:00:00Z");
        assert_eq!((found.ends_at, found.carried_over), (Some("2026-12-06T13:00:00Z".parse().unwrap()), 0));
    }
}
