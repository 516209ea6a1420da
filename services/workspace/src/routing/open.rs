//! Providers, limits, plan and currency of a workspace, with the credentials opened. For the gateway only.

use super::get;
use crate::{
    Workspace,
    credential::{data_key, seal},
    error::Error,
    guardrails,
    platform::offered::{self, Offered},
    provider::row::{ProviderRow, opened},
    team,
    workspace::row::{Limited, WorkspaceRow},
};
use bytes::Bytes;
use proto::{
    id::WorkspaceId,
    routing::Settings,
    workspace::{OpenProvider, OpenRoutingRequest, OpenRoutingResponse},
};
use store::{WorkspaceTx, seal::Sealer, sql};

/// Opens it. Errors: `NOT_FOUND`.
pub(crate) async fn open(service: &Workspace, request: OpenRoutingRequest) -> Result<OpenRoutingResponse, Error> {
    let id: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let row: Option<WorkspaceRow> = tx.fetch_optional(sql!("workspace/get"), &[id.into()]).await?;
    // Nothing is called for one that is closed, whatever a key that nobody has ended yet may do.
    let workspace = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound("workspace"))?;
    let rows: Vec<ProviderRow> = tx.fetch_all(sql!("provider/routing"), &[id.into()]).await?;
    let routing = get::read(&mut tx, id).await?;
    let guardrails = guardrails::get::read(&mut tx, id).await?;
    let is_sealed = rows.iter().any(|row| row.sealed_key.is_some());
    let key = match is_sealed || keeps_answers(&routing) {
        true => Some(data_key::load(service, &mut tx).await?),
        false => None,
    };
    let answer_key = match key.as_ref().filter(|_| keeps_answers(&routing)) {
        Some(key) => Some(data_key::of_answers(&mut tx, key).await?),
        None => None,
    };
    let sealer = key.map(|key| key.sealer());
    let providers = rows.into_iter().map(|row| with_key(id, sealer.as_ref(), row)).collect::<Result<_, Error>>()?;
    let keep_responses_days =
        routing.responses.map_or(service.config.keep_responses_days, |responses| responses.keep_days);
    // Also where the settings switch it off: the gateway tries other settings, too.
    let Offered { open, locked } = offered::to(service, &mut tx, &workspace.plan).await?;
    let teams = team::limits::all(&mut tx).await?;
    let Limited { limits, per_user, per_model } = workspace.limited()?;
    Ok(OpenRoutingResponse {
        providers,
        limits: Some(limits),
        per_user: Some(per_user),
        per_model: Some(per_model),
        plan: workspace.plan,
        currency: workspace.currency,
        time_zone: workspace.time_zone,
        routing: Some(routing),
        keep_responses_days,
        guardrails: Some(guardrails),
        answer_key: answer_key.map(|key| Bytes::copy_from_slice(key.expose())).unwrap_or_default(),
        platform_providers: open,
        locked_providers: locked,
        teams,
    })
}

/// Whether answers are given again somewhere in these settings.
fn keeps_answers(routing: &Settings) -> bool {
    let policies = routing.aliases.values().map(|alias| &alias.policy).chain([&routing.policy]);
    policies.flatten().any(|policy| policy.cache.as_ref().is_some_and(|cache| cache.ttl_seconds > 0))
}

fn with_key(id: WorkspaceId, sealer: Option<&Sealer>, row: ProviderRow) -> Result<OpenProvider, Error> {
    let api_key = match (&row.sealed_key, sealer) {
        (Some(sealed), Some(sealer)) => seal::open(sealer, id, row.provider_id, sealed)?,
        _ => String::new(),
    };
    Ok(opened(row, api_key))
}
