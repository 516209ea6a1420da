//! For whom do devices sign? For a domain, on pages of certain origins.

use crate::{Error, config::Passkeys};
use std::time::Duration;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

const LOCALHOST: &str = "localhost";

/// What the settings say, or else our own address. None: our address has no domain, and devices sign for no other.
/// Errors: [`Error::Config`].
pub(crate) fn new(settings: &Passkeys, api_base: &str) -> Result<Option<Webauthn>, Error> {
    let Some(Pages { domain, origins, any_port }) = pages(settings, api_base) else { return Ok(None) };
    let refuse = || Error::Config(format!("identity.passkeys: {domain} does not go with the pages {origins:?}"));
    let urls = origins.iter().map(|text| Url::parse(text)).collect::<Result<Vec<_>, _>>().map_err(|_| refuse())?;
    let (first, others) = urls.split_first().ok_or_else(refuse)?;
    let builder = WebauthnBuilder::new(&domain, first).map_err(|_| refuse())?;
    let builder = others.iter().fold(builder, WebauthnBuilder::append_allowed_origin);
    let wait = u64::try_from(super::challenge::WAITS.num_seconds()).unwrap_or_default();
    let builder = builder.timeout(Duration::from_secs(wait)).allow_any_port(any_port);
    let name = settings.rp_name.as_deref().unwrap_or(&domain);
    builder.rp_name(name).build().map(Some).map_err(|_| refuse())
}

struct Pages {
    domain: String,
    origins: Vec<String>,
    /// On one's own machine the pages come from a development server, on whatever port that has.
    any_port: bool,
}

fn pages(settings: &Passkeys, api_base: &str) -> Option<Pages> {
    if let Some(domain) = settings.rp_id.clone() {
        let any_port = settings.origins.is_empty();
        let origins = if any_port { vec![format!("http://{domain}")] } else { settings.origins.clone() };
        return Some(Pages { domain, origins, any_port });
    }
    let url = Url::parse(api_base).ok()?;
    let is_here = match url.host()? {
        url::Host::Domain(name) => name == LOCALHOST,
        url::Host::Ipv4(address) => address.is_loopback() || address.is_unspecified(),
        url::Host::Ipv6(address) => address.is_loopback() || address.is_unspecified(),
    };
    if is_here {
        let origins = ["http", "https"].map(|scheme| format!("{scheme}://{LOCALHOST}")).to_vec();
        return Some(Pages { domain: LOCALHOST.to_owned(), origins, any_port: true });
    }
    let domain = url.domain()?.to_owned();
    Some(Pages { domain, origins: vec![url.origin().ascii_serialization()], any_port: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_address_says_for_whom_devices_sign() {
        let found = |base: &str| pages(&Passkeys::default(), base).map(|found| (found.domain, found.origins));
        let one = |domain: &str, origin: &str| Some((domain.to_owned(), vec![origin.to_owned()]));
        assert_eq!(found("https://api.example.com"), one("api.example.com", "https://api.example.com"));
        assert_eq!(found("https://api.example.com:8443/x"), one("api.example.com", "https://api.example.com:8443"));
        for here in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080", "http://0.0.0.0:80"] {
            assert_eq!(found(here).map(|(domain, _)| domain).as_deref(), Some("localhost"), "{here}");
        }
        assert_eq!(found("https://203.0.113.7"), None, "devices sign for no address");
        assert!(new(&Passkeys::default(), "https://203.0.113.7").expect("no failure").is_none());
    }
}
