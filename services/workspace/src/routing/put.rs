//! Replaces the routing settings of a workspace.

use super::{check, get};
use crate::{Workspace, audit::record::Record, error::Error, response};
use proto::{
    Call,
    id::WorkspaceId,
    routing::Responses,
    workspace::{PutRoutingRequest, PutRoutingResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Replaces them, if nothing is wrong with them. Errors: `REFUSED_VALUE`.
pub(crate) async fn put(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: PutRoutingRequest,
) -> Result<PutRoutingResponse, Error> {
    let settings = request.routing.unwrap_or_default();
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let text = check::checked(&mut tx, id, &settings).await?;
    let before = get::read(&mut tx, id).await.ok();
    if before.as_ref() != Some(&settings) {
        if let Some(Responses { keep_days }) = settings.responses {
            response::prune::shorten(&mut tx, id, keep_days).await?;
        }
        tx.execute(sql!("routing/put"), &[id.into(), text.into(), service.clock.now().into()]).await?;
        let aliases: Vec<_> = settings.aliases.keys().collect();
        let fallbacks: Vec<_> = settings.fallbacks.keys().collect();
        let payload = json!({ "changed": ["routing"], "aliases": aliases, "fallbacks": fallbacks });
        let event = Record { kind: "workspace.routing_changed", subject: id.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    tx.commit().await?;
    Ok(PutRoutingResponse { routing: Some(settings) })
}
