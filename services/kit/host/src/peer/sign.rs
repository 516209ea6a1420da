//! What token does a call to a peer carry?

use super::{Claims, LIFETIME, TYPE, subject};
use crate::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::{
    Reason, Role,
    rpc::{Rpc, Signer},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tonic::{
    Status,
    metadata::{Ascii, MetadataValue},
};

type Which = (Role, &'static str, &'static str);

/// Signs tokens, and uses each for half of its life.
pub(super) struct Tokens {
    own: HashMap<Role, EncodingKey>,
    clock: Clock,
    /// Bounded by itself: roles times rpcs. With the second in which it was issued.
    recent: Mutex<HashMap<Which, (i64, MetadataValue<Ascii>)>>,
}

impl Tokens {
    pub fn new(own: HashMap<Role, EncodingKey>, clock: Clock) -> Self {
        Self { own, clock, recent: Mutex::default() }
    }

    fn sign(&self, caller: Role, rpc: &Rpc, now: i64) -> Result<MetadataValue<Ascii>, Status> {
        let Some(key) = self.own.get(&caller) else {
            let failure = Reason::ServiceUnavailable.with(format!("this process has no key for the role {caller}"));
            return Err(failure.into());
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(caller.as_str().to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            iss: caller.as_str().to_owned(),
            aud: rpc.audience.as_str().to_owned(),
            sub: subject(rpc),
            iat: now,
            exp: now + LIFETIME,
        };
        let token = jsonwebtoken::encode(&header, &claims, key).ok().and_then(|t| t.parse().ok());
        token.ok_or_else(|| {
            tracing::error!(role = %caller, "a peer token cannot be signed");
            Reason::Internal.with("internal error").into()
        })
    }
}

impl Signer for Tokens {
    fn token(&self, caller: Role, rpc: &'static Rpc) -> Result<MetadataValue<Ascii>, Status> {
        let now = self.clock.now().timestamp();
        let which = (caller, rpc.service, rpc.method);
        if let Some((issued, token)) = self.recent.lock().unwrap_or_else(PoisonError::into_inner).get(&which)
            && (0..LIFETIME / 2).contains(&(now - issued))
        {
            return Ok(token.clone());
        }
        // Signed outside of the lock: two callers may both sign, and either token is good.
        let token = self.sign(caller, rpc, now)?;
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).insert(which, (now, token.clone()));
        Ok(token)
    }
}
