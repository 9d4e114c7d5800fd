//! The two languages of responses. Every text has both, or it does not compile.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Language {
    #[default]
    English,
    French,
}

impl Language {
    /// ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The preferred one of the two (RFC 9110, 12.5.4); English if the header is absent or names neither.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |wanted: &str| {
            let ranges = header.split(',').filter_map(|range| {
                let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
                let primary = tag.trim().split('-').next().unwrap_or_default();
                let q = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
                primary.eq_ignore_ascii_case(wanted).then_some(q)
            });
            ranges.fold(0.0, f32::max)
        };
        if weight("fr") > weight("en") { Self::French } else { Self::English }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub english: String,
    pub french: String,
}

impl Text {
    pub fn new(english: impl Into<String>, french: impl Into<String>) -> Self {
        Self { english: english.into(), french: french.into() }
    }

    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::French => &self.french,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_used() {
        for (header, language) in [
            ("fr", Language::French),
            ("fr-FR,fr;q=0.9,en;q=0.8", Language::French),
            ("en-GB, fr;q=0.5", Language::English),
            ("de, FR;q=0.1", Language::French),
            ("fr;q=0", Language::English),
            ("fr;q=x, en;q=0.1", Language::English),
            ("", Language::English),
            ("de", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, header.parse().unwrap())]);
            assert_eq!(Language::from_headers(&headers), language, "{header}");
        }
        assert_eq!(Language::from_headers(&HeaderMap::new()), Language::English);
    }
}
