//! Which addresses an outgoing request may reach: public ones, and those that the operator names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::config::Network;

/// Blocks of IPv4 that are not public: address and leading bits (the IANA registry of special
/// addresses, and 192.88.99.0/24, the old 6to4 relays).
const V4_SPECIAL: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Blocks within 2000::/3 that are not public, or lead elsewhere: Teredo, documentation, 6to4.
const V6_SPECIAL: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What the operator allows besides public addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    pub networks: Vec<Network>,
    pub loopback: bool,
}

impl Allowed {
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = unwrapped(address);
        is_public(address) || self.permits_by_name(address)
    }

    /// Whether the operator named it: only there may a request go without TLS.
    pub fn permits_by_name(&self, address: IpAddr) -> bool {
        let address = unwrapped(address);
        (self.loopback && address.is_loopback())
            || self.networks.iter().any(|network| network.contains(address))
    }
}

/// The IPv4 address within an IPv6 one that stands for it (mapped, or behind NAT64).
fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            IpAddr::V4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
        }
        _ => IpAddr::V6(v6),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let inside =
                |(block, bits): &(Ipv4Addr, u32)| (v4.to_bits() ^ block.to_bits()) >> (32 - bits) == 0;
            !V4_SPECIAL.iter().any(inside)
        }
        IpAddr::V6(v6) => {
            let inside =
                |(block, bits): &(Ipv6Addr, u32)| (v6.to_bits() ^ block.to_bits()) >> (128 - bits) == 0;
            v6.to_bits() >> 125 == 1 && !V6_SPECIAL.iter().any(inside)
        }
    }
}

/// The address that a URL's host is, in any of the forms that resolvers take for one: decimal,
/// octal and hexadecimal numbers, one to four of them. None for a name.
pub fn literal(host: &str) -> Option<IpAddr> {
    let host = host.trim_matches(['[', ']']);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(address);
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let parts: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    if 3 < first.len() || first.iter().any(|part| 255 < *part) {
        return None;
    }
    let rest_bits = 32 - 8 * u32::try_from(first.len()).ok()?;
    if *last >> rest_bits != 0 {
        return None;
    }
    let high = first.iter().fold(0, |bits, part| (bits << 8) | part);
    // With no part before it the last is the whole address.
    let bits = if first.is_empty() { *last } else { (high << rest_bits) | last };
    u32::try_from(bits).ok().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
}

fn number(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 16).ok() };
    }
    let is_decimal = !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_digit());
    match lower.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        Some(digits) => u64::from_str_radix(digits, 8).ok(),
        None if is_decimal => lower.parse().ok(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORBIDDEN: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.1",
        "127.255.255.254",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "0x7f.1",
        "127.0.1",
        "127.0.0.1.",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.1",
        "0300.0250.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "fe80::1",
        "febf::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
    ];
    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.1.1.1",
        "128.0.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.167.1.1",
        "198.17.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "134744072",
        "0x08080808",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ];

    #[test]
    fn only_public_addresses_are_reached_however_they_are_written() {
        let nothing = Allowed::default();
        for text in FORBIDDEN {
            let address = literal(text).unwrap_or_else(|| panic!("{text} is an address"));
            assert!(!nothing.permits(address), "{text}");
        }
        for text in PUBLIC {
            let address = literal(text).unwrap_or_else(|| panic!("{text} is an address"));
            assert!(nothing.permits(address), "{text}");
        }
    }

    #[test]
    fn names_and_nonsense_are_no_addresses() {
        for text in [
            "example.com",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.256",
            "4294967296",
            "0x1ffffffff",
            "",
            "08.1",
            "a.1",
        ] {
            assert_eq!(literal(text), None, "{text}");
        }
    }

    #[test]
    fn what_the_operator_names_is_reached_and_nothing_else() {
        let allowed = Allowed { networks: vec!["10.1.0.0/16".parse().expect("a network")], loopback: true };
        let permits = |text: &str| allowed.permits(literal(text).expect("an address"));
        assert!(permits("10.1.2.3") && permits("127.0.0.1") && permits("::1") && permits("::ffff:10.1.0.1"));
        assert!(!permits("10.2.0.1") && !permits("169.254.169.254") && !permits("fe80::1"));
    }
}
