//! The country in which a list's national numbers are read. Pure.

use super::codes::codes;

/// The country for numbers without a country code. France by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Country {
    /// France; the overseas departments dial within the same plan, so `0692…` in a French list is Réunion.
    #[default]
    France,
    /// Guadeloupe: the French plan.
    Guadeloupe,
    /// Saint-Martin: the French plan.
    SaintMartin,
    /// Saint-Barthélemy: the French plan.
    SaintBarthelemy,
    /// Guyane: the French plan.
    Guyane,
    /// Martinique: the French plan.
    Martinique,
    /// Réunion: the French plan.
    Reunion,
    /// Mayotte: the French plan.
    Mayotte,
    /// Saint-Pierre-et-Miquelon: six digits, no trunk zero.
    SaintPierre,
    /// Nouvelle-Calédonie: six digits, no trunk zero.
    NewCaledonia,
    /// Polynésie française: eight digits, no trunk zero.
    Polynesia,
    /// Wallis-et-Futuna: six digits, no trunk zero.
    WallisFutuna,
    /// Belgium: nine digits after a trunk zero.
    Belgium,
    /// Switzerland: nine digits after a trunk zero.
    Switzerland,
    /// Luxembourg: nine digits, no trunk zero.
    Luxembourg,
    /// Monaco: eight digits, or nine after a trunk zero.
    Monaco,
}
codes!(Country {
    France = "FR",
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
    Belgium = "BE",
    Switzerland = "CH",
    Luxembourg = "LU",
    Monaco = "MC",
});

impl Country {
    /// ITU calling code, without `+` or zeros.
    pub const fn calling_code(self) -> u16 {
        match self {
            Self::France => 33,
            Self::Guadeloupe | Self::SaintMartin | Self::SaintBarthelemy => 590,
            Self::Guyane => 594,
            Self::Martinique => 596,
            Self::Reunion | Self::Mayotte => 262,
            Self::SaintPierre => 508,
            Self::NewCaledonia => 687,
            Self::Polynesia => 689,
            Self::WallisFutuna => 681,
            Self::Belgium => 32,
            Self::Switzerland => 41,
            Self::Luxembourg => 352,
            Self::Monaco => 377,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_back_to_its_country() {
        for country in Country::ALL {
            assert_eq!(Country::from_code(country.code()), Some(country));
        }
        assert_eq!(Country::from_code("fr"), None);
        assert_eq!(Country::default(), Country::France);
    }
}
