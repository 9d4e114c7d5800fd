//! The territory of a French number, which decides the clock and the public holidays for its messages. Pure.

use super::codes::codes;

/// A territory with its own clock or its own public holidays. A number shows its territory, not where its holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Territory {
    /// Metropolitan France, +33.
    Metropolitan,
    /// Guadeloupe, +590. Saint-Martin and Saint-Barthélemy share its ranges, so every +590 number counts here.
    Guadeloupe,
    /// Saint-Martin: never read from a number, see [`Territory::Guadeloupe`].
    SaintMartin,
    /// Saint-Barthélemy: never read from a number, see [`Territory::Guadeloupe`].
    SaintBarthelemy,
    /// Guyane, +594.
    Guyane,
    /// Martinique, +596.
    Martinique,
    /// Réunion, +262 692 and 693.
    Reunion,
    /// Mayotte, +262 639.
    Mayotte,
    /// Saint-Pierre-et-Miquelon, +508.
    SaintPierre,
    /// Nouvelle-Calédonie, +687.
    NewCaledonia,
    /// Polynésie française, +689; its zone is Tahiti's, where most of its people live.
    Polynesia,
    /// Wallis-et-Futuna, +681.
    WallisFutuna,
    /// Any other country: the account's own time zone is used.
    Other,
}
codes!(Territory {
    Metropolitan = "FR",
    Guadeloupe = "GP",
    SaintMartin = "MF",
    SaintBarthelemy = "BL",
    Guyane = "GF",
    Martinique = "MQ",
    Reunion = "RE",
    Mayotte = "YT",
    SaintPierre = "PM",
    NewCaledonia = "NC",
    Polynesia = "PF",
    WallisFutuna = "WF",
    Other = "other",
});

impl Territory {
    /// IANA name of its time zone; `None` for [`Territory::Other`].
    pub const fn time_zone(self) -> Option<&'static str> {
        match self {
            Self::Metropolitan => Some("Europe/Paris"),
            Self::Guadeloupe => Some("America/Guadeloupe"),
            Self::SaintMartin => Some("America/Marigot"),
            Self::SaintBarthelemy => Some("America/St_Barthelemy"),
            Self::Guyane => Some("America/Cayenne"),
            Self::Martinique => Some("America/Martinique"),
            Self::Reunion => Some("Indian/Reunion"),
            Self::Mayotte => Some("Indian/Mayotte"),
            Self::SaintPierre => Some("America/Miquelon"),
            Self::NewCaledonia => Some("Pacific/Noumea"),
            Self::Polynesia => Some("Pacific/Tahiti"),
            Self::WallisFutuna => Some("Pacific/Wallis"),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_back_to_its_territory() {
        for territory in Territory::ALL {
            assert_eq!(Territory::from_code(territory.code()), Some(territory));
        }
        assert_eq!(Territory::from_code("fr"), None);
        assert_eq!(Territory::from_code(""), None);
    }

    #[test]
    fn every_territory_but_other_has_a_zone_that_the_bundled_database_knows() {
        for territory in Territory::ALL {
            let zone = territory.time_zone().map(jiff::tz::TimeZone::get);
            assert_eq!(zone.is_none(), territory == Territory::Other);
            assert!(zone.is_none_or(|found| found.is_ok()), "{territory:?}");
        }
    }
}
