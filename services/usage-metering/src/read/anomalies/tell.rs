//! Who is told of an unusual hour?
//!
//! Whoever follows the feed of usage-metering, once for each workspace and hour, however many processes look.

use super::{HOUR, LEAST_COST, LEAST_TOKENS, anomalies};
use crate::{
    read::{Period, piece::down},
    service::Inner,
};
use chrono::{DateTime, TimeDelta, Utc};
use host::Tasks;
use proto::{
    id::{EventId, WorkspaceId},
    usage::Anomaly,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use store::{Sql, SystemTx, WorkspaceTx, outbox, sql};

const SUSPECTS: Sql = sql!("anomaly/suspects");
const ANNOUNCE: Sql = sql!("anomaly/announce");
const FORGET: Sql = sql!("anomaly/forget");

/// How often somebody looks.
const EVERY: Duration = Duration::from_secs(60);
/// The name of the event.
const KIND: &str = "usage.anomaly";
/// Hours that were told are remembered for longer than they are looked at.
const REMEMBERED: TimeDelta = TimeDelta::days(3);

store::row! {
    struct Suspect {
        workspace_id: WorkspaceId,
        at: DateTime<Utc>,
    }
}

/// Looks from time to time, until the process stops.
pub(crate) fn start(inner: &Arc<Inner>, tasks: &Tasks) {
    let looking = inner.clone();
    drop(tasks.every("look for unusual usage", EVERY, move || {
        let inner = looking.clone();
        async move {
            if let Err(error) = tell(&inner).await {
                tracing::warn!(%error, "unusual usage cannot be looked for now");
            }
        }
    }));
}

/// Tells of the unusual ones among this hour and the one before, in all workspaces.
/// Errors: why a statement failed; what was not told is told the next time.
async fn tell(inner: &Inner) -> Result<(), store::Error> {
    let now = inner.clock.now();
    let from = down(now, HOUR) - HOUR;
    let mut tx = SystemTx::begin(&inner.db, "look for unusual usage").await?;
    tx.execute(FORGET, &[(now - REMEMBERED).into()]).await?;
    let values = [from.into(), (now + HOUR).into(), LEAST_COST.into(), LEAST_TOKENS.into()];
    let suspects: Vec<Suspect> = tx.fetch_all(SUSPECTS, &values).await?;
    tx.commit().await?;
    for Suspect { workspace_id, at } in suspects {
        let mut tx = WorkspaceTx::begin(&inner.db, workspace_id).await?;
        let found = anomalies(&mut tx, workspace_id, Period { from: at, to: at + HOUR }).await?;
        if found.is_empty() || tx.execute(ANNOUNCE, &[workspace_id.into(), at.into(), now.into()]).await? == 0 {
            continue;
        }
        tx.emit(&event(inner, workspace_id, at, &found));
        tx.commit().await?;
    }
    Ok(())
}

fn event(inner: &Inner, workspace: WorkspaceId, at: DateTime<Utc>, found: &[Anomaly]) -> outbox::Event {
    let told = |anomaly: &Anomaly| {
        json!({
            "measure": anomaly.measure, "currency": anomaly.currency, "amount": anomaly.amount, "usual": anomaly.usual,
        })
    };
    outbox::Event {
        id: EventId::from_uuid(inner.ids.uuid()),
        kind: KIND,
        workspace: Some(workspace),
        subject: workspace.to_string(),
        actor: "service:usage-metering".to_owned(),
        impersonator: None,
        at: inner.clock.now(),
        request_id: String::new(),
        payload: json!({ "at": at, "anomalies": found.iter().map(told).collect::<Vec<_>>() }),
    }
}
