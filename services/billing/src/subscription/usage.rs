//! How much of what the plan allows is used?

use super::get;
use crate::{Billing, Error, peers};
use proto::{
    billing::{Entitlement, EntitlementUsage, GetEntitlementUsageResponse, Subscription},
    entitlement::{self, Meaning, Span},
    id::WorkspaceId,
    usage::{LimitState, Period},
};

/// Errors: [`Error::NoWorkspace`], [`Error::Peer`].
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<GetEntitlementUsageResponse, Error> {
    let found = peers::workspace(service, workspace).await?;
    let subscription = get::known(service, workspace, &found).await?;
    let Subscription { effective_plan: plan, status, current_period_start, current_period_end, .. } = subscription;
    let quotas = peers::quotas(service, workspace, &plan, found.zone).await?;
    let entitlements = subscription.entitlements.into_iter().map(|(key, value)| one(key, value, &quotas)).collect();
    Ok(GetEntitlementUsageResponse { plan, status, current_period_start, current_period_end, entitlements })
}

fn one(key: String, value: Entitlement, quotas: &[LimitState]) -> EntitlementUsage {
    let state = counted(&key, quotas);
    EntitlementUsage {
        used: state.map(|state| state.used),
        remaining: state.map(|state| (state.limit - state.used).max(0)),
        resets_at: state.and_then(|state| state.resets_at),
        key,
        entitlement: Some(value),
    }
}

/// The quota that a key stands for.
fn counted<'a>(key: &str, quotas: &'a [LimitState]) -> Option<&'a LimitState> {
    let Some(Meaning::Quota(resource, span)) = entitlement::meaning(key) else { return None };
    let period = match span {
        Span::Day => Period::Day,
        Span::Month => Period::Month,
        Span::Total => Period::Total,
    };
    quotas.iter().find(|state| state.resource == resource && state.period() == period)
}
