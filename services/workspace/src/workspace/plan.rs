//! Which plan is a workspace on? Billing decides, and says so on its feed.

use crate::{Workspace, error::Error};
use proto::{
    feed::Event,
    id::{EventId, WorkspaceId},
};
use serde::Deserialize;
use serde_json::json;
use store::{Tx, outbox, sql};

const CHANGED: &str = "subscription.changed";

#[derive(Deserialize)]
struct Changed {
    plan: String,
}

/// Applies what billing said last. One that cannot be read is skipped: waiting for it would hold up everything that comes
/// after. Errors: [`Error::Store`].
pub(crate) async fn follow(service: &Workspace, tx: &mut Tx, event: &Event) -> Result<(), Error> {
    if event.kind != CHANGED {
        return Ok(());
    }
    let read = (event.workspace_id.parse::<WorkspaceId>(), serde_json::from_str::<Changed>(&event.payload));
    let (Ok(workspace), Ok(Changed { plan })) = read else {
        tracing::warn!(position = event.position, "event of a subscription cannot be read, skipped");
        return Ok(());
    };
    let now = service.clock.now();
    let values = [workspace.into(), plan.into(), now.into()];
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
        at: now,
        request_id: event.request_id.clone(),
        payload: json!({"changed": ["plan"]}),
    });
    Ok(())
}
