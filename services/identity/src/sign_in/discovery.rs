//! What a provider says of itself: its addresses and the keys that sign. Kept for an hour, and asked again when a token names
//! a key that is not among them, because keys change when their owner likes.

use super::{away::Failed, http::Http, preset::MICROSOFT_HOST, provider::Provider};
use chrono::{DateTime, TimeDelta, Utc};
use host::Clock;
use openidconnect::core::{CoreJsonWebKeySet, CoreProviderMetadata};
use std::sync::{Arc, PoisonError, RwLock};

const KEPT: TimeDelta = TimeDelta::hours(1);
/// Keys that are not there are not asked for more often.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// What was said, if it was asked.
pub(super) struct Described {
    clock: Clock,
    kept: RwLock<Option<Arc<Kept>>>,
}

/// A description with its keys.
pub(super) struct Kept {
    pub(super) metadata: CoreProviderMetadata,
    pub(super) keys: CoreJsonWebKeySet,
    at: DateTime<Utc>,
}

impl Described {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, kept: RwLock::default() }
    }

    fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Not older than an hour. Errors: [`Failed`].
    pub(super) async fn get(&self, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        match self.kept().filter(|kept| self.clock.now() < kept.at + KEPT) {
            Some(kept) => Ok(kept),
            None => self.ask(provider, http).await,
        }
    }

    /// Asked again for a key that is not in `seen`, unless that was done just now. Errors: [`Failed::UnknownKey`].
    pub(super) async fn newer(&self, seen: &Kept, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        match self.kept() {
            Some(kept) if kept.at > seen.at => Ok(kept),
            _ if self.clock.now() < seen.at + PAUSE => Err(Failed::UnknownKey),
            _ => self.ask(provider, http).await,
        }
    }

    async fn ask(&self, provider: &Provider, http: &Http) -> Result<Arc<Kept>, Failed> {
        let url = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let metadata: CoreProviderMetadata = http.get(&url, None).await?;
        if !is_of(&provider.issuer, metadata.issuer()) {
            let why = format!("the description at {url} is of another issuer, {}", metadata.issuer().as_str());
            return Err(Failed::Wrong(why));
        }
        let keys: CoreJsonWebKeySet = http.get(metadata.jwks_uri().as_str(), None).await?;
        let kept = Arc::new(Kept { metadata, keys, at: self.clock.now() });
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept.clone());
        Ok(kept)
    }
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
pub(super) fn has_many_tenants(issuer: &str) -> bool {
    ["common", "organizations"].iter().any(|of| issuer == format!("{MICROSOFT_HOST}/{of}/v2.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
