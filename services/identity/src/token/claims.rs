//! What an access token says.

use serde::{Deserialize, Serialize};

/// `typ` of the header (RFC 9068).
pub(crate) const TYPE: &str = "at+jwt";
/// For whom it is.
pub(crate) const AUDIENCE: &str = "perpetuo";
/// `type`, for readers that see claims only.
pub(crate) const KIND: &str = "access";

/// The claims, in the order in which the contract lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    /// `usr_…`
    pub(crate) sub: String,
    pub(crate) email: String,
    /// The workspace of routes that name none; empty if the person has none.
    pub(crate) tenant_id: String,
    /// In that workspace. It informs; what counts is looked up.
    pub(crate) role: String,
    /// `ses_…`
    pub(crate) sid: String,
    /// Seconds since 1970.
    pub(crate) iat: i64,
    /// Seconds since 1970.
    pub(crate) exp: i64,
    /// `admin` or `developer`, for operators. What counts is the lesser of this and what holds when it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform_role: Option<String>,
    /// Who acts for the person (RFC 8693). It informs; what counts is looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<Actor>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// Who acts for the person that a token is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Actor {
    /// `usr_…`
    pub(crate) sub: String,
}
