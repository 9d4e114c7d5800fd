//! Public holidays of France and its territories. Pure.
//!
//! Written here because libraries lack the two days of Alsace-Moselle and the holidays of the overseas territories;
//! what a library would add is Easter, which is ten lines.

use jiff::civil::Date;

use crate::territory::Territory;

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// Two days before Easter, Alsace-Moselle only.
    GoodFriday,
    /// The day after Easter.
    EasterMonday,
    /// 1 May.
    LabourDay,
    /// 8 May.
    VictoryDay,
    /// 39 days after Easter.
    Ascension,
    /// 50 days after Easter.
    WhitMonday,
    /// 14 July.
    NationalDay,
    /// 15 August.
    Assumption,
    /// 1 November.
    AllSaints,
    /// 11 November.
    Armistice,
    /// 25 December.
    Christmas,
    /// 26 December, Alsace-Moselle only.
    SaintStephen,
    /// A territory's own day that commemorates the abolition of slavery.
    Abolition,
}

impl Holiday {
    /// Stable name for the API and for translations.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NewYear => "new_year",
            Self::GoodFriday => "good_friday",
            Self::EasterMonday => "easter_monday",
            Self::LabourDay => "labour_day",
            Self::VictoryDay => "victory_day",
            Self::Ascension => "ascension",
            Self::WhitMonday => "whit_monday",
            Self::NationalDay => "national_day",
            Self::Assumption => "assumption",
            Self::AllSaints => "all_saints",
            Self::Armistice => "armistice",
            Self::Christmas => "christmas",
            Self::SaintStephen => "saint_stephen",
            Self::Abolition => "abolition",
        }
    }
}

/// The holiday on a date in a territory, if any. If two coincide, the first of [`Holiday`].
///
/// The national days (Code du travail, L3133-1) count in every territory, and abroad too, where the account's own
/// calendar applies. `alsace_moselle` adds the two days of local law (L3134-13) to metropolitan France; a number does
/// not show whether its holder lives there, so the account chooses. Further local days of Nouvelle-Calédonie, Polynésie
/// and Wallis-et-Futuna are not included.
pub fn holiday(date: Date, territory: Territory, alsace_moselle: bool) -> Option<Holiday> {
    let local_law = alsace_moselle && territory == Territory::Metropolitan;
    let after_easter = date.day_of_year() - easter(date);
    match (date.month(), date.day()) {
        (1, 1) => Some(Holiday::NewYear),
        _ if after_easter == -2 && local_law => Some(Holiday::GoodFriday),
        _ if after_easter == 1 => Some(Holiday::EasterMonday),
        (5, 1) => Some(Holiday::LabourDay),
        (5, 8) => Some(Holiday::VictoryDay),
        _ if after_easter == 39 => Some(Holiday::Ascension),
        _ if after_easter == 50 => Some(Holiday::WhitMonday),
        (7, 14) => Some(Holiday::NationalDay),
        (8, 15) => Some(Holiday::Assumption),
        (11, 1) => Some(Holiday::AllSaints),
        (11, 11) => Some(Holiday::Armistice),
        (12, 25) => Some(Holiday::Christmas),
        (12, 26) if local_law => Some(Holiday::SaintStephen),
        other => is_abolition(other, territory).then_some(Holiday::Abolition),
    }
}

/// Whether month and day commemorate the abolition of slavery (Code du travail, L3422-2).
const fn is_abolition((month, day): (i8, i8), territory: Territory) -> bool {
    match territory {
        Territory::Mayotte => month == 4 && day == 27,
        Territory::Martinique => month == 5 && day == 22,
        Territory::Guadeloupe => month == 5 && day == 27,
        // The law says the 27th, the prefecture since 2019 the 28th: both count.
        Territory::SaintMartin => month == 5 && (day == 27 || day == 28),
        Territory::Guyane => month == 6 && day == 10,
        Territory::SaintBarthelemy => month == 10 && day == 9,
        Territory::Reunion => month == 12 && day == 20,
        Territory::Metropolitan
        | Territory::SaintPierre
        | Territory::NewCaledonia
        | Territory::Polynesia
        | Territory::WallisFutuna
        | Territory::Other => false,
    }
}

/// Easter Sunday of the date's year, as a day of that year from 1 (anonymous Gregorian algorithm, Nature, 1876).
fn easter(date: Date) -> i16 {
    let year = i32::from(date.year());
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let day_of_march = epact + weekday - 7 * shift + 22;
    let before_march = 59 + i32::from(date.in_leap_year());
    (before_march + day_of_march) as i16
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(year: i16, territory: Territory, alsace_moselle: bool) -> Vec<(i8, i8)> {
        let all = date(year, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() == year);
        all.filter(|day| holiday(*day, territory, alsace_moselle).is_some()).map(|d| (d.month(), d.day())).collect()
    }

    #[test]
    fn france_has_eleven_public_holidays() {
        let of_2026 = [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
        assert_eq!(days(2026, Territory::Metropolitan, false), of_2026);
        assert_eq!(days(2026, Territory::Other, true), of_2026);
    }

    #[test]
    fn easter_is_where_the_church_puts_it() {
        for (year, month, day) in [
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2019, 4, 21),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2028, 4, 16),
            (2035, 3, 25),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(date(year, 1, 1)), date(year, month, day).day_of_year(), "{year}");
        }
        for year in 1900..2500 {
            let after = holiday(date(year, 1, 1), Territory::Other, false);
            assert_eq!(after, Some(Holiday::NewYear));
            let sunday = date(year, 1, 1).saturating_add(jiff::Span::new().days(easter(date(year, 1, 1)) - 1));
            assert_eq!(sunday.weekday(), jiff::civil::Weekday::Sunday, "{year}");
        }
    }

    #[test]
    fn ascension_may_fall_on_another_holiday() {
        assert_eq!(holiday(date(2008, 5, 1), Territory::Metropolitan, false), Some(Holiday::LabourDay));
        assert_eq!(holiday(date(2024, 5, 9), Territory::Metropolitan, false), Some(Holiday::Ascension));
    }

    #[test]
    fn each_territory_keeps_its_own_day_of_abolition() {
        use Territory::*;
        let days = [
            (Mayotte, 4, 27),
            (Martinique, 5, 22),
            (Guadeloupe, 5, 27),
            (Guyane, 6, 10),
            (SaintBarthelemy, 10, 9),
            (Reunion, 12, 20),
        ];
        for (own, month, day) in days {
            for territory in Territory::ALL.into_iter().filter(|other| *other != SaintMartin) {
                let found = holiday(date(2027, month, day), territory, true);
                assert_eq!(found, (territory == own).then_some(Holiday::Abolition), "{territory:?} {month}-{day}");
            }
        }
        assert_eq!(holiday(date(2027, 5, 28), SaintMartin, false), Some(Holiday::Abolition));
    }

    #[test]
    fn alsace_moselle_has_two_days_more_where_asked_for() {
        let more: Vec<_> = days(2026, Territory::Metropolitan, true);
        assert!(more.contains(&(4, 3)) && more.contains(&(12, 26)));
        assert_eq!(more.len(), 13);
        assert_eq!(days(2026, Territory::Reunion, true).len(), 12);
    }

    #[test]
    fn no_date_makes_it_panic() {
        for day in [Date::MIN, Date::MAX, date(0, 2, 29), date(-1, 12, 25)] {
            let _ = holiday(day, Territory::Metropolitan, true);
        }
    }
}
