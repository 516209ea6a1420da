//! Which limits does the configuration set on an attempt?

use super::{
    COST, Kind, Limit, Owner, REQUESTS, TOKENS,
    layer::{Asked, Source, add},
};
use crate::{
    Error,
    balance::Balance,
    config::{Allowed, Plan, Rates},
};
use proto::usage::{Allowance, CredentialOwner, Layer, Period};

/// Operations of this surface, and of all others.
const EXECUTIONS: &str = "executions";
const V1: &str = "v1";
/// What credits pay for.
const PREPAID: &str = "prepaid";

/// Those of the platform as a whole. Errors: `INVALID_ARGUMENT`.
pub(crate) fn of_platform(rates: &Rates, asked: &Asked<'_>, limits: &mut Vec<Limit>) -> Result<(), Error> {
    let layer = rates.layer(vec![]);
    add(limits, &Source { owner: Owner::Platform, id: String::new(), surface: "", layer: &layer }, asked)
}

/// Those of one address; none if nobody knows it. Errors: `INVALID_ARGUMENT`.
pub(crate) fn of_address(
    rates: &Rates,
    address: &str,
    asked: &Asked<'_>,
    limits: &mut Vec<Limit>,
) -> Result<(), Error> {
    if address.is_empty() {
        return Ok(());
    }
    let layer = rates.layer(vec![]);
    add(limits, &Source { owner: Owner::Address, id: address.to_owned(), surface: "", layer: &layer }, asked)
}

/// Those of the plan. What a workspace does with credentials of its own is its own affair: of `/v1` only what the
/// platform pays for is limited. Errors: `INVALID_ARGUMENT`, `UNPRICED_MODEL`.
pub(crate) fn of_plan(
    (name, plan): (&str, &Plan),
    operation: &str,
    is_charged: bool,
    asked: &Asked<'_>,
    limits: &mut Vec<Limit>,
) -> Result<(), Error> {
    let is_execution = operation.split('.').next() == Some(EXECUTIONS);
    let (surface, rates) = if is_execution { (EXECUTIONS, &plan.executions) } else { (V1, &plan.v1) };
    if !is_execution && !is_charged {
        return Ok(());
    }
    let id = name.to_owned();
    let layer = rates.layer(vec![]);
    add(limits, &Source { owner: Owner::Plan, id: id.clone(), surface, layer: &layer }, asked)?;
    if is_charged {
        // What a request uses nothing of must not need a counter.
        let is_used = |resource: &str| [TOKENS, COST, REQUESTS].contains(&resource);
        let layer = Layer { allowances: allowances(plan, is_used), ..Layer::default() };
        add(limits, &Source { owner: Owner::Plan, id, surface: "", layer: &layer }, asked)?;
    }
    Ok(())
}

/// How many requests a minute a plan allows on a surface of its own, whatever they do there. Errors: `INVALID_ARGUMENT`.
pub(crate) fn of_surface(
    (name, plan): (&str, &Plan),
    surface: &str,
    asked: &Asked<'_>,
    limits: &mut Vec<Limit>,
) -> Result<(), Error> {
    if surface != EXECUTIONS {
        return Err(Error::invalid("surface", "must be executions"));
    }
    let Rates { rpm, soft, .. } = plan.executions;
    let layer = Layer { rpm, soft, ..Layer::default() };
    add(limits, &Source { owner: Owner::Plan, id: name.to_owned(), surface: EXECUTIONS, layer: &layer }, asked)
}

/// What is left of credits, where a plan has what the platform pays for paid beforehand. Errors: `UNPRICED_MODEL`.
pub(crate) fn of_balance(
    plan: &str,
    balance: Balance,
    asked: &Asked<'_>,
    limits: &mut Vec<Limit>,
) -> Result<(), Error> {
    let layer = Layer { allowances: vec![balance.allowance], ..Layer::default() };
    let before = limits.len();
    add(limits, &Source { owner: Owner::Plan, id: plan.to_owned(), surface: PREPAID, layer: &layer }, asked)?;
    for limit in limits.iter_mut().skip(before) {
        if let Kind::Quota(quota) = &mut limit.kind {
            quota.span.start = balance.since;
        }
    }
    Ok(())
}

/// Whether the platform pays for what is called with this credential. Embedded, the simulator is everybody's.
pub(crate) const fn is_charged(owner: CredentialOwner, is_embedded: bool) -> bool {
    match owner {
        CredentialOwner::Platform => true,
        CredentialOwner::Simulator => !is_embedded,
        CredentialOwner::Workspace | CredentialOwner::Unspecified => false,
    }
}

impl Rates {
    fn layer(&self, allowances: Vec<Allowance>) -> Layer {
        let Self { rpm, tpm, concurrency, soft } = *self;
        Layer { rpm, tpm, concurrency, soft, allowances, ..Layer::default() }
    }
}

pub(super) fn allowances(plan: &Plan, is_wanted: impl Fn(&str) -> bool) -> Vec<Allowance> {
    let mut allowances = vec![];
    for (resource, allowed) in plan.quotas.iter().filter(|(resource, _)| is_wanted(resource)) {
        let Allowed { day, month, total } = *allowed;
        for (period, limit) in [(Period::Day, day), (Period::Month, month), (Period::Total, total)] {
            let resource = resource.clone();
            let allowance = |limit| Allowance { resource, period: period.into(), limit, ..Allowance::default() };
            allowances.extend(limit.map(allowance));
        }
    }
    allowances
}
