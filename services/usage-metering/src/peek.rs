//! Where do limits stand?

use crate::{
    Error, admit,
    counter::Verdict,
    grant,
    limit::{self, Asked},
    service::Inner,
};
use proto::usage::{PeekLimitsRequest, PeekLimitsResponse};

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
        let mut limits = limit::limits(&request.layers, &asked)?;
        let plan = self.plans.get(&request.plan);
        let owner = request.credential_owner();
        self.configured(plan, &request.client_address, &request.operation, owner, &asked, &mut limits)?;
        let now_ms = now.timestamp_millis();
        for _ in 0..LOADS {
            match self.counters.peek(workspace, &limits, now_ms).await? {
                Verdict::Reserved(standings) | Verdict::Refused(standings) => {
                    let states = limits.iter().zip(standings).map(|(limit, standing)| limit.state(standing, now_ms));
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
