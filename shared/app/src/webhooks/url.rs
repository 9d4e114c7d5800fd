//! URLs of endpoints: what an account may configure. Whether a name resolves to a public address is checked at each
//! attempt.

use std::net::IpAddr;

use domain::webhook::URL_CHARACTERS_MAX;
use url::Url;

use super::address::is_public;
use crate::error::UrlError;

/// Where endpoints may be, by the installation's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// On the Internet, over HTTPS.
    #[default]
    Public,
    /// Anywhere, over HTTP too: for developers on their own machine.
    Anywhere,
}

/// The URL of an endpoint in its normalised spelling, if it is allowed.
pub fn endpoint_url(text: &str, reach: Reach) -> Result<Url, UrlError> {
    let url = Url::parse(text.trim()).map_err(|_| UrlError::NotAUrl)?;
    if url.as_str().chars().count() > URL_CHARACTERS_MAX {
        return Err(UrlError::TooLong);
    }
    let is_allowed = url.scheme() == "https" || (url.scheme() == "http" && reach == Reach::Anywhere);
    if !is_allowed {
        return Err(UrlError::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(UrlError::NotAUrl)?;
    if url.port() == Some(0) {
        return Err(UrlError::NotAUrl);
    }
    match (reach, literal_address(host)) {
        (Reach::Public, Some(address)) if !is_public(address) => Err(UrlError::Private),
        (Reach::Public, None) if is_local_name(host) => Err(UrlError::Private),
        _ => Ok(url),
    }
}

/// The IP address of a host that is not a name.
pub fn literal_address(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Names that mean this machine, whatever a resolver returns (RFC 6761, 6.3).
fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> Option<UrlError> {
        endpoint_url(text, Reach::Public).err()
    }

    #[test]
    fn an_endpoint_is_on_the_internet_over_https() {
        for (text, expected) in [
            ("https://example.com/hooks?a=b", None),
            ("https://example.com:8443", None),
            ("https://8.8.8.8/", None),
            ("http://example.com", Some(UrlError::NotHttps)),
            ("ftp://example.com", Some(UrlError::NotHttps)),
            ("javascript:alert(1)", Some(UrlError::NotHttps)),
            ("example.com", Some(UrlError::NotAUrl)),
            ("https://", Some(UrlError::NotAUrl)),
            ("https://example.com:0/", Some(UrlError::NotAUrl)),
            ("https://user:secret@example.com", Some(UrlError::Credentials)),
            ("https://user@example.com", Some(UrlError::Credentials)),
            ("https://127.0.0.1/", Some(UrlError::Private)),
            ("https://localhost/", Some(UrlError::Private)),
            ("https://a.LOCALHOST./", Some(UrlError::Private)),
            ("https://169.254.169.254/latest/meta-data", Some(UrlError::Private)),
            ("https://[::1]/", Some(UrlError::Private)),
            ("https://[::ffff:10.0.0.1]/", Some(UrlError::Private)),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
        assert_eq!(fault(&format!("https://example.com/{}", "a".repeat(2_048))), Some(UrlError::TooLong));
    }

    #[test]
    fn other_spellings_of_a_private_address_are_seen_through() {
        for text in
            ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://１２７.0.0.1"]
        {
            assert_eq!(fault(text), Some(UrlError::Private), "{text}");
        }
    }

    #[test]
    fn a_developers_machine_may_reach_itself() {
        for text in ["http://127.0.0.1:8080/hooks", "http://localhost:1/", "https://10.0.0.1/"] {
            assert!(endpoint_url(text, Reach::Anywhere).is_ok(), "{text}");
        }
        assert_eq!(endpoint_url("ftp://127.0.0.1", Reach::Anywhere), Err(UrlError::NotHttps));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_passes_passes_again(text in ".{0,80}") {
            if let Ok(url) = endpoint_url(&text, Reach::Public) {
                prop_assert_eq!(endpoint_url(url.as_str(), Reach::Public), Ok(url));
            }
        }
    }
}
