//! The one cookie of this API: it ties a sign-in to the browser that began it, and is no credential of anybody.
//!
//! `__Host-` keeps other hosts, and pages without TLS, from setting it. Browsers take it without TLS from this machine only
//! (Chrome and Firefox do, Safari does not). `Lax`: it comes along when the provider sends the browser back, and with no
//! request that another site makes in the background.

use crate::{app::Shared, error::Error};
use axum::extract::FromRequestParts;
use http::{HeaderValue, header::COOKIE, request::Parts};
use std::convert::Infallible;

const NAME: &str = "__Host-perpetuo-sign-in";
/// As long as a sign-in may take.
const SECONDS: u32 = 600;

/// What this browser was given; empty: nothing.
pub(crate) struct Browser(pub(crate) String);

impl FromRequestParts<Shared> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        let pairs = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = pairs.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        Ok(Self(pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value.to_owned()).unwrap_or_default()))
    }
}

/// The header that gives it to a browser. Errors: for what no cookie can hold.
pub(crate) fn set(browser: &str) -> Result<HeaderValue, Error> {
    let text = format!("{NAME}={browser}; Path=/; Max-Age={SECONDS}; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(text).map_err(|_| Error::incomplete("the browser's secret"))
}
