//! The API key of a request's `Authorization` header.

use domain::api_key::Bearer;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The key of a request; `None` if there is none, or not in our format.
pub fn bearer(headers: &HeaderMap) -> Option<Bearer> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Bearer::parse(key.trim()) } else { None }
}

#[cfg(test)]
mod tests {
    use domain::api_key::issue;

    use super::*;

    #[test]
    fn a_key_is_read_after_the_bearer_scheme_only() {
        let (text, _) = issue(&"key_00000000000000000001".parse().unwrap(), [7; 32]);
        let headers = |value: String| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer(&headers(format!("bearer {text}"))), Bearer::parse(&text));
        assert_eq!(bearer(&headers(format!("Basic {text}"))), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
