//! Whose accounts are taken beside our own.

use crate::{Error, sign_in::preset::Preset};
use host::config::Secret;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, path::PathBuf};
use url::{Host, Url};

/// A provider of sign-ins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// As addresses have it: lower-case letters, digits and hyphens. Changing it changes the address that the provider has
    /// to know, and no account.
    pub name: String,
    /// For people. Default: that of the preset, or the name.
    pub label: Option<String>,
    /// What is known of it: `google`, `microsoft` or `github`.
    pub preset: Option<Preset>,
    /// Where its description is (`<issuer>/.well-known/openid-configuration`). Default: that of the preset.
    pub issuer: Option<String>,
    /// What the provider calls this installation.
    pub client_id: String,
    /// The secret that goes with it. None: a public client, whom PKCE alone protects.
    pub client_secret: Option<Secret>,
    /// A file that holds it instead.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for. Default: that of the preset, or `openid`, `email` and `profile`.
    pub scopes: Vec<String>,
    /// Only people with an address of one of these domains may come in by it, for which the provider answers: it is believed
    /// about them. Default: all people.
    pub allowed_domains: Vec<String>,
    /// Without a preset: whether every address that the provider calls verified is believed, so that it opens the account here
    /// that has the same one. Only for a provider that nobody else can make give out addresses. Default: those of
    /// `allowed_domains` are.
    pub trusts_addresses: bool,
}

/// Refuses providers and pages that cannot be used. Errors: [`Error::Config`], which names the setting.
pub(super) fn check(providers: &[Provider], redirects: &[String]) -> Result<(), Error> {
    let mut names = HashSet::new();
    for (at, provider) in providers.iter().enumerate() {
        provider.check().map_err(|why| Error::Config(format!("identity.oidc[{at}]: {why}")))?;
        if !names.insert(&provider.name) {
            return Err(Error::Config(format!("identity.oidc: two providers have the name {}", provider.name)));
        }
    }
    for page in redirects {
        let url = Url::parse(page).ok().filter(|url| is_safe(url) && url.fragment().is_none());
        if url.is_none_or(|url| url.as_str() != page) {
            let why =
                "name https addresses as browsers write them, such as https://app.example.com/signed-in, without #";
            return Err(Error::Config(format!("identity.oidc_redirects has {page:?}: {why}")));
        }
    }
    Ok(())
}

/// Whether secrets may travel there: over TLS, or without leaving the machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none();
    is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_here(url)))
}

/// Whether it is this machine.
pub(crate) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl Provider {
    fn check(&self) -> Result<(), String> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(is_name) || self.name == "exchange" {
            return Err("name is 1 to 32 lower-case letters, digits and hyphens, and not `exchange`".to_owned());
        }
        if self.client_id.trim().is_empty() {
            return Err("client_id is missing: it is what the provider calls this installation".to_owned());
        }
        if self.client_secret.is_some() && self.client_secret_file.is_some() {
            return Err("set client_secret or client_secret_file, not both".to_owned());
        }
        match (&self.issuer, self.preset) {
            (None, None) => return Err("set issuer, or a preset that has one".to_owned()),
            (Some(issuer), _) if !Url::parse(issuer).is_ok_and(|url| is_safe(&url) && url.query().is_none()) => {
                return Err(format!("issuer is {issuer:?}: it is an https address, on this machine also http"));
            }
            _ => {}
        }
        let is_domain = |text: &String| !text.starts_with('.') && text.contains('.') && !text.contains(['@', ' ', '*']);
        if !self.allowed_domains.iter().all(is_domain) {
            return Err("allowed_domains are such as example.com".to_owned());
        }
        if self.trusts_addresses && self.preset.is_some() {
            return Err("trusts_addresses is for a provider without a preset: of others it is known".to_owned());
        }
        if self.preset == Some(Preset::Github) && !self.allowed_domains.is_empty() {
            let why = "allowed_domains is not for github, which does not know whose an address is by now: leave it out, \
                       and let people in by identity.signup: invite";
            return Err(why.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> Provider {
        let (name, client_id) = ("acme".to_owned(), "perpetuo".to_owned());
        Provider { name, client_id, issuer: Some("https://login.example.com".to_owned()), ..Provider::default() }
    }

    fn why(provider: Provider) -> String {
        check(&[provider], &[]).expect_err("it is refused").to_string()
    }

    #[test]
    fn a_provider_that_cannot_be_used_is_refused_by_name() {
        check(&[provider()], &["https://app.example.com/in".to_owned()]).expect("it can be used");
        assert!(why(Provider { name: "A b".to_owned(), ..provider() }).contains("identity.oidc[0]: name"));
        assert!(why(Provider { client_id: String::new(), ..provider() }).contains("client_id"));
        assert!(why(Provider { issuer: None, ..provider() }).contains("issuer"));
        for issuer in ["http://login.example.com", "https://a:b@login.example.com", "login.example.com"] {
            assert!(why(Provider { issuer: Some(issuer.to_owned()), ..provider() }).contains("issuer"), "{issuer}");
        }
        let both = Provider { client_secret: Some("x".into()), client_secret_file: Some("y".into()), ..provider() };
        assert!(why(both).contains("not both"));
        let github = |provider| Provider { preset: Some(Preset::Github), ..provider };
        assert!(why(github(Provider { trusts_addresses: true, ..provider() })).contains("trusts_addresses"));
        let domains = vec!["example.com".to_owned()];
        assert!(why(github(Provider { allowed_domains: domains, ..provider() })).contains("allowed_domains"));
        let twice = check(&[provider(), provider()], &[]).expect_err("one of them").to_string();
        assert!(twice.contains("two providers"), "{twice}");
    }

    #[test]
    fn pages_are_named_exactly_and_are_safe() {
        for page in
            ["http://app.example.com/", "https://app.example.com/#x", "javascript:alert(1)", "https://app.example.com"]
        {
            assert!(check(&[], &[page.to_owned()]).is_err(), "{page}");
        }
        check(&[], &["http://localhost:3000/in".to_owned()]).expect("a developer's machine");
    }
}
