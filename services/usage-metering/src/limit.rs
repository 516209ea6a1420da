//! What must a request fit into, and what did not fit?

use crate::{Error, grant::GrantKey};
use proto::{
    Failure, Reason,
    id::{KeyId, WorkspaceId},
    usage::{Layer, LayerKind, LimitKind, LimitState},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// Beyond it the arithmetic of the buckets would no longer be exact in Redis' numbers.
const MAX_LIMIT: i64 = 100_000_000_000;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "r")]
    Requests,
    #[serde(rename = "t")]
    Tokens,
    #[serde(rename = "c")]
    Concurrency,
}

/// Whose limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Owner {
    #[serde(rename = "w")]
    Workspace,
    #[serde(rename = "k")]
    ApiKey,
}

/// One limit of one layer, and how much of it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limit {
    pub owner: Owner,
    #[serde(with = "uuid::serde::simple")]
    pub id: Uuid,
    pub kind: Kind,
    pub limit: i64,
    pub cost: i64,
}

/// All limits of one attempt: it fits into every one or reserves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub key: GrantKey,
    pub limits: Vec<Limit>,
    /// Milliseconds since 1970.
    pub expires_ms: i64,
}

/// Where one limit stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub used: i64,
    /// Milliseconds until all of it is available again.
    pub reset_ms: i64,
    /// Milliseconds until what was asked for fits; 0 if it does.
    pub retry_ms: i64,
}

/// Why an attempt was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Limited {
    limit: Limit,
    standing: Standing,
}

impl Limit {
    pub fn state(&self, standing: Standing) -> LimitState {
        LimitState {
            layer: match self.owner {
                Owner::Workspace => LayerKind::Workspace,
                Owner::ApiKey => LayerKind::ApiKey,
            }
            .into(),
            kind: match self.kind {
                Kind::Requests => LimitKind::RequestsPerMinute,
                Kind::Tokens => LimitKind::TokensPerMinute,
                Kind::Concurrency => LimitKind::ConcurrentRequests,
            }
            .into(),
            limit: self.limit,
            used: standing.used,
            remaining: (self.limit - standing.used).max(0),
            reset_ms: standing.reset_ms,
            ..LimitState::default()
        }
    }
}

/// The limits of `layers` for an attempt; unlimited layers have none. Errors: `INVALID_ARGUMENT`.
pub(crate) fn limits(layers: &[Layer], workspace: Uuid, attempt: i64, tokens: i64) -> Result<Vec<Limit>, Error> {
    let mut limits = Vec::new();
    for layer in layers {
        let (owner, id) = owner(layer, workspace)?;
        // A fallback is the same request to the client, so only its first attempt counts as one.
        let request = i64::from(attempt == 1);
        for (kind, limit, cost) in [
            (Kind::Requests, layer.rpm, request),
            (Kind::Tokens, layer.tpm, tokens),
            (Kind::Concurrency, layer.concurrency, 1),
        ] {
            let Some(limit) = limit else { continue };
            if limit < 1 {
                return Err(Error::invalid("layers", "must have limits of at least 1, or none"));
            }
            if limits.iter().any(|l: &Limit| (l.owner, l.id, l.kind) == (owner, id, kind)) {
                return Err(Error::invalid("layers", "must name each layer once"));
            }
            limits.push(Limit { owner, id, kind, limit: limit.min(MAX_LIMIT), cost });
        }
    }
    Ok(limits)
}

/// What was reserved, as `open_grants` keeps it, so that any process can give it back.
pub(crate) fn to_text(limits: &[Limit]) -> String {
    serde_json::to_string(limits).unwrap_or_default()
}

/// What [`to_text`] wrote; nothing if it is empty.
pub(crate) fn from_text(text: &str) -> Vec<Limit> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Refuses what no bucket could ever hold: waiting would not help. Errors: `RATE_LIMITED`.
pub(crate) fn fits_at_all(limits: &[Limit]) -> Result<(), Error> {
    match limits.iter().find(|l| l.cost > l.limit) {
        None => Ok(()),
        Some(limit) => Err(refused(limit.clone(), Standing { used: 0, reset_ms: 0, retry_ms: 60_000 })),
    }
}

/// The refusal of the limit that takes longest to fit again.
pub(crate) fn longest(limits: &[Limit], standings: &[Standing]) -> Error {
    let longest = limits.iter().zip(standings).max_by_key(|(_, s)| s.retry_ms);
    longest.map_or(Error::CountersAway, |(limit, standing)| refused(limit.clone(), *standing))
}

fn refused(limit: Limit, standing: Standing) -> Error {
    Error::Limited(Box::new(Limited { limit, standing }))
}

fn owner(layer: &Layer, workspace: Uuid) -> Result<(Owner, Uuid), Error> {
    let malformed = || Error::invalid("layers", "must name the workspace of the request, or an API key");
    match layer.kind() {
        LayerKind::Workspace => match layer.id.parse::<WorkspaceId>() {
            Ok(id) if id.uuid() == workspace => Ok((Owner::Workspace, workspace)),
            _ => Err(malformed()),
        },
        LayerKind::ApiKey => Ok((Owner::ApiKey, layer.id.parse::<KeyId>().map_err(|_| malformed())?.uuid())),
        LayerKind::Unspecified
        | LayerKind::User
        | LayerKind::Model
        | LayerKind::Plan
        | LayerKind::Address
        | LayerKind::Platform => Err(malformed()),
    }
}

impl Limited {
    pub(crate) fn failure(&self) -> Failure {
        let Self { limit, standing } = self;
        let (reason, kind) = match limit.kind {
            Kind::Requests => (Reason::RateLimited, "requests_per_minute"),
            Kind::Tokens => (Reason::RateLimited, "tokens_per_minute"),
            Kind::Concurrency => (Reason::ConcurrencyLimited, "concurrent_requests"),
        };
        let layer = match limit.owner {
            Owner::Workspace => "workspace",
            Owner::ApiKey => "api_key",
        };
        reason
            .with(self.sentence())
            .fact("layer", layer)
            .fact("kind", kind)
            .fact("limit", limit.limit)
            .fact("used", standing.used)
            .fact("remaining", (limit.limit - standing.used).max(0))
            .fact("reset_ms", standing.reset_ms)
            .retry_after(self.wait())
    }

    /// Whole seconds, because `Retry-After` has no fractions, and never zero.
    fn wait(&self) -> Duration {
        Duration::from_secs(u64::try_from((self.standing.retry_ms + 999) / 1000).unwrap_or(1).max(1))
    }

    fn sentence(&self) -> String {
        let Self { limit, standing } = self;
        let owner = match limit.owner {
            Owner::Workspace => "the workspace",
            Owner::ApiKey => "the API key",
        };
        let (max, cost, used, wait) = (limit.limit, limit.cost, standing.used, self.wait().as_secs());
        match limit.kind {
            Kind::Concurrency => format!("{owner} may run {max} requests at once and {used} are running"),
            Kind::Tokens if cost > max => {
                format!(
                    "this request may use {cost} tokens, and {owner} may use {max} a minute, so it can never run: \
                     lower max_tokens, shorten the input, or raise the limit"
                )
            }
            Kind::Tokens => {
                format!(
                    "{owner} may use {max} tokens a minute; {used} are used and this request may use {cost}: \
                     try again in {wait} s"
                )
            }
            Kind::Requests => format!("{owner} may send {max} requests a minute: try again in {wait} s"),
        }
    }
}
