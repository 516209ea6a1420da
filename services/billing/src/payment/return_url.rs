//! Where may a provider send a browser afterwards?

use crate::{Billing, Error, error::refused};
use url::Url;

const LONGEST: usize = 2_000;

/// A page that browsers may be sent to: https, or this machine's, and one of the settings' where they name any. An empty text is
/// none, and passes. Errors: [`Error::Refused`].
pub(super) fn check(service: &Billing, field: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Ok(());
    }
    let is_written = text.len() <= LONGEST && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let url = Some(text).filter(|_| is_written).and_then(page);
    let url = url.ok_or_else(|| refused(field, "must be an https:// address of at most 2000 characters"))?;
    let allowed = &service.config.return_urls;
    if allowed.is_empty() || allowed.iter().filter_map(|text| page(text)).any(|allowed| is_below(&url, &allowed)) {
        return Ok(());
    }
    Err(refused(field, format!("must begin with one of {}", allowed.join(", "))))
}

/// An address of the settings or of a caller. None for what no browser is sent to.
pub(crate) fn page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    let is_open = url.scheme() == "https" || url.scheme() == "http" && is_local;
    // `https://ours@theirs` is theirs.
    Some(url).filter(|url| is_open && url.username().is_empty() && url.password().is_none())
}

fn is_below(url: &Url, allowed: &Url) -> bool {
    let path = allowed.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    url.origin() == allowed.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_pages() {
        for good in
            ["https://app.example.com", "https://a.example/b?c=d#e", "http://localhost:3000/x", "http://127.0.0.1"]
        {
            assert!(page(good).is_some(), "{good}");
        }
        for bad in [
            "http://app.example.com",
            "javascript:alert(1)",
            "data:text/html,a",
            "//a.example",
            "a.example",
            "https://",
            "https://ours@theirs.example",
            "http://localhost.theirs.example",
        ] {
            assert!(page(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_allowed_by_its_origin_and_the_folders_of_its_path() {
        let is = |url: &str, allowed: &str| is_below(&page(url).unwrap(), &page(allowed).unwrap());
        for (url, allowed) in [
            ("https://app.example.com/paid?a=1", "https://app.example.com"),
            ("https://APP.example.com:443", "https://app.example.com/"),
            ("https://app.example.com/shop/paid", "https://app.example.com/shop"),
            ("https://app.example.com/shop", "https://app.example.com/shop/"),
        ] {
            assert!(is(url, allowed), "{url} {allowed}");
        }
        for (url, allowed) in [
            ("https://app.example.com.theirs.example", "https://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com"),
            ("http://localhost/a", "https://localhost/a"),
            ("https://app.example.com/shopping", "https://app.example.com/shop"),
            ("https://app.example.com/shop/../admin", "https://app.example.com/shop"),
        ] {
            assert!(!is(url, allowed), "{url} {allowed}");
        }
    }
}
