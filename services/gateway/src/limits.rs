//! What must a caller's attempts fit into?

pub(crate) mod show;

use crate::{allowed::Permit, cache::routing::Routing, plan::Candidate, provider::Provider};
use proto::{
    Call, Principal,
    id::{TeamId, UserId, WorkspaceId},
    limits::{self, Limits},
    routing::PlatformUse,
    usage::{AdmitRequest, Allowance, Layer, LayerKind, Period},
};
use std::{net::IpAddr, sync::Arc};
use store::seal::Sealer;

/// As usage-metering calls what is counted.
const TOKENS: &str = "tokens";
const COST: &str = "cost";
/// Budgets are set in micro-units and counted in nano-units.
const NANOS_PER_MICRO: i64 = 1000;

/// On which terms the attempts of one caller are admitted.
pub(crate) struct Terms {
    routing: Arc<Routing>,
    /// Of workspace, team, key and member, as far as they limit anything.
    layers: Vec<Layer>,
    /// One of them ends streams when its money or tokens are spent.
    ends_streams: bool,
    client: Option<IpAddr>,
    /// The member on whose account it runs.
    pub user: Option<UserId>,
    /// The team on whose account it runs.
    pub team: Option<TeamId>,
}

impl Terms {
    /// Those of a request for a model. `routing` has the team of the key (`Routings::with_team`).
    pub(crate) fn new(call: &Call, permit: &Permit, workspace: WorkspaceId, routing: Arc<Routing>) -> Self {
        let mut terms = Self::unlimited(call, routing.clone());
        terms.limit(LayerKind::Workspace, || workspace.to_string(), &routing.limits);
        match (permit, call.principal) {
            (Permit::Key { id, policy }, _) => {
                terms.team = policy.team;
                if let Some((team, limits)) = policy.team.and_then(|team| Some((team, routing.teams.get(&team)?))) {
                    terms.limit(LayerKind::Team, || team.to_string(), limits);
                }
                terms.limit(LayerKind::ApiKey, || id.to_string(), &policy.limits);
                terms.user = policy.user;
            }
            (Permit::All, Principal::User { id, .. }) => terms.user = Some(id),
            (Permit::All, Principal::Key { .. } | Principal::Anonymous | Principal::Service(_)) => {}
        }
        if let Some(user) = terms.user {
            terms.limit(LayerKind::User, || user.to_string(), &routing.per_user);
        }
        terms
    }

    /// Those of a question that uses no tokens and costs nothing: nothing that a workspace limits applies to it.
    pub(crate) fn unlimited(call: &Call, routing: Arc<Routing>) -> Self {
        Self { routing, layers: vec![], ends_streams: false, client: call.client, user: None, team: None }
    }

    /// Whether attempts may be charged by the platform.
    pub(super) fn may_be_charged(&self) -> bool {
        !self.routing.platform.is_empty() && self.routing.settings.platform() != PlatformUse::Off
    }

    /// What seals answers that the workspace has kept.
    pub(crate) fn sealer(&self) -> Option<&Sealer> {
        self.routing.sealer.as_ref()
    }

    fn limit(&mut self, kind: LayerKind, id: impl FnOnce() -> String, limits: &Limits) {
        if !limits.is_unlimited() {
            self.layers.push(layer(kind, id(), limits, &self.routing.currency));
            self.ends_streams |= limits.stop_streams_when_spent;
        }
    }

    /// What an attempt with this provider asks for, as far as it follows from the caller.
    pub(crate) fn admission(&self, provider: &Provider) -> AdmitRequest {
        AdmitRequest {
            layers: self.layers.clone(),
            currency: self.routing.currency.clone(),
            free: provider.free,
            client_address: self.client.map(|address| address.to_string()).unwrap_or_default(),
            plan: self.routing.plan.clone(),
            time_zone: self.routing.time_zone.clone(),
            credential_owner: provider.credential_owner().into(),
            ..AdmitRequest::default()
        }
    }

    /// The same for a model, which may have limits of its own. Only a stream can be ended before its end.
    pub(crate) fn admission_of(&self, candidate: &Candidate, requested: &str, is_stream: bool) -> AdmitRequest {
        let Candidate { provider, model, .. } = candidate;
        let mut request = self.admission(provider);
        let mut ends_streams = self.ends_streams;
        let full = format!("{}/{model}", provider.name);
        // One model goes by up to three names, of which any may be limited; all that are count.
        for (name, limits) in &self.routing.per_model.models {
            if [requested, model, &full].contains(&name.as_str()) && !limits.is_unlimited() {
                request.layers.push(layer(LayerKind::Model, name.clone(), limits, &self.routing.currency));
                ends_streams |= limits.stop_streams_when_spent;
            }
        }
        request.stop_when_spent = ends_streams && is_stream;
        request
    }
}

/// Limits as usage-metering takes them.
fn layer(kind: LayerKind, id: String, limits: &Limits, currency: &str) -> Layer {
    let quotas = [(Period::Day, limits.tokens_per_day), (Period::Month, limits.tokens_per_month)];
    let quotas = quotas.into_iter().filter_map(|(period, limit)| {
        let resource = TOKENS.to_owned();
        Some(Allowance { resource, period: period.into(), limit: limit?, currency: String::new(), soft: limits.soft })
    });
    let budgets = limits.budgets.iter().map(|budget| Allowance {
        resource: COST.to_owned(),
        period: period(budget.period()).into(),
        limit: budget.amount_micros.saturating_mul(NANOS_PER_MICRO),
        currency: currency.to_owned(),
        soft: limits.soft || budget.soft,
    });
    let allowances = quotas.chain(budgets).collect();
    let Limits { rpm, tpm, concurrency, soft, .. } = *limits;
    Layer { kind: kind.into(), id, rpm, tpm, concurrency, allowances, soft }
}

const fn period(period: limits::Period) -> Period {
    match period {
        limits::Period::Unspecified => Period::Unspecified,
        limits::Period::Day => Period::Day,
        limits::Period::Month => Period::Month,
        limits::Period::Total => Period::Total,
    }
}
