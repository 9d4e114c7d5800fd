//! Where a request comes from, as our own front noted it.

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;

/// The client's address. The last one of the header is the one that our own front noted; those before it anybody can
/// write.
fn of(headers: &HeaderMap) -> Option<IpAddr> {
    let header = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok())?;
    header.rsplit(',').next()?.trim().parse().ok()
}

/// Who is counted as one when attempts are counted: an address of IPv4, a /64 of IPv6, which is what one subscriber
/// gets. Those that cannot be told apart are one.
pub fn holder(headers: &HeaderMap) -> IpAddr {
    match of(headers) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// The client's network, for the audit: enough to tell an office from the other end of the world, not enough to tell
/// a person.
pub fn network(headers: &HeaderMap) -> String {
    match of(headers) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::")
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_tells_a_person() {
        for (header, from, counted) in [
            ("203.0.113.77", "203.0.113.0", "203.0.113.77"),
            ("8.8.8.8, 203.0.113.77", "203.0.113.0", "203.0.113.77"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::", "2001:db8:1:2::"),
            ("nonsense", "", "::"),
        ] {
            let headers = [("x-forwarded-for".parse().unwrap(), header.parse().unwrap())];
            let headers = HeaderMap::from_iter(headers);
            assert_eq!((network(&headers).as_str(), holder(&headers).to_string().as_str()), (from, counted));
        }
        assert_eq!(network(&HeaderMap::new()), "");
    }
}
