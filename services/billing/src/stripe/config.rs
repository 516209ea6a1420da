//! What can an operator set about Stripe?

use crate::Error;
use egress::{Guard, Purpose};
use host::config::Secret;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Currencies that Stripe counts in another unit than we do ([`crate::money`]): it has no smaller unit of UGX either, and wants
/// it with two digits all the same (docs.stripe.com/currencies, November 2026). An amount of ours would be a hundredth there.
const COUNTED_OTHERWISE: [&str; 1] = ["UGX"];

/// `billing.stripe` in the configuration.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The secret key of your account at Stripe (`sk_…`), or a restricted one (`rk_…`) that may write Checkout Sessions, refunds,
    /// customers and sessions of the customer portal, and read charges and disputes. Default: none, and nothing is paid through Stripe.
    pub secret_key: Option<Secret>,
    /// The signing secrets (`whsec_…`) of your webhook endpoint. While one is replaced both stand here. Default: none, and
    /// the webhook is answered to nobody.
    pub webhook_secrets: Vec<Secret>,
    /// Where Stripe's API is.
    pub api_url: String,
    /// In which currencies (ISO 4217) cards are taken. Default: none is named, and all are that Stripe counts as we do.
    pub currencies: Vec<String>,
    /// How many seconds Stripe may take to answer, 1 to 120.
    pub timeout_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            secret_key: None,
            webhook_secrets: vec![],
            api_url: "https://api.stripe.com".to_owned(),
            currencies: vec![],
            timeout_seconds: 30,
        }
    }
}

impl Config {
    /// Whether anything is to be paid through Stripe.
    pub const fn is_on(&self) -> bool {
        self.secret_key.is_some()
    }

    /// Whether cards are taken in this currency.
    pub(super) fn takes(&self, currency: &str) -> bool {
        let is = |other: &str| other.eq_ignore_ascii_case(currency);
        let is_named = self.currencies.is_empty() || self.currencies.iter().any(|named| is(named));
        is_named && !COUNTED_OTHERWISE.into_iter().any(is)
    }

    /// The secret key, when all of the settings can be worked with. Errors: [`Error::Settings`].
    pub(super) fn check(&self, guard: &Guard) -> Result<Secret, Error> {
        let key = self.secret_key.clone().ok_or_else(|| refused("secret_key", "has to be set"))?;
        if !["sk_", "rk_"].iter().any(|start| key.expose().starts_with(start)) || !is_visible(&key) {
            return Err(refused(
                "secret_key",
                "has to begin with sk_ or rk_: copy it from the API keys of your account",
            ));
        }
        if !self.webhook_secrets.iter().all(|secret| secret.expose().len() > 8 && secret.expose().starts_with("whsec_"))
        {
            return Err(refused("webhook_secrets", "have to begin with whsec_: copy them from your webhook endpoint"));
        }
        if !self.currencies.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err(refused("currencies", "have to be three capital letters each, such as USD"));
        }
        if let Some(code) = self.currencies.iter().find(|code| COUNTED_OTHERWISE.contains(&code.as_str())) {
            return Err(refused("currencies", format!("must not name {code}: Stripe counts it in another unit")));
        }
        if !(1..=120).contains(&self.timeout_seconds) {
            return Err(refused("timeout_seconds", "must be 1 to 120"));
        }
        let url = Url::parse(&self.api_url).ok().filter(|url| url.scheme() == "https" || is_this_machine(url));
        let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
        let url = url.ok_or_else(|| refused("api_url", "has to be a https:// address"))?;
        guard
            .check_url(&url, Purpose::Payment)
            .map_err(|why| refused("api_url", format!("cannot be called: {why}")))?;
        Ok(key)
    }
}

/// Whether it can stand in a header.
fn is_visible(key: &Secret) -> bool {
    key.expose().bytes().all(|b| b.is_ascii_graphic())
}

/// A stand-in for Stripe on this machine speaks no TLS, and nobody listens in between.
fn is_this_machine(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback
}

/// A setting that cannot be worked with.
fn refused(field: &str, problem: impl std::fmt::Display) -> Error {
    Error::Settings(format!("billing.stripe.{field} {problem}"))
}
