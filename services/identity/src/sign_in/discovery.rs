//! What a provider says of itself: its addresses and the keys that sign. Kept for an hour, and asked again when a token names
//! a key that is not among them, because keys change when their owner likes.

use super::{away::Failed, http::Http, preset::MICROSOFT_HOST, provider::Provider};
use crate::config::{is_here, is_safe};
use chrono::{DateTime, TimeDelta, Utc};
use host::Clock;
use openidconnect::core::{CoreJsonWebKeySet, CoreProviderMetadata};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;
use url::Url;

const KEPT: TimeDelta = TimeDelta::hours(1);
/// Keys that are not there are not asked for more often.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// One that has failed is left alone for so long.
const REST: TimeDelta = TimeDelta::seconds(10);
/// For so long beyond its time a description is better than none.
const STALE: TimeDelta = TimeDelta::minutes(15);

/// What was said, if it was asked.
pub(super) struct Described {
    clock: Clock,
    kept: RwLock<Option<Arc<Kept>>>,
    /// How asking ended the last time, if badly. Whoever asks holds it: others wait for that answer, and do not ask as well.
    failed: Mutex<Option<(DateTime<Utc>, Failed)>>,
}

/// A description with its keys.
pub(super) struct Kept {
    pub(super) metadata: CoreProviderMetadata,
    pub(super) keys: CoreJsonWebKeySet,
    at: DateTime<Utc>,
}

impl Described {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, kept: RwLock::default(), failed: Mutex::default() }
    }

    fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn younger(&self, than: TimeDelta) -> Option<Arc<Kept>> {
        self.kept().filter(|kept| self.clock.now() < kept.at + than)
    }

    /// Not older than an hour, or little more while the provider does not answer. Errors: [`Failed`].
    pub(super) async fn get(&self, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        if let Some(kept) = self.younger(KEPT) {
            return Ok(kept);
        }
        let mut failed = self.failed.lock().await;
        if let Some(kept) = self.younger(KEPT) {
            return Ok(kept);
        }
        let asked = self.ask_unless_just_now(&mut failed, provider, http).await;
        asked.or_else(|why| self.younger(KEPT + STALE).ok_or(why))
    }

    /// Asked again for a key that is not in `seen`, unless that was done just now. Errors: [`Failed::UnknownKey`].
    pub(super) async fn newer(&self, seen: &Kept, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        let mut failed = self.failed.lock().await;
        match self.kept() {
            Some(kept) if kept.at > seen.at => Ok(kept),
            _ if self.clock.now() < seen.at + PAUSE => Err(Failed::UnknownKey),
            _ => self.ask_unless_just_now(&mut failed, provider, http).await,
        }
    }

    /// Errors: [`Failed`], also as it failed just now.
    async fn ask_unless_just_now(
        &self,
        failed: &mut Option<(DateTime<Utc>, Failed)>,
        provider: &Provider,
        http: &Http,
    ) -> Result<Arc<Kept>, Failed> {
        if let Some((at, why)) = failed.as_ref().filter(|(at, _)| self.clock.now() < *at + REST) {
            tracing::debug!(provider = provider.name, %at, "a provider is not asked again yet");
            return Err(why.clone());
        }
        let asked = self.ask(provider, http).await;
        *failed = asked.as_ref().err().map(|why| (self.clock.now(), why.clone()));
        asked
    }

    async fn ask(&self, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        let url = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let metadata: CoreProviderMetadata = http.get(&url, None).await?;
        if !is_of(&provider.issuer, metadata.issuer()) {
            let why = format!("the description at {url} is of another issuer, {}", metadata.issuer().as_str());
            return Err(Failed::Wrong(why));
        }
        safe(&provider.issuer, &metadata)?;
        let keys: CoreJsonWebKeySet = http.get(metadata.jwks_uri().as_str(), None).await?;
        let kept = Arc::new(Kept { metadata, keys, at: self.clock.now() });
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept.clone());
        Ok(kept)
    }
}

/// Errors: [`Failed::Wrong`] for an address in a description to which neither a browser nor a secret may be sent.
fn safe(issuer: &str, metadata: &CoreProviderMetadata) -> Result<(), Failed> {
    let all = [
        ("authorization_endpoint", Some(metadata.authorization_endpoint().as_str())),
        ("token_endpoint", metadata.token_endpoint().map(|url| url.as_str())),
        ("jwks_uri", Some(metadata.jwks_uri().as_str())),
        ("userinfo_endpoint", metadata.userinfo_endpoint().map(|url| url.as_str())),
    ];
    match all.iter().find(|(_, url)| url.is_some_and(|url| !may_name(issuer, url))) {
        Some((name, _)) => Err(Failed::Wrong(format!("the description has a {name} that is not https"))),
        None => Ok(()),
    }
}

/// Whether an issuer may send us, or browsers, there: this machine without TLS is named by an issuer on it only.
fn may_name(issuer: &str, url: &str) -> bool {
    let (Ok(issuer), Ok(url)) = (Url::parse(issuer), Url::parse(url)) else { return false };
    is_safe(&url) && (url.scheme() == "https" || is_here(&issuer))
}

/// What stands for a tenant in the description that Microsoft gives for all of them.
pub(super) const TENANT: &str = "{tenantid}";

/// Whether a description is of the issuer that was asked (OpenID Connect Discovery 1.0, section 4.3); Microsoft's for many
/// tenants is of a template.
fn is_of(asked: &str, described: &str) -> bool {
    let is_microsofts = described == format!("{MICROSOFT_HOST}/{TENANT}/v2.0");
    described == asked || (is_microsofts && has_many_tenants(asked))
}

/// Whether an issuer of the configuration stands for many tenants of Microsoft's. Whatever the preset is, what its host says
/// makes their addresses be believed as Microsoft's ([`super::preset::vouching`]).
pub(crate) fn has_many_tenants(issuer: &str) -> bool {
    ["common", "organizations"].iter().any(|of| issuer == format!("{MICROSOFT_HOST}/{of}/v2.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_elsewhere_names_nothing_on_this_machine() {
        let (there, here) = ("https://a.example", "http://localhost:3000");
        assert!(may_name(there, "https://b.example/auth") && may_name(here, "http://127.0.0.1:3000/auth"));
        for url in ["http://localhost:3000/auth", "http://b.example/auth", "javascript:alert(1)", "auth"] {
            assert!(!may_name(there, url), "{url}");
        }
        assert!(!may_name(here, "http://b.example/auth"));
    }

    #[test]
    fn a_description_is_of_whom_was_asked() {
        let (common, template) =
            ("https://login.microsoftonline.com/common/v2.0", "https://login.microsoftonline.com/{tenantid}/v2.0");
        assert!(is_of("https://a.example", "https://a.example") && is_of(common, template));
        for (asked, described) in [
            ("https://a.example", "https://a.example/"),
            ("https://a.example", template),
            (common, "https://a.example"),
        ] {
            assert!(!is_of(asked, described), "{asked} {described}");
        }
    }
}
