//! Does an ID token hold? (OpenID Connect Core 1.0, section 3.1.3.7.)

use super::{
    away::Failed,
    claims::Extra,
    discovery::{Kept, TENANT},
    oidc::Token,
    provider::Provider,
};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IdTokenClaims, IdTokenVerifier, Nonce,
    SignatureVerificationError,
    core::{CoreGenderClaim, CoreJwsSigningAlgorithm as Algorithm},
};

/// By how much clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// Whatever a provider's description says, these alone are taken: signed with a key that only the provider has. Not `none`,
/// and nothing that our own secret could sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// What the token has to fit to.
pub(super) struct Asked<'a> {
    pub(super) provider: &'a Provider,
    pub(super) access_token: &'a AccessToken,
    pub(super) nonce: &'a Nonce,
    pub(super) now: DateTime<Utc>,
}

/// What it says. Errors: [`Failed::UnknownKey`], [`Failed::Wrong`].
pub(super) fn verify<'t>(
    kept: &Kept,
    token: &'t Token,
    asked: &Asked<'_>,
) -> Result<&'t IdTokenClaims<Extra, CoreGenderClaim>, Failed> {
    let Asked { provider, access_token, nonce, now } = *asked;
    let (client, issuer) = (ClientId::new(provider.client_id.clone()), kept.metadata.issuer().clone());
    let is_template = is_template(&issuer);
    let verifier = IdTokenVerifier::new_public_client(client.clone(), issuer, kept.keys.clone())
        .set_allowed_algs(ALGORITHMS)
        .require_issuer_match(!is_template)
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |at| {
            if at <= now + SKEW { Ok(()) } else { Err(format!("issued at {at}, which is to come")) }
        });
    let claims = token.claims(&verifier, nonce).map_err(|why| match why {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => Failed::UnknownKey,
        ClaimsVerificationError::SignatureVerification(why) => wrong(why),
        why => wrong(why),
    })?;
    if is_template && !is_of_tenant(claims.issuer(), claims.additional_claims().tid.as_deref()) {
        return Err(wrong("its issuer is not that of its tenant"));
    }
    // The library leaves this one out.
    if claims.authorized_party().is_some_and(|party| *party != client) {
        return Err(wrong("it was made out to another client"));
    }
    if claims.subject().is_empty() || claims.subject().len() > 255 {
        return Err(wrong("its subject is none"));
    }
    if let Some(expected) = claims.access_token_hash() {
        let (algorithm, key) = (token.signing_alg().map_err(wrong)?, token.signing_key(&verifier).map_err(wrong)?);
        if AccessTokenHash::from_token(access_token, algorithm, key).map_err(wrong)? != *expected {
            return Err(wrong("it belongs to another access token"));
        }
    }
    Ok(claims)
}

/// Whether a description stands for many tenants, each with an issuer of its own.
pub(super) fn is_template(issuer: &str) -> bool {
    issuer.contains(TENANT)
}

/// Microsoft: the issuer is that of the tenant whom the token names.
fn is_of_tenant(issuer: &str, tenant: Option<&str>) -> bool {
    let is_one = |tenant: &&str| uuid::Uuid::try_parse(tenant).is_ok();
    tenant.filter(is_one).is_some_and(|tenant| issuer == format!("https://login.microsoftonline.com/{tenant}/v2.0"))
}

fn wrong(why: impl std::fmt::Display) -> Failed {
    Failed::Wrong(format!("the ID token does not hold: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_tenants_each_has_its_own_issuer() {
        let (ours, theirs) = ("9188040d-6c67-4c5b-b112-36a304b66dad", "72f988bf-86f1-41af-91ab-2d7cd011db47");
        let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        assert!(is_template(&issuer(TENANT)) && !is_template(&issuer(ours)));
        assert!(is_of_tenant(&issuer(ours), Some(ours)));
        assert!(!is_of_tenant(&issuer(theirs), Some(ours)) && !is_of_tenant(&issuer(ours), None));
        assert!(!is_of_tenant(&issuer(TENANT), Some(TENANT)), "what is no tenant");
        assert!(!is_of_tenant(&format!("https://evil.example/{ours}/v2.0"), Some(ours)));
    }
}
