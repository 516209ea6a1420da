//! May this attempt run?

mod subject;

pub(crate) use subject::{SLACK, Subject};

use crate::{
    Error,
    counter::Verdict,
    event::{Admitted, Event},
    grant::{GrantKey, MAX_ATTEMPTS},
    limit::{self, Limit, Reservation},
    open::OpenGrant,
    row::bounded,
    service::Inner,
};
use fail::fail_point;
use proto::usage::{AdmitRequest, AdmitResponse, CredentialOwner, LimitState};

/// Layers of one request. There are two kinds.
const MAX_LAYERS: usize = 8;
/// Nobody asks for more tokens than this; sums of it stay far from overflowing.
const MAX_TOKENS: i64 = 1_000_000_000;
/// Of names that come from outside.
const MAX_NAME: usize = 256;
/// How long a grant lives whose holder does not say: an hour, in microseconds.
const DEFAULT_LIFE: i64 = 3_600_000_000;

/// A request that has been read.
struct Asked {
    key: GrantKey,
    admitted: Admitted,
    limits: Vec<Limit>,
}

impl Inner {
    /// Reserves, makes durable, answers; on any failure nothing stays reserved.
    /// Errors: `RATE_LIMITED`, `CONCURRENCY_LIMITED`, `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn admit(&self, request: AdmitRequest) -> Result<AdmitResponse, Error> {
        let asked = read(request, self.clock.now().timestamp_micros())?;
        let answer = self.admit_asked(asked).await;
        let label = match &answer {
            Ok(_) => "admitted",
            Err(Error::Limited(_)) => "limited",
            Err(_) => "failed",
        };
        self.metrics.admissions.with_label_values(&[label]).inc();
        answer
    }

    async fn admit_asked(&self, asked: Asked) -> Result<AdmitResponse, Error> {
        let Asked { key, admitted, limits } = asked;
        let grant_id = key.grant_id();
        if let Some(limits) = self.open.states(&key) {
            // Counted before; but its first caller may have been told that it failed, so it is made durable again.
            self.ledger.admit(Event::Admitted(admitted), key).await?;
            return Ok(AdmitResponse { grant_id, limits, stop_after_output_tokens: None });
        }
        limit::fits_at_all(&limits)?;
        let now_ms = admitted.admitted_at / 1000;
        let states = self.reserve(key, &limits, admitted.expires_at / 1000, now_ms).await?;
        fail_point!("usage::admit::reserved");
        // Open before it is durable: a settlement may follow at once.
        let grant = OpenGrant { states: states.clone(), limits: limits.clone(), expires_at: admitted.expires_at };
        self.open.insert(key, grant);
        if let Err(error) = self.ledger.admit(Event::Admitted(admitted), key).await {
            self.open.take(&key);
            self.counters.undo(&key, &limits, now_ms).await;
            return Err(error);
        }
        fail_point!("usage::admit::durable");
        Ok(AdmitResponse { grant_id, limits: states, stop_after_output_tokens: None })
    }

    async fn reserve(
        &self,
        key: GrantKey,
        limits: &[Limit],
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<Vec<LimitState>, Error> {
        if limits.is_empty() {
            return Ok(vec![]);
        }
        let reservation = Reservation { key, limits: limits.to_vec(), expires_ms };
        match self.counters.reserve(&reservation, now_ms).await? {
            Verdict::Reserved(standings) => Ok(limits.iter().zip(standings).map(|(l, s)| l.state(s)).collect()),
            Verdict::Refused(standings) => Err(limit::longest(limits, &standings)),
        }
    }
}

/// Parses at the door: behind it ids are ids, texts are bounded, and numbers add up. Errors: `INVALID_ARGUMENT`.
fn read(request: AdmitRequest, now: i64) -> Result<Asked, Error> {
    let credential_owner = request.credential_owner();
    let subject = Subject::read(request.subject.ok_or(Error::invalid("subject", "must be given"))?)?;
    let attempt = i64::from(request.attempt);
    if !(1..=MAX_ATTEMPTS).contains(&attempt) {
        return Err(Error::invalid("attempt", "must be from 1 to 64"));
    }
    if request.instance_id.is_empty() {
        return Err(Error::invalid("instance_id", "must be given"));
    }
    let tokens = 0..=MAX_TOKENS;
    if !tokens.contains(&request.estimated_tokens) || !tokens.contains(&request.estimated_input_tokens) {
        return Err(Error::invalid("estimated_tokens", "must be from 0 to 1,000,000,000"));
    }
    if request.layers.len() > MAX_LAYERS {
        return Err(Error::invalid("layers", "must be at most 8"));
    }
    let key = GrantKey { workspace: subject.workspace, request: subject.request, attempt };
    let limits = limit::limits(&request.layers, subject.workspace, attempt, request.estimated_tokens)?;
    let expires_at = request.expires_at.and_then(proto::time::from_proto);
    let reserved = if limits.is_empty() { String::new() } else { limit::to_text(&limits) };
    let owner = match (credential_owner, request.free) {
        (CredentialOwner::Platform, _) => "platform",
        (CredentialOwner::Simulator, _) | (CredentialOwner::Unspecified, true) => "simulator",
        (CredentialOwner::Workspace | CredentialOwner::Unspecified, _) => "workspace",
    };
    let admitted = Admitted {
        workspace: subject.workspace.into(),
        request: subject.request.into(),
        attempt,
        instance: bounded(request.instance_id, MAX_NAME),
        api_key: subject.api_key.map(Into::into),
        user: subject.user.map(Into::into),
        operation: subject.operation,
        requested_model: subject.requested_model,
        stream: subject.stream,
        provider: bounded(request.provider, MAX_NAME),
        provider_kind: bounded(request.provider_kind, MAX_NAME),
        provider_id: bounded(request.provider_id, MAX_NAME),
        model: bounded(request.model, MAX_NAME),
        estimated_input_tokens: request.estimated_input_tokens,
        free: request.free,
        currency: bounded(request.currency, 3),
        reserved,
        created_at: subject.created_at,
        admitted_at: now,
        expires_at: expires_at.map_or(now + DEFAULT_LIFE, |at| at.timestamp_micros()),
        plan: bounded(request.plan, MAX_NAME),
        credential_owner: owner.to_owned(),
        estimated_output_tokens: request.estimated_tokens.saturating_sub(request.estimated_input_tokens).max(0),
        reserved_cost_nanos: None,
        reserved_currency: String::new(),
    };
    Ok(Asked { key, admitted, limits })
}
