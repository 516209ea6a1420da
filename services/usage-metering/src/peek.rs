//! Where do limits stand?

use crate::{
    Error, admit,
    counter::Verdict,
    grant,
    limit::{self, Asked},
    resource,
    service::Inner,
};
use proto::{
    id::WorkspaceId,
    usage::{Layer, LayerKind, PeekLimitsRequest, PeekLimitsResponse, ResourceLimits},
};

/// How often counters are loaded to look at them.
const LOADS: u32 = 4;

impl Inner {
    /// Reserves nothing; unlimited layers yield nothing. Errors: `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn peek_limits(&self, request: &PeekLimitsRequest) -> Result<PeekLimitsResponse, Error> {
        let workspace = grant::workspace(&request.workspace_id)?;
        let now = self.clock.now();
        let asked = Asked {
            workspace,
            attempt: 1,
            tokens: 0,
            input: 0,
            cost: &|_| Some((0, 0)),
            zone: admit::zone(&request.time_zone)?,
            at: now,
            stop: false,
        };
        // What is recorded as events is counted by the tables.
        let (layers, resources) = split(&request.layers);
        let mut limits = limit::limits(&layers, &asked)?;
        let plan = self.plans.get(&request.plan);
        let owner = request.credential_owner();
        self.configured(
            (&plan.name, &plan.plan),
            &request.client_address,
            &request.operation,
            owner,
            &asked,
            &mut limits,
        )?;
        if plan.plan.is_prepaid
            && limit::is_charged(owner, self.is_embedded)
            && let Some(balance) = self.balances.known(workspace)
        {
            limit::of_balance(&plan.name, balance, &asked, &mut limits)?;
        }
        let rules =
            ResourceLimits { plan: request.plan.clone(), time_zone: request.time_zone.clone(), layers: resources };
        let resources = resource::stand(self, WorkspaceId::from_uuid(workspace), &rules).await?;
        let now_ms = now.timestamp_millis();
        for _ in 0..LOADS {
            match self.counters.peek(workspace, &limits, now_ms).await? {
                Verdict::Reserved(standings) | Verdict::Refused(standings) => {
                    let all = limits.iter().zip(&standings).chain(resources.limits.iter().zip(&resources.standings));
                    let states = all.map(|(limit, standing)| limit.state(*standing, now_ms));
                    return Ok(PeekLimitsResponse { limits: states.collect() });
                }
                Verdict::Missing(missing) => {
                    let missing: Vec<_> = missing.into_iter().map(|index| &limits[index]).collect();
                    self.load(workspace, &missing).await?;
                }
            }
        }
        Err(Error::CountersAway)
    }
}

/// Layers without what they allow of recorded resources, and those of the workspace with nothing else.
fn split(layers: &[Layer]) -> (Vec<Layer>, Vec<Layer>) {
    let mut resources = vec![];
    let layers = layers.iter().cloned().map(|mut layer| {
        let allowances = std::mem::take(&mut layer.allowances).into_iter();
        let (of_requests, recorded) = allowances.partition(|allowance| limit::is_of_requests(&allowance.resource));
        if layer.kind() == LayerKind::Workspace {
            let (kind, id) = (layer.kind, layer.id.clone());
            resources.push(Layer { kind, id, allowances: recorded, ..Layer::default() });
        }
        Layer { allowances: of_requests, ..layer }
    });
    (layers.collect(), resources)
}
