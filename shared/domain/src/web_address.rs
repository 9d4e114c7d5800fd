//! Which URLs a short link may lead to. Pure.

/// Whether a URL is absolute, `http` or `https`, without user name, spaces or control characters.
pub fn is_web_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !host.is_empty()
        && !host.starts_with([':', '.'])
        && !host.contains(['@', '\\', '%'])
        && !url.chars().any(|character| character.is_whitespace() || character.is_control())
        && url.is_ascii()
        && url.parse::<http::Uri>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_absolute_without_user_names_or_spaces() {
        for url in ["https://example.com", "http://example.com:8080/a?b=c#d", "HTTPS://EXAMPLE.COM/%C3%A9"] {
            assert!(is_web_address(url), "{url}");
        }
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://u:p@example.com",
            "https://example.com/a b",
            "https://exa\nmple.com",
            "https://:80/",
            "//example.com",
            "https://a\\b",
        ] {
            assert!(!is_web_address(url), "{url}");
        }
    }
}
