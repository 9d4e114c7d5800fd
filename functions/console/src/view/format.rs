//! Numbers and dates for people: grouped, in the account's time zone, in the user's language.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use web::Language;

use crate::visitor::Visitor;

/// Thousands separator in French.
const NARROW_NO_BREAK_SPACE: char = '\u{202f}';
const MONTHS_FR: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `1 234 567` or `1,234,567`.
pub fn number(language: Language, number: u64) -> String {
    let separator = match language {
        Language::French => NARROW_NO_BREAK_SPACE,
        Language::English => ',',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// `12,5 %` or `12.5%`: the share of a part in a whole.
pub fn percent(language: Language, part: u64, whole: u64) -> String {
    let per_mille = (u128::from(part) * 1_000 + u128::from(whole) / 2).checked_div(u128::from(whole)).unwrap_or(0);
    // A part that is not everything never shows as 100 %.
    let per_mille = if part < whole { per_mille.min(999) } else { per_mille };
    let (whole, tenth) = (per_mille / 10, per_mille % 10);
    match language {
        Language::French if tenth == 0 => format!("{whole}{NARROW_NO_BREAK_SPACE}%"),
        Language::French => format!("{whole},{tenth}{NARROW_NO_BREAK_SPACE}%"),
        Language::English if tenth == 0 => format!("{whole}%"),
        Language::English => format!("{whole}.{tenth}%"),
    }
}

/// Hundredths as `1,25` or `1.25`.
pub fn hundredths(language: Language, hundredths: u64) -> String {
    let mark = if language == Language::French { ',' } else { '.' };
    format!("{}{mark}{:02}", hundredths / 100, hundredths % 100)
}

/// `23 nov. 2026`.
pub fn date(language: Language, zone: &TimeZone, at: Timestamp) -> String {
    let local = zone.to_datetime(at);
    let month = usize::try_from(local.month() - 1).unwrap_or(0) % 12;
    let months = if language == Language::French { MONTHS_FR } else { MONTHS_EN };
    let day = match (language, local.day()) {
        (Language::French, 1) => "1er".to_owned(),
        (_, day) => day.to_string(),
    };
    format!("{day} {} {}", months[month], local.year())
}

/// `14:05`.
pub fn time(zone: &TimeZone, at: Timestamp) -> String {
    let local = zone.to_datetime(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

impl Visitor {
    pub fn number(&self, value: impl Into<u64>) -> String {
        number(self.language, value.into())
    }

    pub fn percent(&self, part: impl Into<u64>, whole: impl Into<u64>) -> String {
        percent(self.language, part.into(), whole.into())
    }

    pub fn date(&self, at: Timestamp) -> String {
        date(self.language, &self.zone, at)
    }

    /// `23 nov. 2026, 14:05`.
    pub fn at(&self, at: Timestamp) -> String {
        format!("{}, {}", self.date(at), time(&self.zone, at))
    }

    /// The time alone if it is today, otherwise date and time.
    pub fn soon(&self, at: Timestamp) -> String {
        if self.is_today(at) { time(&self.zone, at) } else { self.at(at) }
    }

    pub fn is_today(&self, at: Timestamp) -> bool {
        self.zone.to_datetime(at).date() == self.zone.to_datetime(self.now).date()
    }

    /// An instant in UTC.
    pub fn utc(&self, at: Timestamp) -> String {
        format!("{}, {} UTC", date(self.language, &TimeZone::UTC, at), time(&TimeZone::UTC, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        assert_eq!(number(Language::French, 1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::French, 999), "999");
    }

    #[test]
    fn a_part_below_the_whole_is_never_100_percent() {
        assert_eq!(percent(Language::English, 9_999, 10_000), "99.9%");
        assert_eq!(percent(Language::French, 1, 8), "12,5\u{202f}%");
        assert_eq!(percent(Language::English, 0, 0), "0%");
    }

    #[test]
    fn dates_are_local() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let at: Timestamp = "2026-11-30T23:30:00Z".parse().unwrap();
        assert_eq!(date(Language::French, &paris, at), "1er déc. 2026");
        assert_eq!(date(Language::English, &paris, at), "1 Dec 2026");
        assert_eq!(time(&paris, at), "00:30");
    }
}
