//! Has Stripe sent this?

use crate::payment::Unverified;
use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use chrono::{DateTime, Utc};
use host::config::Secret;

/// How old a webhook may be, and how far in the future: Stripe's own libraries take any future, and with it a signature that
/// can be kept for later.
const TOLERANCE: u64 = 300;
/// More signatures than any header has: there is one for each secret that is in use.
const MOST: usize = 16;

/// Checks the header `Stripe-Signature` of a body, byte for byte as it came. Only `v1` counts (HMAC-SHA256 of `t.body`); which
/// of several signatures and secrets fit does not show in the time that it takes.
///
/// # Errors
/// [`Unverified::Late`] for a time that is more than 300 seconds from now, `Unproved` for everything else, and `Unused` where
/// there is no secret to compare with.
pub(super) fn verify(header: &str, body: &[u8], secrets: &[Secret], now: DateTime<Utc>) -> Result<(), Unverified> {
    if secrets.is_empty() {
        return Err(Unverified::Unused);
    }
    let (time, signatures) = parts(header).ok_or(Unverified::Unproved)?;
    let at: i64 = time.parse().map_err(|_| Unverified::Unproved)?;
    let is_signed = secrets.iter().fold(false, |found, secret| {
        let mut tag = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()));
        tag.update(time.as_bytes());
        tag.update(b".");
        tag.update(body);
        let tag = tag.sign();
        signatures.iter().fold(found, |found, is| verify_slices_are_equal(is, tag.as_ref()).is_ok() | found)
    });
    if !is_signed {
        return Err(Unverified::Unproved);
    }
    if now.timestamp().abs_diff(at) > TOLERANCE { Err(Unverified::Late) } else { Ok(()) }
}

/// The time as it stands there, which is what was signed, and all signatures that can be some.
fn parts(header: &str) -> Option<(&str, Vec<[u8; 32]>)> {
    let mut time = None;
    let mut signatures = vec![];
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", _) if time.is_some() => return None,
            ("t", text) => time = Some(text),
            ("v1", text) if signatures.len() < MOST => {
                let mut bytes = [0; 32];
                // One that is none fits nothing; the next may fit.
                if hex::decode_to_slice(text, &mut bytes).is_ok() {
                    signatures.push(bytes);
                }
            }
            _ => {}
        }
    }
    // Not `+1700000000`, which would be read as the same number.
    let time = time.filter(|time| !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit()))?;
    if signatures.is_empty() { None } else { Some((time, signatures)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "whsec_test_secret";
    const BODY: &str = r#"{"id":"evt_test_1","object":"event","type":"invoice.paid"}"#;
    /// Of `1700000000.` and the body, computed with Python's hmac.
    const V1: &str = "3e3e661992c26c45d9105cbea450acc1a34f8c6dbafbd891f858c6fd9054fe3e";

    fn check(header: &str, body: &str, secrets: &[&str], now: i64) -> Result<(), Unverified> {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::from(*text)).collect();
        verify(header, body.as_bytes(), &secrets, DateTime::from_timestamp(now, 0).unwrap())
    }

    #[test]
    fn only_what_stripe_has_signed_just_now_is_taken() {
        let (valid, zero) = (format!("t=1700000000,v1={V1}"), "0".repeat(64));
        let (rotated, v0) = (format!("t=1700000000,v1={zero},v1={V1}"), format!("t=1700000000,v0={V1}"));
        let (moved, timeless) = (format!("t=1700000001,v1={V1}"), format!("v1={V1}"));
        let spaced = BODY.replace(':', ": ");
        let (ours, other) = ([SECRET].as_slice(), ["whsec_other"].as_slice());
        for (name, header, body, secrets, now, is) in [
            ("valid", valid.as_str(), BODY, ours, 10, Ok(())),
            ("two signatures while a secret is replaced", &rotated, BODY, ours, 10, Ok(())),
            ("two secrets while one is replaced", &valid, BODY, &["whsec_new", SECRET], 10, Ok(())),
            ("v0 only", &v0, BODY, ours, 10, Err(Unverified::Unproved)),
            ("301 seconds old", &valid, BODY, ours, 301, Err(Unverified::Late)),
            ("300 seconds old", &valid, BODY, ours, 300, Ok(())),
            ("301 seconds in the future", &valid, BODY, ours, -301, Err(Unverified::Late)),
            ("300 seconds in the future", &valid, BODY, ours, -300, Ok(())),
            ("written anew", &valid, &spaced, ours, 10, Err(Unverified::Unproved)),
            ("another time", &moved, BODY, ours, 10, Err(Unverified::Unproved)),
            ("another secret", &valid, BODY, other, 10, Err(Unverified::Unproved)),
            ("no time", &timeless, BODY, ours, 10, Err(Unverified::Unproved)),
            ("nothing", "", BODY, ours, 10, Err(Unverified::Unproved)),
            ("no secret", &valid, BODY, &[], 10, Err(Unverified::Unused)),
        ] {
            assert_eq!(check(header, body, secrets, 1_700_000_000 + now), is, "{name}");
        }
    }

    #[test]
    fn a_header_that_was_tampered_with_is_refused() {
        let many = format!("t=1700000000{},v1={V1}", format!(",v1={}", "0".repeat(64)).repeat(1000));
        for header in [
            format!("t=1700000000,t=1700000000,v1={V1}"),
            format!("t=+1700000000,v1={V1}"),
            format!("t=,v1={V1}"),
            format!("t=99999999999999999999,v1={V1}"),
            format!("t=1700000000,v1={}", &V1[..62]),
            format!("t=1700000000,v1={V1}00"),
            format!("t=1700000000;v1={V1}"),
            "t=1700000000".to_owned(),
            "t=1700000000,v1=".to_owned(),
            "t=1700000000,v1=zz".to_owned(),
            many,
        ] {
            assert!(check(&header, BODY, &[SECRET], 1_700_000_000).is_err(), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic_or_is_taken(header: String, body in any::<Vec<u8>>(), now in 0i64..4_000_000_000) {
            let now = DateTime::from_timestamp(now, 0).unwrap();
            prop_assert!(verify(&header, &body, &[Secret::from(SECRET)], now).is_err());
        }

        #[test]
        fn parts_of_a_header_in_any_order_do_not_make_it_panic(
            parts in prop::collection::vec("(t|v0|v1)=[0-9a-f]{0,70}", 0..8), now in 0i64..4_000_000_000,
        ) {
            let now = DateTime::from_timestamp(now, 0).unwrap();
            prop_assert!(verify(&parts.join(","), BODY.as_bytes(), &[Secret::from(SECRET)], now).is_err());
        }
    }
}
