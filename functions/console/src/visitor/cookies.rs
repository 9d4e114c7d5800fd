//! The console's cookies: read from requests, written to responses. Same-site, and not readable by scripts.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, header};

/// The value of the first cookie of this name.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

/// The `Set-Cookie` header for a response to a request with these headers. 0 seconds removes the cookie.
pub fn write(headers: &HeaderMap, name: &str, value: &str, seconds: i64) -> String {
    let cookie = Cookie::build((name, value)).path("/").max_age(Duration::seconds(seconds));
    cookie.http_only(true).same_site(SameSite::Lax).secure(is_secure(headers)).to_string()
}

/// Whether the request came over HTTPS; only a local machine is used without.
fn is_secure(headers: &HeaderMap) -> bool {
    let proto = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost");
    proto == Some("https") || !is_loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, host.parse().unwrap())])
    }

    #[test]
    fn cookies_are_secure_except_on_this_machine() {
        let written = write(&headers("console.example"), "a", "b.c", 60);
        assert_eq!(written, "a=b.c; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60");
        for host in ["127.0.0.1:8080", "localhost:1", "console.localhost"] {
            assert_eq!(write(&headers(host), "a", "", 0), "a=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0", "{host}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let lines = ["a=1; envol_session=x.y; b=2", "broken; c=3; envol_session=z"];
        let headers: HeaderMap = lines.iter().map(|line| (header::COOKIE, line.parse().unwrap())).collect();
        assert_eq!(read(&headers, "envol_session"), Some("x.y"));
        assert_eq!((read(&headers, "c"), read(&headers, "session")), (Some("3"), None));
    }
}
