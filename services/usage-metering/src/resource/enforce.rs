//! Does it fit into what a workspace may use of a resource?
//!
//! Decided by SQL alone, with the workspace's gate held: what is recorded and what is reserved, in one transaction with
//! what is added. Nobody else counts meanwhile, Redis is not asked, and whoever dies leaves nothing half done.

use crate::{
    Error, admit,
    limit::{self, Asked, Limit, Standing},
    service::Inner,
};
use chrono::{DateTime, Utc};
use proto::{id::WorkspaceId, usage::ResourceLimits};
use std::collections::{BTreeMap, BTreeSet};
use store::{Sql, Tx, Value, WorkspaceTx, sql};

const GATE: Sql = sql!("reservation/gate");
const RECORDED: Sql = sql!("quota/events");
const HELD: Sql = sql!("reservation/held");

/// So much of a resource, at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use<'a> {
    pub resource: &'a str,
    pub quantity: i64,
    pub at: DateTime<Utc>,
}

/// Limits that hold, and where they stand with what is added.
#[derive(Debug, Default)]
pub(crate) struct Fits {
    pub limits: Vec<Limit>,
    pub standings: Vec<Standing>,
}

/// Waits until nobody else counts in this workspace; until the end of the transaction nobody else will.
/// Errors: the database cannot be used.
pub(super) async fn pass_gate(tx: &mut Tx, workspace: WorkspaceId) -> Result<(), store::Error> {
    tx.execute(GATE, &[workspace.into()]).await.map(drop)
}

/// Behind the gate, before anything of it is counted. Errors: `QUOTA_EXCEEDED`, `INVALID_ARGUMENT`, the database cannot
/// be used.
pub(super) async fn check(
    inner: &Inner,
    tx: &mut Tx,
    workspace: WorkspaceId,
    rules: &ResourceLimits,
    uses: &[Use<'_>],
) -> Result<Fits, Error> {
    let now = inner.clock.now();
    let mut wanted: BTreeMap<String, Limit> = BTreeMap::new();
    for used in uses {
        for limit in of_use(inner, workspace, rules, used)? {
            let key = limit.name();
            let sum = wanted.entry(key).or_insert_with(|| Limit { cost: 0, least: 0, ..limit.clone() });
            sum.cost = sum.cost.saturating_add(limit.cost);
            sum.least = sum.cost;
        }
    }
    let mut fits = Fits::default();
    for limit in wanted.into_values() {
        let used = used(tx, workspace, &limit, now).await?;
        // What gives back is never in the way.
        let cost = limit.cost.max(0);
        let before = limit.quota_standing(used, cost, now.timestamp_millis());
        fits.standings.push(match before.retry_ms {
            0 => limit.quota_standing(used.saturating_add(limit.cost), 0, now.timestamp_millis()),
            _ => before,
        });
        fits.limits.push(limit);
    }
    if fits.standings.iter().any(|standing| standing.retry_ms > 0) {
        return Err(limit::longest(&fits.limits, &fits.standings));
    }
    Ok(fits)
}

/// Where what plan and workspace allow of resources stands. Errors: `INVALID_ARGUMENT`, the database cannot be used.
pub(crate) async fn stand(inner: &Inner, workspace: WorkspaceId, rules: &ResourceLimits) -> Result<Fits, Error> {
    let (now, plan) = (inner.clock.now(), inner.plans.get(&rules.plan));
    let of_layers = rules.layers.iter().flat_map(|layer| &layer.allowances).map(|allowance| &allowance.resource);
    let resources: BTreeSet<&String> = plan.plan.quotas.keys().chain(of_layers).collect();
    let mut fits = Fits::default();
    for resource in resources {
        fits.limits.extend(of_use(inner, workspace, rules, &Use { resource, quantity: 0, at: now })?);
    }
    if fits.limits.is_empty() {
        return Ok(fits);
    }
    let mut tx = WorkspaceTx::read(&inner.db, workspace).await?;
    for limit in &fits.limits {
        let used = used(&mut tx, workspace, limit, now).await?;
        fits.standings.push(limit.quota_standing(used, 0, now.timestamp_millis()));
    }
    Ok(fits)
}

fn of_use(inner: &Inner, workspace: WorkspaceId, rules: &ResourceLimits, used: &Use<'_>) -> Result<Vec<Limit>, Error> {
    let asked = Asked {
        workspace: workspace.uuid(),
        attempt: 1,
        tokens: 0,
        input: 0,
        cost: &|_| Some((0, 0)),
        zone: admit::zone(&rules.time_zone)?,
        at: used.at,
        stop: false,
    };
    let plan = inner.plans.get(&rules.plan);
    limit::of_resource((&plan.name, &plan.plan), &rules.layers, used.resource, used.quantity, &asked)
}

/// Recorded and reserved.
async fn used(tx: &mut Tx, workspace: WorkspaceId, limit: &Limit, now: DateTime<Utc>) -> Result<i64, Error> {
    let Some(quota) = limit.quota() else { return Ok(0) };
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let span: [Value; 4] = [
        workspace.into(),
        at(quota.span.start).into(),
        at(quota.span.end.unwrap_or(limit::FAR)).into(),
        quota.resource.as_str().into(),
    ];
    let (recorded,): (i64,) = tx.fetch_one(RECORDED, &span).await?;
    let values: Vec<Value> = span.into_iter().chain([now.into()]).collect();
    let (held,): (i64,) = tx.fetch_one(HELD, &values).await?;
    Ok(recorded.saturating_add(held))
}
