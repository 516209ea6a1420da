//! Whose credential is this?

use super::{Door, Who, key};
use crate::{
    Network,
    feed::{Entry, Loaded},
};
use chrono::{DateTime, Utc};
use proto::{
    Call, Impersonation, PlatformRole, Reason, Scopes,
    id::{SessionId, UserId, WorkspaceId},
    identity::{ResolveKeyRequest, ResolveTokenRequest},
    time,
};
use std::{
    net::IpAddr,
    str::FromStr,
    sync::{Arc, atomic::AtomicI64},
};
use tonic::Status;

/// SHA-256 of a credential: the cache holds none that could be used.
pub(super) type Hash = [u8; 32];

/// The longest access token that is looked at.
const LONGEST_TOKEN: usize = 4096;

/// A credential that identity vouches for.
pub(super) struct Credential {
    pub who: Who,
    /// None: it does not expire.
    pub expires: Option<DateTime<Utc>>,
    /// From where it may be used. Empty: from anywhere.
    pub networks: Box<[Network]>,
    /// When it was last used, in microseconds since 1970, if that has not been reported yet; else 0.
    pub used: AtomicI64,
}

impl Door {
    /// Whose `credential` it is: an API key or an access token. `client` is the address to throttle when guesses come
    /// from it. Errors: `UNKNOWN_KEY`, `KEY_REVOKED`, `KEY_EXPIRED`, `TOKEN_INVALID`, `TOKEN_EXPIRED`,
    /// `SESSION_ENDED`, `ADDRESS_NOT_ALLOWED`, `RATE_LIMITED`, `SERVICE_UNAVAILABLE`.
    pub async fn identify(&self, credential: &str, client: Option<IpAddr>, call: &Call) -> Result<Who, Status> {
        plausible(credential)?;
        let hash = key::hash(credential);
        if let Some(known) = self.credentials.get(&hash, &self.identity_feed) {
            return self.admit(&known, client);
        }
        // Boxed, so that the way that nearly every request takes does not carry the room for this one.
        Box::pin(self.look_up(hash, credential, client, call)).await
    }

    async fn look_up(&self, hash: Hash, credential: &str, client: Option<IpAddr>, call: &Call) -> Result<Who, Status> {
        if let Some(refusal) = self.refused.get(&hash) {
            return Err(refusal);
        }
        self.throttle.check(client)?;
        let load = async {
            if key::looks_like_one(credential) {
                self.resolve_key(hash, call).await
            } else {
                self.resolve_token(credential, call).await
            }
        };
        let refusal = match self.credentials.load(hash, &self.identity_feed, load).await {
            Ok(found) => return self.admit(&found, client),
            Err(refusal) => refusal,
        };
        let reason = Reason::of(&refusal);
        if reason != Reason::ServiceUnavailable {
            self.refused.insert(hash, refusal.clone());
        }
        // Tokens and keys that were good once are not guesses.
        if matches!(reason, Reason::UnknownKey | Reason::TokenInvalid) {
            self.throttle.count(client);
        }
        Err(refusal)
    }

    /// Lets in whoever identity vouched for, unless that has expired meanwhile or comes from elsewhere.
    fn admit(&self, known: &Arc<Entry<Credential>>, client: Option<IpAddr>) -> Result<Who, Status> {
        let now = self.clock.now();
        known.valid(now)?;
        known.admits(client)?;
        self.key_use.note(known, now);
        Ok(known.who)
    }

    async fn resolve_key(&self, hash: Hash, call: &Call) -> Result<Loaded<Credential>, Status> {
        let request = ResolveKeyRequest { sha256: hash.to_vec().into() };
        let found = self.identity.resolve_key(&self.asks(call), request).await?;
        let (id, workspace) = (read(&found.key_id)?, read(&found.workspace_id)?);
        let scopes = Scopes::parse(found.scopes.iter().map(String::as_str)).of_keys();
        let user = if found.user_id.is_empty() { None } else { Some(read(&found.user_id)?) };
        let team = if found.team_id.is_empty() { None } else { Some(read(&found.team_id)?) };
        let who = Who::Key { id, workspace, scopes, user, team };
        let expires = found.expires_at.and_then(time::from_proto);
        // One that this release cannot read must not open the key to everybody.
        let networks = found.allowed_ips.iter().map(|network| read(network)).collect::<Result<_, _>>()?;
        Ok(Loaded {
            value: Credential { who, expires, networks, used: AtomicI64::new(0) },
            subjects: vec![id.uuid(), workspace.uuid()],
        })
    }

    async fn resolve_token(&self, token: &str, call: &Call) -> Result<Loaded<Credential>, Status> {
        let request = ResolveTokenRequest { access_token: token.to_owned(), knows_impersonation: true };
        let found = self.identity.resolve_token(&self.asks(call), request).await?;
        let workspace: Option<WorkspaceId> =
            if found.workspace_id.is_empty() { None } else { Some(read(&found.workspace_id)?) };
        let (id, session): (UserId, SessionId) = (read(&found.user_id)?, read(&found.session_id)?);
        let platform = PlatformRole::parse(&found.platform_role);
        let mut subjects = vec![id.uuid(), session.uuid()];
        let mut impersonation = None;
        if !found.impersonator_id.is_empty() {
            let operator: UserId = read(&found.impersonator_id)?;
            // What ends the operator's role or their session ends this, too.
            subjects.extend([operator.uuid(), read::<SessionId>(&found.impersonator_session_id)?.uuid()]);
            impersonation = Some(Impersonation { operator, may_write: found.impersonator_may_write });
        }
        let who = Who::User { id, session, workspace, platform, impersonation };
        let expires = found.expires_at.and_then(time::from_proto);
        Ok(Loaded { value: Credential { who, expires, networks: [].into(), used: AtomicI64::new(0) }, subjects })
    }
}

impl Credential {
    fn valid(&self, now: DateTime<Utc>) -> Result<(), Status> {
        if self.expires.is_none_or(|at| now < at) {
            return Ok(());
        }
        Err(match self.who {
            Who::Key { .. } => Reason::KeyExpired.with("the API key has expired: create a new one").into(),
            Who::User { .. } => Reason::TokenExpired.with("the access token has expired: refresh it").into(),
        })
    }

    /// Errors: `ADDRESS_NOT_ALLOWED`, also where it is not known who asks.
    fn admits(&self, client: Option<IpAddr>) -> Result<(), Status> {
        if self.networks.is_empty() || client.is_some_and(|ip| self.networks.iter().any(|n| n.contains(ip))) {
            return Ok(());
        }
        let address = client.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let why = format!("the API key may not be used from the address {address}");
        Err(Reason::AddressNotAllowed.with(why).fact("address", address).into())
    }
}

/// Sheds what cannot be a credential before anybody is asked.
fn plausible(credential: &str) -> Result<(), Status> {
    let is_key = key::looks_like_one(credential);
    if is_key && !key::checksum_ok(credential) {
        let mistyped = "this is not an API key of Perpetuo: check that the whole key was copied";
        return Err(Reason::UnknownKey.with(mistyped).into());
    }
    let is_token = credential.len() <= LONGEST_TOKEN && credential.bytes().filter(|&b| b == b'.').count() == 2;
    if !is_key && !is_token {
        let neither = "the credential is neither an access token nor an API key (pk_…)";
        return Err(Reason::TokenInvalid.with(neither).into());
    }
    Ok(())
}

/// An id or a network that identity sent.
fn read<T: FromStr>(text: &str) -> Result<T, Status> {
    text.parse().map_err(|_| {
        tracing::error!("identity answered with a malformed id or network");
        Reason::Internal.with("internal error").into()
    })
}
