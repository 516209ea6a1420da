//! A range of addresses, written `10.0.0.0/8`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A range of IPv4 or IPv6 addresses. A bare address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

/// Why a text is no address range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not `<address>` or `<address>/<bits>`.
    #[error("`{0}` is not an address range: write one like 10.0.0.0/8 or fd00::/8")]
    Shape(String),
    /// Bits are set behind the prefix, so it is unclear which of the two was meant.
    #[error("`{given}` has bits set outside of its prefix: write {meant}")]
    HostBits {
        /// What was written.
        given: String,
        /// The range that contains it.
        meant: String,
    },
}

impl Cidr {
    /// Whether the address lies in the range. IPv4 ranges hold no IPv6 address, mapped or not.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => mask4(ip, self.bits) == network,
            (IpAddr::V6(network), IpAddr::V6(ip)) => mask6(ip, self.bits) == network,
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// The address with everything behind the first `bits` bits cleared.
fn mask4(ip: Ipv4Addr, bits: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(ip.to_bits() & u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0))
}

/// The address with everything behind the first `bits` bits cleared.
fn mask6(ip: Ipv6Addr, bits: u8) -> Ipv6Addr {
    Ipv6Addr::from_bits(ip.to_bits() & u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0))
}

impl FromStr for Cidr {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape = || Invalid::Shape(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_| shape())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |b| b.trim().parse().map_err(|_| shape()))?;
        if bits > width {
            return Err(shape());
        }
        let network = match address {
            IpAddr::V4(ip) => IpAddr::V4(mask4(ip, bits)),
            IpAddr::V6(ip) => IpAddr::V6(mask6(ip, bits)),
        };
        let range = Self { network, bits };
        if network == address {
            Ok(range)
        } else {
            Err(Invalid::HostBits { given: text.to_owned(), meant: range.to_string() })
        }
    }
}

impl TryFrom<String> for Cidr {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(range: Cidr) -> Self {
        range.to_string()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_holds_its_first_and_last_address_and_no_neighbour() {
        let range: Cidr = "10.1.0.0/16".parse().unwrap();
        let holds = |text: &str| range.contains(text.parse().unwrap());
        assert!(holds("10.1.0.0") && holds("10.1.255.255"));
        assert!(!holds("10.0.255.255") && !holds("10.2.0.0") && !holds("::ffff:10.1.0.1"));
    }

    #[test]
    fn what_is_no_range_is_refused_with_what_to_write() {
        for text in ["", "10.0.0.0/33", "10.0.0/8", "example.com", "::/129", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert_eq!(text.parse::<Cidr>(), Err(Invalid::Shape(text.to_owned())));
        }
        let error = "10.1.2.3/8".parse::<Cidr>().unwrap_err();
        assert!(error.to_string().ends_with("write 10.0.0.0/8"), "{error}");
    }

    proptest! {
        #[test]
        fn a_range_holds_an_address_exactly_if_they_share_the_prefix(a: u128, b: u128, bits in 0u8..=128) {
            let range = Cidr { network: IpAddr::V6(mask6(Ipv6Addr::from_bits(a), bits)), bits };
            let shared = (a ^ b).leading_zeros() >= u32::from(bits);
            prop_assert_eq!(range.contains(IpAddr::V6(Ipv6Addr::from_bits(b))), shared);
            prop_assert_eq!(range.to_string().parse::<Cidr>().unwrap(), range);
        }
    }
}
