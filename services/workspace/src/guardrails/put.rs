//! Replaces the guardrails of a workspace.

use super::{get, pattern};
use crate::{Workspace, audit::record::Record, error::Error, problems::Problems, routing};
use proto::{
    Call,
    guardrails::{Settings, is_served},
    id::WorkspaceId,
    workspace::{PutGuardrailsRequest, PutGuardrailsResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// The largest document, in bytes of JSON: it is in the memory of every gateway.
const MOST_BYTES: usize = 64 * 1024;

/// Replaces them, if nothing is wrong with them. Errors: `REFUSED_VALUE` with everything that is.
pub(crate) async fn put(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: PutGuardrailsRequest,
) -> Result<PutGuardrailsResponse, Error> {
    let settings = request.guardrails.unwrap_or_default();
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let text = checked(&mut tx, id, &settings).await?;
    let before = get::read(&mut tx, id).await.ok();
    if before.as_ref() != Some(&settings) {
        tx.execute(sql!("guardrails/put"), &[id.into(), text.into(), service.clock.now().into()]).await?;
        let rules: Vec<_> = settings.rules.iter().map(|rule| &rule.name).collect();
        // Names only: words and patterns may be what nobody is to read.
        let payload = json!({ "changed": ["guardrails"], "rules": rules });
        let event = Record { kind: "workspace.guardrails_changed", subject: id.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    tx.commit().await?;
    Ok(PutGuardrailsResponse { guardrails: Some(settings) })
}

async fn checked(tx: &mut WorkspaceTx, id: WorkspaceId, settings: &Settings) -> Result<String, Error> {
    let settings_of_routing = routing::get::read(tx, id).await?;
    let known = routing::check::known(tx, id, &settings_of_routing).await?;
    let mut problems = Problems::default();
    for (field, problem) in settings.problems(|model| is_served(model, &settings_of_routing, &known), pattern::check) {
        problems.refused(field, problem);
    }
    let text = serde_json::to_string(settings).map_err(Error::Routing)?;
    if text.len() > MOST_BYTES {
        problems.refused("rules", format!("must be smaller: guardrails are at most {MOST_BYTES} bytes of JSON"));
    }
    problems.finish()?;
    Ok(text)
}
