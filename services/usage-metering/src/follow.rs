//! Follows billing's feed: what a plan allows from now on, and what is left of credits. Every process follows it for itself, and finds in the table what was
//! published before it started, so that nobody needs billing to admit a request.

use crate::{Error, Usage, balance, config::of_table, service::Inner};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    billing::Billing,
    entitlement,
    feed::{Event, WatchRequest},
    id::RequestId,
};
use serde::Deserialize;
use std::sync::Arc;
use store::{GlobalTx, sql};

const PUBLISHED: &str = "plan.published";

/// What the event says.
#[derive(Deserialize)]
struct Published {
    name: String,
    entitlements: serde_json::Value,
}

store::row! {
    struct Row {
        name: String,
        position: i64,
        entitlements: serde_json::Value,
    }
}

impl Usage {
    /// Follows billing's feed from where it stopped. `billing` is called by [`proto::Role::UsageMetering`].
    pub fn follow(&self, billing: Billing, tasks: &Tasks) {
        // It starts after this service, and so is known only now.
        let billing = Arc::new(billing);
        let _ = self.inner.billing.set(Arc::downgrade(&billing));
        let (reader, writer) = (Arc::clone(&self.inner), Arc::clone(&self.inner));
        let open = move |after| {
            let (inner, billing) = (Arc::clone(&reader), Arc::clone(&billing));
            async move {
                let after = start(&inner, after).await?;
                let call = Call::service(Role::UsageMetering, RequestId::from_uuid(inner.ids.uuid()));
                billing.watch(&call, WatchRequest { after: Some(after) }).await
            }
        };
        let apply = move |event| {
            let inner = Arc::clone(&writer);
            async move { Ok(apply(&inner, event).await?) }
        };
        Tail::start("billing's plans", open, apply, tasks);
    }
}

/// After which position to go on: where this process is, or else behind what the table has, which counts from now on.
async fn start(inner: &Inner, after: Option<i64>) -> Result<i64, Error> {
    if let Some(after) = after {
        return Ok(after);
    }
    let mut tx = GlobalTx::read(&inner.db).await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("plan/all"), &[]).await?;
    tx.commit().await?;
    for row in &rows {
        inner.plans.publish(&row.name, &of_table(&row.name, &entitlement::read_all(&row.entitlements)));
    }
    let balances = balance::start(inner).await?;
    // Whoever has written the last of both has applied everything before it.
    Ok(rows.iter().map(|row| row.position).max().unwrap_or_default().max(balances))
}

/// One that cannot be read is skipped: waiting for it would hold up everything that comes after.
async fn apply(inner: &Inner, event: Event) -> Result<(), Error> {
    if event.kind == balance::CHANGED {
        return balance::follow(inner, &event.workspace_id, &event.payload, event.position).await;
    }
    if event.kind != PUBLISHED {
        return Ok(());
    }
    let Ok(Published { name, entitlements }) = serde_json::from_str(&event.payload) else {
        tracing::warn!(position = event.position, "what was published of a plan cannot be read, skipped");
        return Ok(());
    };
    inner.plans.publish(&name, &of_table(&name, &entitlement::read_all(&entitlements)));
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [name.into(), event.position.into(), entitlements.into(), inner.clock.now().into()];
    tx.execute(sql!("plan/follow"), &values).await?;
    tx.commit().await?;
    Ok(())
}
