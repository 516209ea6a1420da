//! What operators see of webhooks.

use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use store::{SystemTx, sql};

store::row! {
    struct Waiting {
        pending: i64,
        oldest: Option<DateTime<Utc>>,
    }
}

/// How much waits, and for how long what no receiver holds up. Errors: of the database.
pub(crate) async fn show(service: &Workspace) -> Result<(), Error> {
    let now = service.clock.now();
    let mut tx = SystemTx::read(&service.db, "count what waits for webhooks").await?;
    let found: Waiting = tx.fetch_one(sql!("delivery/waiting"), &[now.into()]).await?;
    tx.commit().await?;
    let pending = host::metrics::gauge(
        "perpetuo_webhook_deliveries_waiting",
        "Events that wait for an attempt at a webhook, the next of its schedule included; the same in every process, counted every 15 s.",
    );
    pending.set(found.pending);
    let oldest = host::metrics::gauge(
        "perpetuo_webhook_backlog_seconds",
        "For how long the oldest event waits whose first attempt is due at a webhook that does not fail; the same in every process, looked at every 15 s.",
    );
    oldest.set(found.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0)));
    Ok(())
}
