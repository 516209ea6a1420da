//! For which domain passkeys are, and on which pages they may be used.

use crate::Error;
use serde::{Deserialize, Serialize};
use url::Url;

/// Passkeys are made for a domain, and devices show them to pages of that domain only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passkeys {
    /// The domain. Changing it makes every passkey useless. Default: that of `edge.public_url`; `localhost` where that is an
    /// address of this machine.
    pub rp_id: Option<String>,
    /// Pages' origins, such as `https://app.example.com`: of the domain or one below it. Default: that of `edge.public_url`;
    /// with `localhost` any port of it.
    pub origins: Vec<String>,
    /// How devices call this installation. Default: the domain.
    pub rp_name: Option<String>,
}

/// Errors: [`Error::Config`], which names the setting.
pub(super) fn check(passkeys: &Passkeys) -> Result<(), Error> {
    let Passkeys { rp_id, origins, rp_name } = passkeys;
    let refuse = |why: String| Err(Error::Config(format!("identity.passkeys.{why}")));
    if let Some(name) = rp_name
        && (name.trim().is_empty() || name.chars().count() > 64)
    {
        return refuse("rp_name is a name of 1 to 64 characters".to_owned());
    }
    let Some(domain) = rp_id else {
        return match origins.is_empty() {
            true => Ok(()),
            false => refuse("origins needs rp_id: the domain that they have in common".to_owned()),
        };
    };
    if !is_domain(domain) {
        return refuse(format!("rp_id is {domain:?}: use a domain in lower case, such as example.com, and no address"));
    }
    match origins.iter().find(|origin| !is_of(origin, domain)) {
        Some(odd) => refuse(format!(
            "origins has {odd:?}: use https://{domain} or below it, without a path, as browsers write it (http for localhost only)"
        )),
        None if origins.is_empty() && domain != "localhost" => {
            refuse("rp_id needs origins: the pages that may use passkeys, such as https://app.example.com".to_owned())
        }
        None => Ok(()),
    }
}

fn is_domain(text: &str) -> bool {
    let url = Url::parse(&format!("https://{text}/"));
    url.is_ok_and(|url| url.domain() == Some(text) && url.port().is_none())
}

fn is_of(origin: &str, domain: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let is_below = |host: &str| host == domain || host.ends_with(&format!(".{domain}"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && url.domain() == Some("localhost"));
    is_safe && url.domain().is_some_and(is_below) && url.origin().ascii_serialization() == origin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rp_id: Option<&str>, origins: &[&str]) -> Passkeys {
        let origins = origins.iter().map(|text| (*text).to_owned()).collect();
        Passkeys { rp_id: rp_id.map(str::to_owned), origins, rp_name: None }
    }

    #[test]
    fn pages_are_of_the_domain_and_nobody_reads_along() {
        for good in [
            of(None, &[]),
            of(Some("example.com"), &["https://example.com", "https://app.example.com:8443"]),
            of(Some("localhost"), &["http://localhost:5173"]),
            of(Some("localhost"), &[]),
        ] {
            check(&good).expect("good settings");
        }
        for odd in [
            of(None, &["https://example.com"]),
            of(Some("127.0.0.1"), &["http://127.0.0.1:8080"]),
            of(Some("Example.com"), &["https://example.com"]),
            of(Some("example.com"), &[]),
            of(Some("example.com"), &["http://example.com"]),
            of(Some("example.com"), &["https://badexample.com"]),
            of(Some("example.com"), &["https://example.com/login"]),
            of(Some("example.com"), &["https://example.com.evil.net"]),
        ] {
            let why = check(&odd).expect_err("odd settings").to_string();
            assert!(why.contains("identity.passkeys."), "{why}");
        }
    }
}
