//! The client address of a request, as recorded by our own gateway.

use std::net::{IpAddr, Ipv6Addr};

use http::HeaderMap;

/// The client's address: the last one of the header, which our own gateway adds. Clients can forge those before it.
fn client(headers: &HeaderMap) -> Option<IpAddr> {
    let header = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok())?;
    header.rsplit(',').next()?.trim().parse().ok()
}

/// The unit in which attempts are counted: an IPv4 address, or an IPv6 /64, which is what one subscriber gets. Requests
/// without an address share one.
pub fn holder(headers: &HeaderMap) -> IpAddr {
    match client(headers) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// The client's network, for the audit log: enough to recognise an unusual place, not enough to identify a person.
pub fn network(headers: &HeaderMap) -> String {
    match client(headers) {
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
    fn addresses_lose_the_part_that_identifies_a_person() {
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
