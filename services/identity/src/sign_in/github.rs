//! GitHub speaks OAuth 2.0 and not OpenID Connect: there is no ID token, and its API says who came back. The answer is as
//! good, because it comes from GitHub itself, over TLS, for the code that PKCE binds to our question. GitHub Enterprise
//! Servers that are older than its PKCE (2025) ignore it: there the state, the browser's cookie and our secret alone bind it, and whoever overhears
//! a code still cannot spend it without the secret. So a server of one's own is configured with its `client_secret`.

use super::{Person, away::Failed, claims, http::Http, provider::Provider};
use serde::Deserialize;

/// GitHub's own address; another one is an Enterprise Server.
const PUBLIC: &str = "https://github.com";

/// Where it answers.
pub(super) struct Places {
    pub(super) authorize: String,
    pub(super) token: String,
    api: String,
}

#[derive(Deserialize)]
struct Account {
    /// Names may change hands; this stays.
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

pub(super) fn places(provider: &Provider) -> Places {
    let base = provider.issuer.trim_end_matches('/');
    Places {
        authorize: format!("{base}/login/oauth/authorize"),
        token: format!("{base}/login/oauth/access_token"),
        api: if base == PUBLIC { "https://api.github.com".to_owned() } else { format!("{base}/api/v3") },
    }
}

/// Whose token it is, with their primary address if they have confirmed it. Errors: [`Failed`].
pub(super) async fn person(provider: &Provider, http: &Http, token: &str) -> Result<Person, Failed> {
    let api = places(provider).api;
    let account: Account = http.get(&format!("{api}/user"), Some(token)).await?;
    let addresses: Vec<Address> = http.get(&format!("{api}/user/emails"), Some(token)).await?;
    let primary = addresses.into_iter().find(|address| address.primary && address.verified);
    let (address, is_itself) = claims::address(primary.map(|address| address.email));
    Ok(Person {
        issuer: provider.issuer.clone(),
        subject: account.id.to_string(),
        is_verified: is_itself,
        // It has asked once, at some time. The address may have changed hands since.
        is_authority: false,
        email: address,
        name: account.name.filter(|name| !name.trim().is_empty()).unwrap_or(account.login),
    })
}
