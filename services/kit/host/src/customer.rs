//! Whose address is it? What is counted by address is counted by who holds it.

use std::net::{IpAddr, Ipv6Addr};

/// The network that one customer of a provider has: an address of IPv4, or the /64 of one of IPv6, whose customers get
/// whole networks. An IPv4 address that is written as one of IPv6 is the same as written plainly.
pub fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_customer_is_an_address_of_ipv4_or_a_64_of_ipv6() {
        let network = |text: &str| super::network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
    }
}
