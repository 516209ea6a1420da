//! Is this an access token of ours, and does it hold now?
//!
//! The header is the attacker's: it may name a key of ours and nothing else. Keys that it brings or points to
//! (`jwk`, `jku`, `x5u`, …) make it a forgery.

use super::claims::{AUDIENCE, Claims, KIND, TYPE};
use crate::{Error, Parts};
use jsonwebtoken::{Algorithm, Header, Validation};

/// Longer than any token that we make.
const MAX_BYTES: usize = 4096;
/// How far the clock of the process that signed may be ahead, in seconds.
const LEEWAY: i64 = 5;

/// The claims of a token that holds. Errors: [`Error::TokenInvalid`], [`Error::TokenExpired`], and [`Error::Store`]
/// where the keys had to be read and could not.
pub(crate) async fn verify(parts: &Parts, token: &str) -> Result<Claims, Error> {
    if token.len() > MAX_BYTES {
        return Err(Error::TokenInvalid);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::TokenInvalid)?;
    let kid = kid(&header).ok_or(Error::TokenInvalid)?;
    let key = parts.keys.verifier(kid).await?.ok_or(Error::TokenInvalid)?;

    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[&parts.config.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library asks the machine for the time; ours is an argument.
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation);
    let claims = decoded.map_err(|_| Error::TokenInvalid)?.claims;

    let now = parts.clock.now().timestamp();
    if claims.kind != KIND || claims.iat > now + LEEWAY {
        return Err(Error::TokenInvalid);
    }
    if claims.exp <= now {
        return Err(Error::TokenExpired);
    }
    Ok(claims)
}

/// The key that the header names, if the header is of the only kind that we write.
fn kid(header: &Header) -> Option<&str> {
    let Header { typ, alg, jku, jwk, x5u, x5c, x5t, x5t_s256, crit, kid, .. } = header;
    let ours = *alg == Algorithm::EdDSA && typ.as_deref() == Some(TYPE);
    let brings_keys = jku.is_some() || jwk.is_some() || x5u.is_some() || x5c.is_some();
    let odd = brings_keys || x5t.is_some() || x5t_s256.is_some() || crit.is_some();
    if ours && !odd { kid.as_deref() } else { None }
}
