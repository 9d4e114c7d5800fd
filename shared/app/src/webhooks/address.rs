//! Which addresses are public: the only ones that webhooks may reach. By IANA's registries of special purpose
//! addresses, RFC 6890 and its successors; addresses that are not clearly public are refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address, bits that count.
type Block4 = ([u8; 4], u32);
type Block6 = ([u16; 8], u32);

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, and what is not unicast.
const SPECIAL_4: [Block4; 15] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private use
    ([100, 64, 0, 0], 10),   // shared by carriers
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, where clouds keep their metadata
    ([172, 16, 0, 0], 12),   // private use
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private use
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, broadcast
];

/// Global unicast; everything outside of it is loopback, unspecified, mapped or translated IPv4, local or multicast.
const UNICAST_6: Block6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>, the part of it that lies in global unicast.
const SPECIAL_6: [Block6; 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarks, ORCHID
    ([0x2001, 0xDB8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4, which holds an IPv4 address
    ([0x3FFF, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

/// Whether this is a public address on the Internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_4.iter().any(|block| holds_4(*block, address)),
        IpAddr::V6(address) => holds_6(UNICAST_6, address) && !SPECIAL_6.iter().any(|block| holds_6(*block, address)),
    }
}

fn holds_4((first, bits): Block4, address: Ipv4Addr) -> bool {
    (u32::from_be_bytes(first) ^ u32::from(address)) >> (32 - bits) == 0
}

fn holds_6((first, bits): Block6, address: Ipv6Addr) -> bool {
    (u128::from(Ipv6Addr::from(first)) ^ u128::from(address)) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn every_special_range_of_ipv4_is_refused_to_its_last_address_and_its_neighbours_are_not() {
        for (first, last, before, after) in [
            ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
            ("10.0.0.0", "10.255.255.255", Some("9.255.255.255"), Some("11.0.0.0")),
            ("100.64.0.0", "100.127.255.255", Some("100.63.255.255"), Some("100.128.0.0")),
            ("127.0.0.0", "127.255.255.255", Some("126.255.255.255"), Some("128.0.0.0")),
            ("169.254.0.0", "169.254.255.255", Some("169.253.255.255"), Some("169.255.0.0")),
            ("172.16.0.0", "172.31.255.255", Some("172.15.255.255"), Some("172.32.0.0")),
            ("192.0.0.0", "192.0.0.255", Some("191.255.255.255"), Some("192.0.1.0")),
            ("192.0.2.0", "192.0.2.255", Some("192.0.1.255"), Some("192.0.3.0")),
            ("192.88.99.0", "192.88.99.255", Some("192.88.98.255"), Some("192.88.100.0")),
            ("192.168.0.0", "192.168.255.255", Some("192.167.255.255"), Some("192.169.0.0")),
            ("198.18.0.0", "198.19.255.255", Some("198.17.255.255"), Some("198.20.0.0")),
            ("198.51.100.0", "198.51.100.255", Some("198.51.99.255"), Some("198.51.101.0")),
            ("203.0.113.0", "203.0.113.255", Some("203.0.112.255"), Some("203.0.114.0")),
            ("224.0.0.0", "255.255.255.255", Some("223.255.255.255"), None),
        ] {
            assert!(!check(first) && !check(last), "{first} to {last}");
            assert!(before.into_iter().chain(after).all(check), "around {first} to {last}");
        }
        assert!(!check("169.254.169.254") && !check("255.255.255.255") && !check("127.0.0.1"));
    }

    #[test]
    fn of_ipv6_only_global_unicast_without_its_special_ranges_is_public() {
        for special in [
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!check(special), "{special}");
        }
        for public in
            ["2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2a00:1450:4007::200e", "3fff:1000::1"]
        {
            assert!(check(public), "{public}");
        }
    }

    proptest! {
        #[test]
        fn what_the_standard_library_knows_to_be_special_is_never_public(octets in any::<[u8; 4]>(), wide in any::<u128>()) {
            let four = Ipv4Addr::from(octets);
            let is_special = four.is_private() || four.is_loopback() || four.is_link_local() || four.is_multicast()
                || four.is_unspecified() || four.is_broadcast() || four.is_documentation();
            prop_assert!(!(is_special && is_public(four.into())));
            for six in [Ipv6Addr::from(wide), four.to_ipv6_mapped(), four.to_ipv6_compatible()] {
                let is_special = six.is_loopback() || six.is_multicast() || six.is_unspecified() || six.is_unique_local()
                    || six.is_unicast_link_local() || six.to_ipv4().is_some();
                prop_assert!(!(is_special && is_public(six.into())));
            }
        }
    }
}
