//! What kind of address is this?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is to somebody who should only reach the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A public address.
    Public,
    /// This machine.
    Loopback,
    /// Not the public internet; an operator may allow it. The text names the kind.
    Closed(&'static str),
    /// A NAT64 address: where it leads is decided by the IPv4 address inside.
    Translated(Ipv4Addr),
    /// Never callable: metadata services, and forms that only serve to disguise another address.
    Never(&'static str),
}

/// The class of an address.
pub(crate) fn classify(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(ip) => classify_v4(ip),
        IpAddr::V6(ip) => classify_v6(ip),
    }
}

fn classify_v4(ip: Ipv4Addr) -> Class {
    use Class::{Closed, Loopback, Never, Public};
    match ip.octets() {
        // Outside of link-local: Azure's wire server, Alibaba's and Oracle's metadata services.
        [168, 63, 129, 16] | [100, 100, 100, 200] | [192, 0, 0, 192] => Never("a metadata address"),
        [169, 254, ..] => Never("a link-local address, where metadata services are"),
        // On Linux this means "this machine", and would slip past the rules for loopback.
        [0, ..] => Never("an unspecified address"),
        [224..=239, ..] => Never("a multicast address"),
        [255, 255, 255, 255] => Never("the broadcast address"),
        [127, ..] => Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Closed("a private address"),
        [100, 64..=127, ..] => Closed("a carrier-grade NAT address"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Closed("a documentation address"),
        [198, 18 | 19, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Closed("a reserved address"),
        _ => Public,
    }
}

fn classify_v6(ip: Ipv6Addr) -> Class {
    use Class::{Closed, Loopback, Never, Public, Translated};
    const DISGUISE: Class = Never("an IPv6 form of an IPv4 address");
    let [.., a, b, c, d] = ip.octets();
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Loopback,
        [0, 0, 0, 0, 0, 0, 0, 0] => Never("an unspecified address"),
        // IPv4-compatible, IPv4-mapped and IPv4-translated.
        [0, 0, 0, 0, 0 | 0xffff, 0, ..] | [0, 0, 0, 0, 0, 0xffff, ..] => DISGUISE,
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Translated(Ipv4Addr::new(a, b, c, d)),
        // Local-use NAT64 (where the IPv4 address lies depends on the network), Teredo, 6to4.
        [0x64, 0xff9b, ..] | [0x2001, 0, ..] | [0x2002, ..] => DISGUISE,
        // The metadata services of AWS, Google, Oracle and Scaleway.
        [0xfd00, 0xec2 | 0xc1, ..] | [0xfd20, 0xce, ..] | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42] => {
            Never("a metadata address")
        }
        [0xfe80..=0xfebf, ..] => Never("a link-local address, where metadata services are"),
        [0xff00..=0xffff, ..] => Never("a multicast address"),
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Closed("a private address"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Closed("a documentation address"),
        [0x2001, 0..=0x1ff, ..] => Closed("a reserved address"),
        [0x2000..=0x3fff, ..] => Public,
        // The internet is 2000::/3; whatever else exists one day has to be allowed by name.
        _ => Closed("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Addresses and the first word of their class, edges of each range included.
    const TABLE: &[(&str, &str)] = &[
        ("1.1.1.1", "Public"),
        ("9.255.255.255", "Public"),
        ("11.0.0.0", "Public"),
        ("100.63.255.255", "Public"),
        ("100.128.0.0", "Public"),
        ("172.15.255.255", "Public"),
        ("172.32.0.0", "Public"),
        ("192.167.255.255", "Public"),
        ("223.255.255.255", "Public"),
        ("2606:4700::1111", "Public"),
        ("2a00:1450::1", "Public"),
        ("127.0.0.1", "Loopback"),
        ("127.255.255.254", "Loopback"),
        ("::1", "Loopback"),
        ("10.0.0.0", "Closed"),
        ("10.255.255.255", "Closed"),
        ("172.16.0.0", "Closed"),
        ("172.31.255.255", "Closed"),
        ("192.168.0.1", "Closed"),
        ("100.64.0.0", "Closed"),
        ("100.127.255.255", "Closed"),
        ("192.0.2.1", "Closed"),
        ("198.51.100.1", "Closed"),
        ("203.0.113.1", "Closed"),
        ("198.18.0.1", "Closed"),
        ("192.0.0.8", "Closed"),
        ("240.0.0.1", "Closed"),
        ("255.255.255.254", "Closed"),
        ("fc00::1", "Closed"),
        ("fd12:3456::1", "Closed"),
        ("fec0::1", "Closed"),
        ("2001:db8::1", "Closed"),
        ("3fff:fff::1", "Closed"),
        ("2001:10::1", "Closed"),
        ("100::1", "Closed"),
        ("5f00::1", "Closed"),
        ("4000::1", "Closed"),
        ("64:ff9b::8.8.8.8", "Translated"),
        ("64:ff9b::169.254.169.254", "Translated"),
        ("169.254.169.254", "Never"),
        ("169.254.170.2", "Never"),
        ("100.100.100.200", "Never"),
        ("168.63.129.16", "Never"),
        ("192.0.0.192", "Never"),
        ("0.0.0.0", "Never"),
        ("0.1.2.3", "Never"),
        ("224.0.0.1", "Never"),
        ("239.255.255.255", "Never"),
        ("255.255.255.255", "Never"),
        ("::", "Never"),
        ("::127.0.0.1", "Never"),
        ("::ffff:127.0.0.1", "Never"),
        ("::ffff:169.254.169.254", "Never"),
        ("::ffff:0:10.0.0.1", "Never"),
        ("64:ff9b:1::10.0.0.1", "Never"),
        ("64:ff9b:1:a9fe::1", "Never"),
        ("2001:0:1::1", "Never"),
        ("2002:7f00:1::1", "Never"),
        ("fd00:ec2::254", "Never"),
        ("fd20:ce::254", "Never"),
        ("fd00:c1::a9fe:a9fe", "Never"),
        ("fe80::1", "Never"),
        ("fe80::a9fe:a9fe", "Never"),
        ("ff02::1", "Never"),
    ];

    #[test]
    fn each_kind_of_address_is_known() {
        for (address, expected) in TABLE {
            let class = format!("{:?}", classify(address.parse().unwrap()));
            assert!(class.starts_with(expected), "{address} is {class}, not {expected}");
        }
    }

    proptest! {
        #[test]
        fn no_ipv6_form_of_an_ipv4_address_is_public(bits: u32, tail: u64) {
            let v4 = u128::from(bits);
            let forms = [
                v4,                                                                 // compatible
                0xffff << 32 | v4,                                                  // mapped
                0xffff << 48 | v4,                                                  // translated
                0x64_ff9b << 96 | v4,                                               // NAT64
                0x64_ff9b_0001 << 80 | v4,                                          // local NAT64, /96
                0x64_ff9b_0001 << 80 | v4 << 40 & !(0xff << 56),                    // local NAT64, /48
                0x2002 << 112 | v4 << 80 | u128::from(tail),                        // 6to4
                0x2001_0000 << 96 | u128::from(tail) << 32 | u128::from(!bits),     // Teredo
            ];
            for form in forms {
                let address = IpAddr::V6(Ipv6Addr::from_bits(form));
                prop_assert!(classify(address) != Class::Public, "{} is public", address);
            }
        }

        #[test]
        fn the_standard_library_calls_no_public_address_private(bits: u32) {
            let ip = Ipv4Addr::from_bits(bits);
            let special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast()
                || ip.is_broadcast() || ip.is_documentation() || ip.is_unspecified();
            prop_assert!(!special || classify(IpAddr::V4(ip)) != Class::Public);
        }
    }
}
