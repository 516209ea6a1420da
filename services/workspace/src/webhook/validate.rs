//! What may a field of a webhook be?

use super::catalogue;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr},
};
use url::{Host, Url};

const LONGEST_URL: usize = 2048;
const LONGEST_DESCRIPTION: usize = 500;

/// An address, as it is stored. Whether it may be called the guard says. Errors: what is wrong with it.
pub(super) fn url(text: &str) -> Result<Option<Url>, String> {
    if text.len() > LONGEST_URL {
        return Err(format!("must have at most {LONGEST_URL} bytes"));
    }
    let url = Url::parse(text).map_err(|_| "must be an absolute URL, such as https://example.com/hooks".to_owned())?;
    if url.fragment().is_some() {
        return Err("must not have a fragment: it would not be sent".to_owned());
    }
    match url.scheme() {
        "https" => Ok(Some(url)),
        // What stays on a machine or in its network passes nobody who could read it.
        "http" if is_near(&url) => Ok(Some(url)),
        _ => Err("must begin with https://".to_owned()),
    }
}

fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback() || is_unique_local(ip),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

const fn is_unique_local(ip: Ipv6Addr) -> bool {
    ip.segments()[0] & 0xfe00 == 0xfc00
}

/// A text for people. Errors: what is wrong with it.
pub(super) fn description(text: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(format!("must have at most {LONGEST_DESCRIPTION} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(text.trim().to_owned())
}

/// Types of events, each once and in order. Errors: what is wrong with them, with all that there are.
pub(super) fn event_types(names: Vec<String>) -> Result<Vec<String>, String> {
    let names: BTreeSet<String> = names.into_iter().collect();
    if names.contains(catalogue::ALL) && names.len() > 1 {
        return Err("must be `*` alone, or a list of types without it".to_owned());
    }
    let unknown: Vec<&str> =
        names.iter().map(String::as_str).filter(|n| *n != catalogue::ALL && !catalogue::is_known(n)).collect();
    if !unknown.is_empty() {
        let (unknown, known) = (unknown.join(", "), catalogue::names());
        return Err(format!("has types that do not exist ({unknown}): there are `*` for all, {known}"));
    }
    if names.is_empty() {
        return Err("must name at least one type, or be [\"*\"] for all".to_owned());
    }
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_over_https_or_stay_near() {
        for good in [
            "https://example.com/hooks?team=1",
            "https://8.8.8.8/",
            "http://127.0.0.1:9000/",
            "http://localhost:9000/hooks",
            "http://10.1.2.3/hooks",
            "http://[fd12::1]:9000/",
        ] {
            assert!(url(good).is_ok(), "{good}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for bad in ["", "example.com", "ftp://example.com/", "http://example.com/", "https://example.com/#top", &long] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn types_are_known_and_each_is_named_once() {
        let read = |names: &[&str]| event_types(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(read(&["*"]).unwrap(), ["*"]);
        assert_eq!(read(&["member.left", "invoice.paid", "member.left"]).unwrap(), ["invoice.paid", "member.left"]);
        let refused = read(&["invoice.payed", "invoice.paid"]).unwrap_err();
        assert!(refused.contains("(invoice.payed)") && refused.contains("member.added"), "{refused}");
        assert!(read(&[]).is_err() && read(&["*", "invoice.paid"]).is_err());
    }

    #[test]
    fn a_description_is_one_line_of_text() {
        assert_eq!(description(" to the CRM ").unwrap(), "to the CRM");
        assert!(description(&"x".repeat(501)).is_err() && description("a\u{0}b").is_err());
    }
}
