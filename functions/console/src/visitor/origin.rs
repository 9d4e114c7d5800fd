//! Whether a form was sent from our own pages.

use http::HeaderMap;

/// Whether a form was sent from our own pages, by the browser's headers.
pub fn comes_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn forms_of_other_sites_are_detected() {
        let comes = |pairs: &[(&'static str, &'static str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            comes_from_here(&pairs.collect())
        };
        assert!(comes(&[("host", "envol.example"), ("origin", "https://envol.example")]));
        assert!(comes(&[("host", "envol.example")]));
        assert!(!comes(&[("host", "envol.example"), ("origin", "https://evil.example")]));
        assert!(!comes(&[("host", "envol.example"), ("origin", "null")]));
        assert!(!comes(&[("host", "envol.example"), ("sec-fetch-site", "cross-site")]));
    }
}
