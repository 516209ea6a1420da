//! Who must hear that a quota or budget is nearly used up?

use crate::limit::{Limit, Standing};
use chrono::DateTime;
use host::{Clock, Ids, Tasks};
use proto::id::{EventId, WorkspaceId};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Db, Sql, WorkspaceTx, outbox::Event, sql};
use uuid::Uuid;

const INSERT: Sql = sql!("warning/insert");

/// Percent.
const THRESHOLDS: [i64; 3] = [75, 90, 100];
/// Counters whose warnings are remembered here; the table remembers all.
const REMEMBERED: usize = 10_000;

/// Tells, once per period and threshold, what has been reached. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Warnings {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub tasks: Tasks,
    pub told: Told,
}

/// Up to which threshold this process has told about a counter.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<HashMap<(Uuid, String), i64>>>);

/// What was reached.
struct Warning {
    workspace: Uuid,
    counter: String,
    thresholds: Vec<i64>,
    limit: Limit,
    used: i64,
}

impl Warnings {
    /// Looks at where quotas stand. Does not wait for what there is to tell.
    pub fn look(&self, workspace: Uuid, limits: &[Limit], standings: &[Standing]) {
        for (limit, standing) in limits.iter().zip(standings) {
            let Some(reached) = reached(limit, standing.used) else { continue };
            let counter = limit.name();
            let thresholds = self.told.news((workspace, &counter), reached);
            if thresholds.is_empty() {
                continue;
            }
            let warning = Warning { workspace, counter, thresholds, limit: limit.clone(), used: standing.used };
            let warnings = self.clone();
            drop(self.tasks.spawn("warn of a quota", async move {
                if let Err(error) = warnings.tell(&warning).await {
                    warnings.told.forget(&(warning.workspace, warning.counter));
                    tracing::warn!(%error, "a warning of a quota could not be written; the next request tries again");
                }
            }));
        }
    }

    async fn tell(&self, warning: &Warning) -> Result<(), store::Error> {
        let workspace = WorkspaceId::from_uuid(warning.workspace);
        let mut tx = WorkspaceTx::begin(&self.db, workspace).await?;
        let at = self.clock.now();
        for threshold in &warning.thresholds {
            let values = [workspace.into(), warning.counter.as_str().into(), (*threshold).into(), at.into()];
            if tx.execute(INSERT, &values).await? == 0 {
                continue;
            }
            tx.emit(&Event {
                id: EventId::from_uuid(self.ids.uuid()),
                kind: "usage.threshold_reached",
                workspace: Some(workspace),
                subject: warning.limit.id.clone(),
                actor: "system".to_owned(),
                impersonator: None,
                at,
                request_id: String::new(),
                payload: warning.payload(*threshold),
            });
        }
        tx.commit().await
    }
}

impl Warning {
    /// Numbers as they are counted: of money in nano-units.
    fn payload(&self, threshold: i64) -> serde_json::Value {
        let quota = self.limit.quota();
        let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0).map(|at| at.to_rfc3339());
        json!({
            "layer": self.limit.owner.as_str(),
            "id": self.limit.id,
            "resource": quota.map(|q| q.resource.as_str()),
            "currency": quota.map(|q| q.currency.as_str()).filter(|currency| !currency.is_empty()),
            "period": quota.map(|q| q.period.as_str()),
            "resets_at": quota.and_then(|q| q.span.end).and_then(instant),
            "limit": self.limit.limit,
            "used": self.used,
            "soft": self.limit.soft,
            "threshold_percent": threshold,
        })
    }
}

impl Told {
    /// What has not been told yet.
    fn news(&self, (workspace, counter): (Uuid, &str), reached: i64) -> Vec<i64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= REMEMBERED {
            told.clear();
        }
        let told = told.entry((workspace, counter.to_owned())).or_default();
        let before = std::mem::replace(told, reached.max(*told));
        THRESHOLDS.into_iter().filter(|threshold| *threshold > before && *threshold <= reached).collect()
    }

    fn forget(&self, key: &(Uuid, String)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// The highest threshold of a quota that is reached.
fn reached(limit: &Limit, used: i64) -> Option<i64> {
    limit.quota()?;
    if limit.limit == 0 {
        return None;
    }
    let reached = |threshold: &i64| i128::from(used) * 100 >= i128::from(limit.limit) * i128::from(*threshold);
    THRESHOLDS.into_iter().rev().find(reached)
}
