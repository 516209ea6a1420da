//! What is a domain that a workspace can own, and which one is that of an address?

use url::Host;

/// Of the whole name, and of each of its labels (RFC 1035).
const MOST: usize = 253;
const MOST_OF_LABEL: usize = 63;
/// What is put before it must fit, too.
const BEFORE: usize = "_perpetuo-challenge.".len();

/// The one way in which a domain is written here, and by name servers: in lower case, `xn--…` for other letters, without the
/// dot of the root. None: it is no domain.
pub(crate) fn normal(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix('.').unwrap_or(text);
    // Addresses of machines in all their spellings are hosts, and no domains.
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let label = |label: &str| {
        let fits =
            !label.is_empty() && label.len() <= MOST_OF_LABEL && !label.starts_with('-') && !label.ends_with('-');
        fits && label.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    let is_one = name.len() + BEFORE <= MOST && name.contains('.') && name.split('.').all(label);
    is_one.then_some(name)
}

/// The domain of an address of e-mail, as [`normal`] writes it.
pub(crate) fn of_address(address: &str) -> Option<String> {
    let (_, domain) = address.rsplit_once('@')?;
    // An address has no dot at its end: what has one is no address that anybody was given.
    if domain.ends_with('.') { None } else { normal(domain) }
}

/// Why nobody owns a domain that is one: others register theirs below it (`com`, `co.uk`, `github.io`).
pub(crate) fn refusal(name: &str) -> Option<&'static str> {
    let is_public = psl::suffix_str(name).is_some_and(|suffix| suffix == name);
    is_public.then_some("is a suffix under which everybody registers their own: name the domain below it")
}

/// How addresses may write a domain: as name servers do, or in its own letters.
pub(crate) fn spellings(name: &str) -> Vec<String> {
    let own = mail::address::normal(&url::quirks::domain_to_unicode(name));
    if own == name { vec![own] } else { vec![name.to_owned(), own] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_one_spelling() {
        for text in ["acme.example", "ACME.Example", " acme.example. ", "ａｃｍｅ.example", "acme。example"] {
            assert_eq!(normal(text).as_deref(), Some("acme.example"), "{text}");
        }
        for text in [
            "bücher.example",
            "BÜCHER.example",
            "xn--bcher-kva.example",
            "XN--BCHER-KVA.EXAMPLE",
            "bu\u{308}cher.example",
        ] {
            assert_eq!(normal(text).as_deref(), Some("xn--bcher-kva.example"), "{text}");
        }
        assert_eq!(spellings("xn--bcher-kva.example"), ["xn--bcher-kva.example", "bücher.example"]);
        assert_eq!(spellings("acme.example"), ["acme.example"]);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = format!("{}example", "aaaaaaaaa.".repeat(24));
        for text in [
            "",
            ".",
            "example",
            "localhost",
            "192.0.2.1",
            "0x7f.1",
            "2130706433",
            "[::1]",
            "::1",
            "a..example",
            ".acme.example",
            "acme.example..",
            "-acme.example",
            "acme-.example",
            "a_b.example",
            "acme.example/x",
            "acme.example:53",
            "ana@acme.example",
            "*.acme.example",
            "acme .example",
            "xn--a.example",
            "https://acme.example",
            &long,
            &longer,
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn a_suffix_is_nobodys() {
        for name in ["com.br", "co.uk", "github.io"] {
            assert!(refusal(name).is_some(), "{name}");
        }
        for name in ["acme.com.br", "acme.co.uk", "acme.github.io", "acme.example", "corp.acme.example"] {
            assert_eq!(refusal(name), None, "{name}");
        }
    }

    #[test]
    fn the_domain_of_an_address_is_what_stands_behind_its_last_at() {
        assert_eq!(of_address("ana@acme.example").as_deref(), Some("acme.example"));
        assert_eq!(of_address("\"x@evil.example\"@acme.example").as_deref(), Some("acme.example"));
        assert_eq!(of_address("ana@bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for address in ["ana", "ana@", "ana@acme.example.", "ana@192.0.2.1", "ana@[192.0.2.1]"] {
            assert_eq!(of_address(address), None, "{address}");
        }
    }
}
