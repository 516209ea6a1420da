//! Where do limits stand?

use crate::{Error, grant, limit, service::Inner};
use proto::usage::{PeekLimitsRequest, PeekLimitsResponse};

impl Inner {
    /// Reserves nothing; unlimited layers yield nothing. Errors: `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn peek_limits(&self, request: &PeekLimitsRequest) -> Result<PeekLimitsResponse, Error> {
        let workspace = grant::workspace(&request.workspace_id)?;
        let limits = limit::limits(&request.layers, workspace, 1, 0)?;
        let standings = self.counters.peek(workspace, &limits, self.clock.now().timestamp_millis()).await?;
        Ok(PeekLimitsResponse { limits: limits.iter().zip(standings).map(|(l, s)| l.state(s)).collect() })
    }
}
