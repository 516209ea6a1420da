//! May so much of a resource be used?

use crate::{
    Error, admit,
    grant::GrantKey,
    limit::{self, Asked, Limit},
    service::Inner,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A quantity that was counted and whose event is not written yet.
#[must_use = "what is not written must be taken back"]
pub(crate) struct Allowed {
    key: GrantKey,
    limits: Vec<Limit>,
}

impl Inner {
    /// Counts `quantity` of a resource against the plan of a workspace: call it before the event is written, and
    /// [`Inner::disallow`] if it is not. Errors: `QUOTA_EXCEEDED`, `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub(crate) async fn admit_resource(
        &self,
        workspace: Uuid,
        plan: &str,
        resource: &str,
        quantity: i64,
        at: DateTime<Utc>,
        time_zone: &str,
    ) -> Result<Allowed, Error> {
        let key = GrantKey { workspace, request: self.ids.uuid(), attempt: 1 };
        let limits = self.of_resource(workspace, plan, resource, quantity, at, time_zone)?;
        let now_ms = self.clock.now().timestamp_millis();
        let (limits, _) = self.reserve(key, limits, now_ms, now_ms).await?;
        Ok(Allowed { key, limits })
    }

    /// The event of what was allowed has not been written.
    pub(crate) async fn disallow(&self, allowed: Allowed) {
        self.counters.undo(&allowed.key, &allowed.limits, self.clock.now().timestamp_millis()).await;
    }

    /// Counts what was written without having been asked about, so that later questions are answered rightly.
    /// Errors: `INVALID_ARGUMENT`.
    pub(crate) async fn count_resource(
        &self,
        workspace: Uuid,
        plan: &str,
        resource: &str,
        quantity: i64,
        at: DateTime<Utc>,
        time_zone: &str,
    ) -> Result<(), Error> {
        let limits = self.of_resource(workspace, plan, resource, quantity, at, time_zone)?;
        self.counters.add(workspace, &limits, self.clock.now().timestamp_millis()).await;
        Ok(())
    }

    fn of_resource(
        &self,
        workspace: Uuid,
        plan: &str,
        resource: &str,
        quantity: i64,
        at: DateTime<Utc>,
        time_zone: &str,
    ) -> Result<Vec<Limit>, Error> {
        let zone = admit::zone(time_zone)?;
        let cost = |_: &str| Some((0, 0));
        let asked = Asked { workspace, attempt: 1, tokens: 0, input: 0, cost: &cost, zone, at, stop: false };
        limit::of_resource(self.plans.get(plan), resource, quantity, &asked)
    }
}
