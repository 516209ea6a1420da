//! The providers of this installation, as the configuration and what is known make them.

use super::{
    discovery::{self, Described},
    http::Http,
    preset::{self, Protocol, Vouching},
};
use crate::{Error, config, sso::Connection};
use host::{Clock, config::Secret};
use proto::id::WorkspaceId;
use std::sync::Arc;

/// All of them.
pub(crate) struct Providers {
    all: Vec<Arc<Provider>>,
    /// Pages to which a sign-in may lead.
    redirects: Vec<String>,
    pub(super) http: Http,
    /// Our address as people know it.
    base: String,
    clock: Clock,
}

/// One of them.
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(super) protocol: Protocol,
    pub(super) vouching: Vouching,
    /// Without a slash at its end, unless it is written with one: issuers are compared as text.
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<Secret>,
    pub(super) scopes: Vec<String>,
    pub(super) allowed_domains: Vec<String>,
    /// Whether the operator says that all addresses are its to give out.
    trusts_addresses: bool,
    /// Where the provider sends people back to.
    pub(super) callback: String,
    /// What it says of itself.
    pub(super) described: Described,
}

impl Providers {
    /// Reads the settings, which were checked, and the files that they name. `api_base` is our address as people know it.
    /// Errors: [`Error::Config`].
    pub(crate) fn new(config: &config::Config, http: Http, api_base: &str, clock: &Clock) -> Result<Self, Error> {
        let all =
            config.oidc.iter().map(|of| Provider::new(of, api_base, clock).map(Arc::new)).collect::<Result<_, _>>()?;
        let (redirects, base) = (config.oidc_redirects.clone(), api_base.to_owned());
        Ok(Self { all, redirects, http, base, clock: clock.clone() })
    }

    /// In the order of the configuration.
    pub(crate) fn all(&self) -> &[Arc<Provider>] {
        &self.all
    }

    /// The one with this name. Errors: [`Error::NotFound`].
    pub(crate) fn find(&self, name: &str) -> Result<Arc<Provider>, Error> {
        let found = self.all.iter().find(|provider| provider.name == name);
        found.cloned().ok_or(Error::NotFound("sign-in provider"))
    }

    /// Where the provider of a workspace sends people back to. Each has an address of its own: what one is asked is not taken for
    /// the answer of another.
    pub(crate) fn callback_of(&self, workspace: WorkspaceId) -> String {
        format!("{}/api/v1/auth/sso/{workspace}/callback", self.base)
    }

    /// The provider of a workspace. It may say what it likes of addresses: what of it counts, [`crate::sso`] decides.
    pub(crate) fn of_connection(&self, of: &Connection, client_secret: Option<Secret>) -> Provider {
        let known = preset::known(None);
        Provider {
            name: of.name(),
            label: "The provider of your organisation".to_owned(),
            protocol: Protocol::OpenId,
            vouching: preset::vouching(known, &of.issuer),
            issuer: of.issuer.clone(),
            client_id: of.client_id.clone(),
            client_secret,
            scopes: known.scopes.iter().map(|&scope| scope.to_owned()).collect(),
            allowed_domains: vec![],
            trusts_addresses: true,
            callback: self.callback_of(of.workspace_id),
            described: Described::new(self.clock.clone()),
        }
    }

    /// Whether somebody from this issuer can still come in.
    pub(crate) fn know(&self, issuer: &str) -> bool {
        self.all.iter().any(|provider| provider.is_of(issuer))
    }

    /// Whether a sign-in may lead to this page.
    pub(super) fn may_lead_to(&self, page: &str) -> bool {
        self.redirects.iter().any(|listed| listed == page)
    }
}

impl Provider {
    pub(super) fn new(of: &config::Provider, api_base: &str, clock: &Clock) -> Result<Self, Error> {
        let known = preset::known(of.preset);
        let issuer = of.issuer.clone().unwrap_or_else(|| known.issuer.to_owned());
        let label = of.label.clone().unwrap_or_else(|| match known.label {
            "" => of.name.clone(),
            label => label.to_owned(),
        });
        let scopes = match of.scopes.as_slice() {
            [] => known.scopes.iter().map(|&scope| scope.to_owned()).collect(),
            given => given.to_vec(),
        };
        Ok(Self {
            label,
            protocol: known.protocol,
            vouching: preset::vouching(known, &issuer),
            issuer,
            client_id: of.client_id.clone(),
            client_secret: secret(of)?,
            scopes,
            allowed_domains: of.allowed_domains.clone(),
            trusts_addresses: of.trusts_addresses,
            callback: format!("{api_base}/api/v1/auth/oauth/{}/callback", of.name),
            described: Described::new(clock.clone()),
            name: of.name.clone(),
        })
    }

