//! Is this token from a peer, and for this rpc?

use super::{Claims, LIFETIME, TYPE, subject};
use crate::Clock;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;
use proto::{Reason, Role, rpc::Rpc};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tonic::Status;

/// Seconds by which the clocks of two machines may differ.
const LEEWAY: i64 = 5;
/// Longer than any token that we make.
const LONGEST: usize = 1024;

/// Verifies peers' tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    public: HashMap<Role, DecodingKey>,
    clock: Clock,
    /// Tokens whose signature has been verified. A peer sends the same one for half a minute.
    known: Cache<Box<[u8]>, Arc<Verified>>,
}

struct Verified {
    caller: Role,
    audience: Role,
    subject: String,
    issued: i64,
    expires: i64,
}

impl Verifier {
    pub(super) fn new(public: HashMap<Role, DecodingKey>, clock: Clock) -> Self {
        let lifetime = Duration::from_secs((LIFETIME + LEEWAY).unsigned_abs());
        let known = Cache::builder().max_capacity(10_000).time_to_live(lifetime).build();
        Self(Arc::new(Inner { public, clock, known }))
    }

    /// The role that signed `token` for `rpc`. Errors: `TOKEN_INVALID`, `TOKEN_EXPIRED`.
    pub fn verify(&self, token: &[u8], rpc: &Rpc) -> Result<Role, Status> {
        let verified = match self.0.known.get(token) {
            Some(known) => known,
            None => {
                let fresh = Arc::new(self.0.read(token).ok_or_else(invalid)?);
                self.0.known.insert(token.into(), fresh.clone());
                fresh
            }
        };
        if verified.audience != rpc.audience || verified.subject != subject(rpc) {
            return Err(Reason::TokenInvalid.with("the peer token is for another rpc").into());
        }
        let now = self.0.clock.now().timestamp();
        if now > verified.expires + LEEWAY {
            return Err(Reason::TokenExpired.with("the peer token has expired: compare the machines' clocks").into());
        }
        if now < verified.issued - LEEWAY {
            return Err(Reason::TokenInvalid.with("the peer token is from the future: compare the clocks").into());
        }
        Ok(verified.caller)
    }
}

impl Inner {
    /// What the token says, if its signature and form are right.
    fn read(&self, token: &[u8]) -> Option<Verified> {
        if token.len() > LONGEST {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let caller: Role = header.kid.as_deref()?.parse().ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, self.public.get(&caller)?, &signature_only()).ok()?.claims;
        let lifetime = claims.exp.checked_sub(claims.iat)?;
        if claims.iss != caller.as_str() || !(0..=LIFETIME).contains(&lifetime) {
            return None;
        }
        let audience = claims.aud.parse().ok()?;
        Some(Verified { caller, audience, subject: claims.sub, issued: claims.iat, expires: claims.exp })
    }
}

/// The claims are checked here, against our own clock and on every use of a remembered token.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn invalid() -> Status {
    Reason::TokenInvalid.with("the peer token is not signed by a role of Perpetuo").into()
}
