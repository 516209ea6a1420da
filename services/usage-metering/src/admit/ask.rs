//! What does an admission ask for?

use super::{Price, Subject, stop::Stop};
use crate::{
    Error,
    event::Admitted,
    grant::{GrantKey, MAX_ATTEMPTS},
    limit::{self, Asked, Limit},
    row::bounded,
    service::Inner,
    units,
};
use chrono::DateTime;
use chrono_tz::Tz;
use proto::usage::{AdmitRequest, CredentialOwner, Units};

/// Layers of one request.
const MAX_LAYERS: usize = 8;
/// Nobody asks for more tokens than this; sums of it stay far from overflowing.
const MAX_TOKENS: i64 = 1_000_000_000;
/// Of names that come from outside.
pub(super) const MAX_NAME: usize = 256;
/// How long a grant lives whose holder does not say: an hour, in microseconds.
const DEFAULT_LIFE: i64 = 3_600_000_000;
/// How long one lives whatever its holder says: a day.
const LONGEST_LIFE: i64 = 24 * 3_600_000_000;

/// A request that has been read.
pub(crate) struct Ask {
    pub key: GrantKey,
    pub admitted: Box<Admitted>,
    pub limits: Vec<Limit>,
    /// What it costs.
    pub price: Price,
    /// The stream may be stopped when a quota or budget is used up.
    pub stop: Option<Stop>,
}

impl Inner {
    /// Parses at the door: behind it ids are ids, texts are bounded, and numbers add up.
    /// Errors: `INVALID_ARGUMENT`, `UNPRICED_MODEL`.
    pub(super) fn read(&self, request: AdmitRequest) -> Result<Ask, Error> {
        let now = self.clock.now().timestamp_micros();
        check(&request)?;
        let owner = request.credential_owner();
        let AdmitRequest { subject, attempt, layers, .. } = request;
        let subject = Subject::read(subject.ok_or(Error::invalid("subject", "must be given"))?)?;
        let attempt = i64::from(attempt);
        let key = GrantKey { workspace: subject.workspace, request: subject.request, attempt };
        let input = request.estimated_input_tokens;
        let output = match (request.max_output_tokens, self.config.model_output_tokens.get(&request.model)) {
            (0, Some(default)) => (*default).min(MAX_TOKENS),
            (0, None) => request.estimated_tokens.saturating_sub(input).max(0),
            (most, _) => most,
        };
        let expires_at = request.expires_at.and_then(proto::time::from_proto);
        let admitted = Box::new(Admitted {
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
            estimated_input_tokens: input,
            free: request.free,
            currency: bounded(request.currency, 3),
            reserved: String::new(),
            plan: bounded(request.plan, MAX_NAME),
            credential_owner: owner_name(owner, request.free).to_owned(),
            estimated_output_tokens: output,
            reserved_cost_nanos: None,
            reserved_currency: String::new(),
            created_at: subject.created_at,
            admitted_at: now,
            expires_at: expires_at.map_or(now + DEFAULT_LIFE, |at| at.timestamp_micros().min(now + LONGEST_LIFE)),
            units: request.units.filter(|units| *units != Units::default()),
            team: subject.team.map(Into::into),
        });
        let price = self.price(&admitted);
        let cost = |currency: &str| {
            let input_and_one = price.of(input, output.min(1), currency)?;
            Some((price.of(input, output, currency)?, input_and_one))
        };
        let asked = Asked {
            workspace: subject.workspace,
            attempt,
            tokens: request.estimated_tokens.max(input.saturating_add(output).min(MAX_TOKENS)),
            input,
            cost: &cost,
            zone: zone(&request.time_zone)?,
            at: DateTime::from_timestamp_micros(admitted.created_at).unwrap_or_default(),
            stop: request.stop_when_spent,
        };
        let mut limits = limit::limits(&layers, &asked)?;
        let plan = self.plans.get(&admitted.plan);
        // Without a model a provider is only asked what it has, which is no use of a plan.
        let limited = if admitted.model.is_empty() { CredentialOwner::Unspecified } else { owner };
        self.configured(
            (&plan.name, &plan.plan),
            &request.client_address,
            &admitted.operation,
            limited,
            &asked,
            &mut limits,
        )?;
        if plan.plan.is_prepaid && limit::is_charged(owner, self.is_embedded) {
            let balance = self.balances.of(subject.workspace, &admitted.currency);
            limit::of_balance(&plan.name, balance, &asked, &mut limits)?;
        }
        let stop = request.stop_when_spent.then(|| Stop { input, price: price.clone() });
        Ok(Ask { key, admitted, limits, price, stop })
    }

    /// Adds the limits of platform, address and plan. Errors: `INVALID_ARGUMENT`, `UNPRICED_MODEL`.
    pub(crate) fn configured(
        &self,
        plan: (&str, &crate::config::Plan),
        address: &str,
        operation: &str,
        owner: CredentialOwner,
        asked: &Asked<'_>,
        limits: &mut Vec<Limit>,
    ) -> Result<(), Error> {
        let configured = &self.config.limits;
        limit::of_platform(&configured.platform, asked, limits)?;
        limit::of_address(&configured.address, address, asked, limits)?;
        limit::of_plan(plan, operation, limit::is_charged(owner, self.is_embedded), asked, limits)
    }
}

/// Where days begin. Errors: `INVALID_ARGUMENT`.
pub(crate) fn zone(name: &str) -> Result<Tz, Error> {
    if name.is_empty() {
        return Ok(Tz::UTC);
    }
    name.parse().map_err(|_| Error::invalid("time_zone", "must be the IANA name of a time zone, or empty"))
}

/// As tables name whose credential it is.
const fn owner_name(owner: CredentialOwner, is_free: bool) -> &'static str {
    match (owner, is_free) {
        (CredentialOwner::Platform, _) => "platform",
        (CredentialOwner::Simulator, _) | (CredentialOwner::Unspecified, true) => "simulator",
        (CredentialOwner::Workspace | CredentialOwner::Unspecified, _) => "workspace",
    }
}

fn check(request: &AdmitRequest) -> Result<(), Error> {
    if !(1..=MAX_ATTEMPTS).contains(&i64::from(request.attempt)) {
        return Err(Error::invalid("attempt", "must be from 1 to 64"));
    }
    if request.instance_id.is_empty() {
        return Err(Error::invalid("instance_id", "must be given"));
    }
    let tokens = 0..=MAX_TOKENS;
    if !tokens.contains(&request.estimated_tokens) || !tokens.contains(&request.estimated_input_tokens) {
        return Err(Error::invalid("estimated_tokens", "must be from 0 to 1,000,000,000"));
    }
    if !tokens.contains(&request.max_output_tokens) {
        return Err(Error::invalid("max_output_tokens", "must be from 0 to 1,000,000,000"));
    }
    if !request.units.iter().all(units::are_possible) {
        return Err(Error::invalid(
            "units",
            "must be from 0 to 10,000,000,000 each, and a class of pictures a short word",
        ));
    }
    if request.layers.len() > MAX_LAYERS {
        return Err(Error::invalid("layers", "must be at most 8"));
    }
    if request.client_address.len() > MAX_NAME {
        return Err(Error::invalid("client_address", "must be an address, or empty"));
    }
    Ok(())
}
