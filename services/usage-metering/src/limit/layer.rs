//! Which limits do layers set on an attempt?

use super::{COST, Kind, Limit, Owner, Quota, REQUESTS, TOKENS, unpriced};
use crate::{
    Error,
    calendar::{self, Period},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proto::{
    id::{KeyId, TeamId, UserId, WorkspaceId},
    usage::{Allowance, Layer, LayerKind},
};
use uuid::Uuid;

/// Beyond it the arithmetic of the buckets would no longer be exact in Redis' numbers.
const MAX_LIMIT: i64 = 100_000_000_000;
/// Quotas and budgets of one layer.
const MAX_ALLOWANCES: usize = 16;
/// Of names of resources and models.
const MAX_NAME: usize = 256;

/// What an attempt asks for.
pub(crate) struct Asked<'a> {
    pub workspace: Uuid,
    pub attempt: i64,
    /// Input and output; the input alone.
    pub tokens: i64,
    pub input: i64,
    /// What it costs at most, and its input alone, in nano-units of a currency. None: the price is not known.
    pub cost: &'a (dyn Fn(&str) -> Option<(i64, i64)> + Sync),
    /// Where the days of the workspace begin.
    pub zone: Tz,
    /// When the request arrived: that decides in which period it counts.
    pub at: DateTime<Utc>,
    /// What does not fit whole may be stopped when it has used up what is left.
    pub stop: bool,
}

/// A layer, read.
pub(super) struct Source<'a> {
    pub owner: Owner,
    pub id: String,
    pub surface: &'a str,
    pub layer: &'a Layer,
}

/// The limits of the layers that gateways may name; unlimited ones have none.
/// Errors: `INVALID_ARGUMENT`, `UNPRICED_MODEL`.
pub(crate) fn limits(layers: &[Layer], asked: &Asked<'_>) -> Result<Vec<Limit>, Error> {
    let mut limits = Vec::new();
    for layer in layers {
        let (owner, id) = owner(layer, asked.workspace)?;
        add(&mut limits, &Source { owner, id, surface: "", layer }, asked)?;
    }
    Ok(limits)
}

/// Errors: as [`limits`].
pub(super) fn add(limits: &mut Vec<Limit>, source: &Source<'_>, asked: &Asked<'_>) -> Result<(), Error> {
    let layer = source.layer;
    // A fallback is the same request to the client, so only its first attempt counts as one.
    let request = i64::from(asked.attempt == 1);
    for (kind, limit, cost) in [
        (Kind::Requests, layer.rpm, request),
        (Kind::Tokens, layer.tpm, asked.tokens),
        (Kind::Concurrency, layer.concurrency, 1),
    ] {
        let Some(limit) = limit else { continue };
        if limit < 1 {
            return Err(Error::invalid("layers", "must have limits of at least 1, or none"));
        }
        push(limits, source, kind, limit.min(MAX_LIMIT), (cost, cost), layer.soft)?;
    }
    if layer.allowances.len() > MAX_ALLOWANCES {
        return Err(Error::invalid("layers", "must have at most 16 allowances each"));
    }
    for allowance in &layer.allowances {
        let quota = quota(allowance, asked)?;
        let (cost, least) = match quota.resource.as_str() {
            TOKENS => (asked.tokens, asked.input.saturating_add(1)),
            REQUESTS => (request, request),
            COST => match (asked.cost)(&quota.currency) {
                Some(cost) => cost,
                // Nothing is refused for money that is only watched.
                None if allowance.soft => (0, 0),
                None => return Err(unpriced(source.owner, &source.id)),
            },
            // Of what is recorded as events a request uses nothing.
            _ => (0, 0),
        };
        let least = if asked.stop { least.min(cost) } else { cost };
        push(limits, source, Kind::Quota(Box::new(quota)), allowance.limit, (cost, least), allowance.soft)?;
    }
    Ok(())
}

fn push(
    limits: &mut Vec<Limit>,
    source: &Source<'_>,
    kind: Kind,
    limit: i64,
    (cost, least): (i64, i64),
    soft: bool,
) -> Result<(), Error> {
    let (owner, id, surface) = (source.owner, source.id.clone(), source.surface.to_owned());
    let limit = Limit { owner, id, surface, kind, limit, cost, least, soft };
    let is_same =
        |l: &Limit| l.owner == limit.owner && l.id == limit.id && l.kind == limit.kind && l.surface == limit.surface;
    if limits.iter().any(is_same) {
        return Err(Error::invalid("layers", "must name each layer, and each resource and period of it, once"));
    }
    limits.push(limit);
    Ok(())
}

fn quota(allowance: &Allowance, asked: &Asked<'_>) -> Result<Quota, Error> {
    let period = match allowance.period() {
        proto::usage::Period::Day => Period::Day,
        proto::usage::Period::Month => Period::Month,
        proto::usage::Period::Total => Period::Total,
        proto::usage::Period::Unspecified => return Err(Error::invalid("layers", "must say the period of allowances")),
    };
    let Allowance { resource, currency, limit, .. } = allowance;
    if !is_resource(resource) {
        return Err(Error::invalid("layers", "must name resources with lowercase letters, digits, `_`, `-` and `.`"));
    }
    let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    if is_currency != (resource == COST) || !is_currency && !currency.is_empty() {
        return Err(Error::invalid("layers", "must have a currency where the resource is `cost`, and nowhere else"));
    }
    if *limit < 0 {
        return Err(Error::invalid("layers", "must have allowances of at least 0"));
    }
    let span = calendar::span(period, asked.zone, asked.at);
    Ok(Quota { resource: resource.clone(), currency: currency.clone(), period, span })
}

/// Whether something may be counted under this name: it is part of the names of counters.
pub(crate) fn is_resource(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

fn owner(layer: &Layer, workspace: Uuid) -> Result<(Owner, String), Error> {
    let malformed =
        || Error::invalid("layers", "must name the workspace of the request, an API key, a user, a team or a model");
    let id = layer.id.clone();
    match layer.kind() {
        LayerKind::Workspace => match id.parse::<WorkspaceId>() {
            Ok(parsed) if parsed.uuid() == workspace => Ok((Owner::Workspace, id)),
            _ => Err(malformed()),
        },
        LayerKind::ApiKey if id.parse::<KeyId>().is_ok() => Ok((Owner::ApiKey, id)),
        LayerKind::User if id.parse::<UserId>().is_ok() => Ok((Owner::User, id)),
        LayerKind::Team if id.parse::<TeamId>().is_ok() => Ok((Owner::Team, id)),
        LayerKind::Model if (1..=MAX_NAME).contains(&id.len()) => Ok((Owner::Model, id)),
        LayerKind::ApiKey | LayerKind::User | LayerKind::Team | LayerKind::Model | LayerKind::Unspecified => {
            Err(malformed())
        }
        LayerKind::Plan | LayerKind::Address | LayerKind::Platform => {
            Err(Error::invalid("layers", "must not name plan, address or platform: their limits are configured"))
        }
    }
}