    /// Whether somebody may come in by it for whose address ([`super::Person::proven`]) it answers.
    pub(super) fn takes(&self, proven: Option<&str>) -> bool {
        let domain = proven.and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
        self.allowed_domains.is_empty() || self.lists(domain)
    }

    /// Whether addresses of this domain are its to give out, by what the operator says.
    pub(super) fn is_trusted_with(&self, domain: Option<&str>) -> bool {
        self.trusts_addresses || self.lists(domain)
    }

    fn lists(&self, domain: Option<&str>) -> bool {
        domain.is_some_and(|domain| self.allowed_domains.iter().any(|d| d.trim().eq_ignore_ascii_case(domain)))
    }

    /// Whether tokens of this issuer are taken by it.
    fn is_of(&self, issuer: &str) -> bool {
        let of_a_tenant = || issuer.strip_prefix(preset::MICROSOFT_HOST).is_some_and(|path| path.starts_with('/'));
        self.issuer == issuer || (discovery::has_many_tenants(&self.issuer) && of_a_tenant())
    }
}

/// The secret that a provider and we share, from wherever the operator keeps it.
fn secret(of: &config::Provider) -> Result<Option<Secret>, Error> {
    let Some(file) = &of.client_secret_file else { return Ok(of.client_secret.clone()) };
    let text = std::fs::read_to_string(file).map_err(|why| {
        let (name, file) = (&of.name, file.display());
        Error::Config(format!("identity.oidc, {name}: client_secret_file {file} cannot be read: {why}"))
    })?;
    Ok(Some(Secret::from(text.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::preset::Preset;

    fn of(given: config::Provider) -> Result<Provider, Error> {
        Provider::new(&given, "https://api.example.com", &Clock::system())
    }

    #[test]
    fn a_preset_knows_what_the_configuration_leaves_out() {
        let given = config::Provider { name: "google".to_owned(), preset: Some(Preset::Google), ..Default::default() };
        let google = of(given.clone()).expect("a provider");
        assert_eq!((google.label.as_str(), google.issuer.as_str()), ("Google", "https://accounts.google.com"));
        assert_eq!(google.scopes, ["openid", "email", "profile"]);
        assert_eq!(google.callback, "https://api.example.com/api/v1/auth/oauth/google/callback");
        let (label, scopes) = (Some("Work".to_owned()), vec!["openid".to_owned()]);
        let other = of(config::Provider { label, scopes, ..given }).expect("a provider");
        assert_eq!((other.label.as_str(), other.scopes.as_slice()), ("Work", &["openid".to_owned()][..]));
    }

    #[test]
    fn a_secret_can_be_in_a_file_and_one_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("google");
        std::fs::write(&file, "hunter2\n").expect("a file");
        let given =
            |file| config::Provider { name: "g".to_owned(), client_secret_file: Some(file), ..Default::default() };
        let secret = of(given(file)).expect("a provider").client_secret.expect("a secret");
        assert_eq!(secret.expose(), "hunter2");
        let why = of(given(dir.path().join("absent"))).err().expect("no file").to_string();
        assert!(why.contains("client_secret_file") && why.contains("absent"), "{why}");
    }

    #[test]
    fn only_issuers_of_the_configuration_are_known() {
        let acme = of(config::Provider { issuer: Some("https://a.example".to_owned()), ..Default::default() });
        let acme = acme.expect("a provider");
        assert!(acme.is_of("https://a.example") && !acme.is_of("https://b.example"));
        let many = of(config::Provider { preset: Some(Preset::Microsoft), ..Default::default() }).expect("a provider");
        assert!(many.is_of("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"));
        assert!(!many.is_of("https://login.microsoftonline.com.evil.example/x/v2.0"));
    }

    #[test]
    fn who_runs_an_issuer_says_how_it_vouches_whatever_the_preset() {
        let vouching = |issuer: &str| {
            let given = config::Provider { issuer: Some(issuer.to_owned()), ..Default::default() };
            of(given).expect("a provider").vouching
        };
        assert_eq!(vouching("https://login.microsoftonline.com/common/v2.0"), Vouching::Microsoft);
        assert_eq!(vouching("https://accounts.google.com"), Vouching::Google);
        assert_eq!(vouching("https://a.example"), Vouching::Claim);
    }

    #[test]
    fn a_domain_is_that_of_a_proven_address() {
        let domains = vec!["Acme.example".to_owned()];
        let given = config::Provider { allowed_domains: domains, ..Default::default() };
        let acme = of(given).expect("a provider");
        assert!(acme.takes(Some("ana@acme.example")));
        for other in [None, Some("ana@sub.acme.example"), Some("ana@notacme.example")] {
            assert!(!acme.takes(other), "{other:?}");
        }
        assert!(of(config::Provider::default()).expect("a provider").takes(None));
    }
}
