//! One request on a surface of a plan: is it one too many in this minute?

use crate::{
    Error,
    admit::Reserved,
    grant::{self, GrantKey},
    limit::{self, Asked},
    service::Inner,
};
use chrono_tz::Tz;
use proto::usage::{CountCallRequest, CountCallResponse};

/// For how long what is counted is remembered as a request of its own.
const LIFE_MS: i64 = 1_000;

impl Inner {
    /// Errors: `RATE_LIMITED`, `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn count_call(&self, request: &CountCallRequest) -> Result<CountCallResponse, Error> {
        let workspace = grant::workspace(&request.workspace_id)?;
        let now = self.clock.now();
        let asked = Asked {
            workspace,
            attempt: 1,
            tokens: 0,
            input: 0,
            cost: &|_| Some((0, 0)),
            zone: Tz::UTC,
            at: now,
            stop: false,
        };
        let (plan, mut limits) = (self.plans.get(&request.plan), vec![]);
        limit::of_surface((&plan.name, &plan.plan), &request.surface, &asked, &mut limits)?;
        if limits.is_empty() {
            return Ok(CountCallResponse::default());
        }
        let now_ms = now.timestamp_millis();
        // Nobody settles it, and nobody has to: what a minute has had drains by itself.
        let key = GrantKey { workspace, request: self.ids.uuid(), attempt: 1 };
        let Reserved { reservation, standings } = self.reserve(key, limits, now_ms + LIFE_MS, now_ms).await?;
        let states = reservation.limits.iter().zip(&standings).map(|(limit, standing)| limit.state(*standing, now_ms));
        Ok(CountCallResponse { limits: states.collect() })
    }
}
