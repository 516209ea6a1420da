//! Keeps a response.

use super::{LONGEST_ID, place};
use crate::{Workspace, credential::seal, error::Error};
use chrono::TimeDelta;
use proto::{
    id::WorkspaceId,
    routing::MAX_KEEP_DAYS,
    workspace::{KeepResponseRequest, KeepResponseResponse},
};
use store::{WorkspaceTx, sql};

/// Keeps it for some days. Errors: `NOT_FOUND` for a workspace or an id that is none.
pub(crate) async fn keep(service: &Workspace, request: KeepResponseRequest) -> Result<KeepResponseResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let response = request.response.unwrap_or_default();
    let id = response.response_id;
    if id.is_empty() || id.len() > LONGEST_ID {
        return Err(Error::NoResponse(id));
    }
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let sealed = seal::sealer(service, &mut tx).await?.seal(&response.content, &place(workspace, &id));
    let now = service.clock.now();
    let until = now + TimeDelta::days(i64::from(request.days.clamp(0, MAX_KEEP_DAYS)));
    let previous = Some(response.previous_response_id).filter(|id| !id.is_empty());
    let size = i64::try_from(sealed.len()).unwrap_or(i64::MAX);
    let values = [
        workspace.into(),
        id.into(),
        previous.into(),
        response.provider_id.into(),
        now.into(),
        until.into(),
        size.into(),
        sealed.into(),
    ];
    tx.execute(sql!("response/keep"), &values).await?;
    tx.commit().await?;
    Ok(KeepResponseResponse {})
}
