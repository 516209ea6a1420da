//! What is known of providers that many people have an account with. Data, so that a configuration names two things only.

use serde::{Deserialize, Serialize};
use url::Url;

/// A provider that is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Accounts of Google, and of Google Workspace.
    Google,
    /// Accounts of Microsoft: Entra ID and personal ones.
    Microsoft,
    /// Accounts of GitHub, or of a GitHub Enterprise Server (its address is the `issuer`).
    Github,
}

/// How a provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// OpenID Connect, by discovery.
    OpenId,
    /// OAuth 2.0 and an API of its own that says who it was.
    Github,
}

/// When an address that a provider tells is the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vouching {
    /// `email_verified`.
    Claim,
    /// The same; but only addresses of Gmail, and of a hosted domain (`hd`), are Google's to give out. Of others it has asked
    /// once, at some time, and they may have changed hands.
    Google,
    /// `xms_edov`, which an operator adds to the application's optional claims. What Microsoft tells as `email` is whatever the
    /// administrator of any tenant has typed in, so that taking it for the person's would open anybody's account ("nOAuth").
    Microsoft,
}

/// A row of the table.
pub(crate) struct Known {
    pub(crate) label: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) protocol: Protocol,
    pub(crate) vouching: Vouching,
}

/// What is asked of a provider of which nothing is known.
const OPENID: Known = Known {
    label: "",
    issuer: "",
    scopes: &["openid", "email", "profile"],
    protocol: Protocol::OpenId,
    vouching: Vouching::Claim,
};
const GOOGLE: Known =
    Known { label: "Google", issuer: "https://accounts.google.com", vouching: Vouching::Google, ..OPENID };
const MICROSOFT: Known = Known {
    label: "Microsoft",
    // Every tenant, and personal accounts. Its description names a template; `issuer: …/<tenant>/v2.0` is one tenant alone.
    issuer: "https://login.microsoftonline.com/common/v2.0",
    vouching: Vouching::Microsoft,
    ..OPENID
};
const GITHUB: Known = Known {
    label: "GitHub",
    issuer: "https://github.com",
    scopes: &["read:user", "user:email"],
    protocol: Protocol::Github,
    vouching: Vouching::Claim,
};

/// Where Microsoft's issuers are.
pub(crate) const MICROSOFT_HOST: &str = "https://login.microsoftonline.com";

/// How an issuer vouches: its host says it, too, because somebody may configure it without the preset.
pub(crate) fn vouching(known: &Known, issuer: &str) -> Vouching {
    let url = Url::parse(issuer).ok();
    match url.as_ref().and_then(Url::host_str) {
        Some("accounts.google.com") => Vouching::Google,
        Some(
            "login.microsoftonline.com"
            | "login.microsoftonline.us"
            | "login.partner.microsoftonline.cn"
            | "login.windows.net"
            | "sts.windows.net",
        ) => Vouching::Microsoft,
        _ => known.vouching,
    }
}

/// What is known.
pub(crate) const fn known(preset: Option<Preset>) -> &'static Known {
    match preset {
        None => &OPENID,
        Some(Preset::Google) => &GOOGLE,
        Some(Preset::Microsoft) => &MICROSOFT,
        Some(Preset::Github) => &GITHUB,
    }
}
