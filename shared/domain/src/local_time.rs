//! Converts local dates and times to instants. A local time may not exist, or exist twice; nothing is guessed. Pure:
//! time zones come from the bundled database.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Why a text is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimeProblem {
    /// Not `2026-12-01T09:00` with optional seconds and offset, or not a real day.
    #[error("not a date and time such as 2026-12-01T09:00")]
    Malformed,
    /// Daylight saving skips this local time.
    #[error("{skipped} does not exist there, the clocks skip it; the next valid time is {next_valid}")]
    Skipped {
        /// The local time asked for.
        skipped: DateTime,
        /// The first local time after the gap.
        next_valid: DateTime,
        /// `next_valid` as an instant.
        next_valid_at: Timestamp,
    },
}

impl LocalTimeProblem {
    /// Stable name for the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed_time",
            Self::Skipped { .. } => "skipped_time",
        }
    }
}

/// The zone of an IANA name such as `Europe/Paris`; `None` if unknown.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The instant of a text: local to `zone` (`2026-12-01T09:00`, optional seconds, `T` or a space), or with an offset
/// (RFC 3339), which overrides the zone. A local time that exists twice is read as the first.
pub fn resolve(text: &str, zone: &TimeZone) -> Result<Timestamp, LocalTimeProblem> {
    let text = text.trim();
    if !has_shape(text.as_bytes()) {
        return Err(LocalTimeProblem::Malformed);
    }
    if text.bytes().skip(SHAPE.len()).any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')) {
        return text.parse().map_err(|_| LocalTimeProblem::Malformed);
    }
    resolve_local(text.parse().map_err(|_| LocalTimeProblem::Malformed)?, zone)
}

/// The instant of a local time; the first one if it exists twice.
pub fn resolve_local(local: DateTime, zone: &TimeZone) -> Result<Timestamp, LocalTimeProblem> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    if let AmbiguousOffset::Gap { before, .. } = ambiguous.offset()
        && let Ok(behind) = before.to_timestamp(local)
        && let Ok(behind) = behind.checked_add(SignedDuration::from_secs(1))
        && let Some(change) = zone.preceding(behind).next()
    {
        let next_valid_at = change.timestamp();
        let next_valid = zone.to_datetime(next_valid_at);
        return Err(LocalTimeProblem::Skipped { skipped: local, next_valid, next_valid_at });
    }
    ambiguous.earlier().map_err(|_| LocalTimeProblem::Malformed)
}

/// The beginning of every accepted text; `0` is any digit, `T` also a space.
const SHAPE: &[u8; 16] = b"0000-00-00T00:00";

/// Stricter than the parser, which also accepts weeks, bare dates and zones in brackets.
fn has_shape(text: &[u8]) -> bool {
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        exact => byte == exact,
    };
    text.len() >= SHAPE.len() && text.is_ascii() && !text.contains(&b'[') && text.iter().zip(SHAPE).all(fits)
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        time_zone(name).unwrap()
    }

    fn in_paris(text: &str) -> Result<String, LocalTimeProblem> {
        resolve(text, &zone("Europe/Paris")).map(|at| at.to_string())
    }

    #[test]
    fn a_local_time_is_read_in_the_accounts_zone() {
        for text in ["2026-12-01T09:00:00", "2026-12-01T09:00", "2026-12-01 09:00", " 2026-12-01t09:00:00.000 "] {
            assert_eq!(in_paris(text).unwrap(), "2026-12-01T08:00:00Z", "{text}");
        }
        assert_eq!(in_paris("2026-07-01T09:00").unwrap(), "2026-07-01T07:00:00Z");
        let reunion = resolve("2026-12-01T09:00", &zone("Indian/Reunion")).unwrap();
        assert_eq!(reunion.to_string(), "2026-12-01T05:00:00Z");
    }

    #[test]
    fn an_offset_makes_the_zone_irrelevant() {
        for text in
            ["2026-12-01T09:00:00Z", "2026-12-01T10:00:00+01:00", "2026-12-01T04:00:00-05:00", "2026-12-01T10:00+01:00"]
        {
            assert_eq!(in_paris(text).unwrap(), "2026-12-01T09:00:00Z", "{text}");
        }
        // A time that Paris skips exists elsewhere.
        assert_eq!(in_paris("2027-03-28T02:30:00+00:00").unwrap(), "2027-03-28T02:30:00Z");
    }

    #[test]
    fn a_skipped_hour_is_refused_with_the_next_valid_one() {
        for (text, zone_name, next) in [
            ("2027-03-28T02:30", "Europe/Paris", datetime(2027, 3, 28, 3, 0, 0, 0)),
            ("2027-03-28T02:00", "Europe/Paris", datetime(2027, 3, 28, 3, 0, 0, 0)),
            ("2027-03-28T02:59:59", "Europe/Paris", datetime(2027, 3, 28, 3, 0, 0, 0)),
            ("2026-03-08T02:15", "America/Miquelon", datetime(2026, 3, 8, 3, 0, 0, 0)),
            ("2026-10-04T02:10", "Australia/Lord_Howe", datetime(2026, 10, 4, 2, 30, 0, 0)),
            ("2011-12-30T12:00", "Pacific/Apia", datetime(2011, 12, 31, 0, 0, 0, 0)),
        ] {
            match resolve(text, &zone(zone_name)) {
                Err(LocalTimeProblem::Skipped { next_valid, next_valid_at, .. }) => {
                    assert_eq!(next_valid, next, "{text}");
                    assert_eq!(resolve_local(next, &zone(zone_name)), Ok(next_valid_at), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(in_paris("2027-03-28T01:59:59").unwrap(), "2027-03-28T00:59:59Z");
        assert_eq!(in_paris("2027-03-28T03:00").unwrap(), "2027-03-28T01:00:00Z");
    }

    #[test]
    fn a_repeated_hour_is_the_first_one() {
        assert_eq!(in_paris("2026-10-25T02:30").unwrap(), "2026-10-25T00:30:00Z");
        assert_eq!(in_paris("2026-10-25T03:00").unwrap(), "2026-10-25T02:00:00Z");
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in [
            "",
            "demain",
            "2026-12-01",
            "2026-12-01T09",
            "01/12/2026 09:00",
            "2026-02-29T09:00",
            "2026-13-01T09:00",
            "2026-12-01T24:00",
            "2026-12-01T09:61",
            "2026-12-01T09:00:00+99:00",
            "2026-12-01T09:00[Europe/Paris]",
            "2026-12-01T09:00:00Z[UTC]",
            "2026-12-01T09:00 demain",
            "２026-12-01T09:00",
            "+002026-12-01T09:00",
        ] {
            assert_eq!(in_paris(text), Err(LocalTimeProblem::Malformed), "{text}");
        }
    }

    #[test]
    fn zones_have_iana_names() {
        assert_eq!(zone("Europe/Paris").iana_name(), Some("Europe/Paris"));
        assert!(time_zone("Europe/Lutetia").is_none());
        assert!(time_zone("").is_none());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), near in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[0-9:.+Z-]{0,9}") {
            let _ = in_paris(&text);
            let _ = in_paris(&near);
        }

        #[test]
        fn an_instant_reads_back_unless_its_hour_comes_twice(second in 1_600_000_000..2_000_000_000i64) {
            let paris = zone("Europe/Paris");
            let at = Timestamp::from_second(second).unwrap();
            let found = resolve(&paris.to_datetime(at).to_string(), &paris).unwrap();
            prop_assert!(found == at || at.duration_since(found).as_hours() == 1);
        }
    }
}
