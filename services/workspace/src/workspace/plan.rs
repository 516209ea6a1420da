//! Which plan is a workspace on, how many may belong to it, and how many may its owner have? Billing decides, and says so on its feed.

use crate::{Workspace, error::Error};
use proto::{
    billing::entitlement::Value,
    entitlement,
    feed::Event,
    id::{EventId, WorkspaceId},
};
use serde::Deserialize;
use serde_json::json;
use store::{Tx, outbox, sql};

const CHANGED: &str = "subscription.changed";
const PUBLISHED: &str = "plan.published";
/// The entitlement that says how many may belong to a workspace.
const MEMBERS: &str = "team_members";
/// The entitlement that says how many workspaces a person may own.
const WORKSPACES: &str = "workspaces";

#[derive(Deserialize)]
struct Changed {
    plan: String,
    /// What an earlier release says nothing of is one.
    #[serde(default = "one")]
    quantity: i64,
}

const fn one() -> i64 {
    1
}

/// What is said of a plan.
#[derive(Deserialize)]
struct Published {
    name: String,
    entitlements: serde_json::Value,
    #[serde(default)]
    scaled_entitlements: Vec<String>,
}

/// Whether an event, which belongs to no workspace, matters here.
pub(crate) fn is_published(event: &Event) -> bool {
    event.kind == PUBLISHED
}

/// What a plan allows from now on. One that cannot be read is skipped. Errors: [`Error::Store`].
pub(crate) async fn published(tx: &mut Tx, event: &Event) -> Result<(), Error> {
    let Ok(Published { name, entitlements, scaled_entitlements }) = serde_json::from_str(&event.payload) else {
        tracing::warn!(position = event.position, "what was published of a plan cannot be read, skipped");
        return Ok(());
    };
    let mut table = entitlement::read_all(&entitlements);
    let mut most = |key| match table.remove(key).and_then(|found| found.value) {
        Some(Value::Limit(limit)) => Some(limit),
        Some(Value::Unlimited(_) | Value::Flag(_) | Value::Level(_)) | None => None,
    };
    let (members, workspaces) = (most(MEMBERS), most(WORKSPACES));
    let is_scaled = scaled_entitlements.iter().any(|key| key == MEMBERS);
    let values = [name.into(), event.position.into(), members.into(), is_scaled.into(), workspaces.into()];
    tx.execute(sql!("plan/follow"), &values).await?;
    Ok(())
}

/// Applies what billing said last. One that cannot be read is skipped: waiting for it would hold up everything that comes
/// after. Errors: [`Error::Store`].
pub(crate) async fn follow(service: &Workspace, tx: &mut Tx, event: &Event) -> Result<(), Error> {
    if event.kind != CHANGED {
        return Ok(());
    }
    let read = (event.workspace_id.parse::<WorkspaceId>(), serde_json::from_str::<Changed>(&event.payload));
    let (Ok(workspace), Ok(Changed { plan, quantity })) = read else {
        tracing::warn!(position = event.position, "event of a subscription cannot be read, skipped");
        return Ok(());
    };
    let now = service.clock.now();
    let values = [workspace.into(), plan.into(), quantity.into(), now.into()];
    if tx.execute(sql!("workspace/set_plan"), &values).await? == 0 {
        return Ok(());
    }
    // Others keep settings of the workspace for as long as nothing is said of it.
    tx.emit(&outbox::Event {
        id: EventId::from_uuid(service.ids.uuid()),
        kind: "workspace.updated",
        workspace: Some(workspace),
        subject: workspace.to_string(),
        actor: event.actor.clone(),
        impersonator: None,
        at: now,
        request_id: event.request_id.clone(),
        payload: json!({"changed": ["plan"]}),
    });
    Ok(())
}
