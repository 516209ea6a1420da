//! Answers that were kept are not given again.

use crate::{Workspace, audit::record::Record, credential::data_key, error::Error};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{EraseAnswersRequest, EraseAnswersResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Forgets those that are kept here, and tells every gateway, which forget theirs within a second.
pub(crate) async fn erase(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    _: EraseAnswersRequest,
) -> Result<EraseAnswersResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    tx.execute(sql!("answer/erase"), &[id.into()]).await?;
    data_key::erase_answers(&mut tx).await?;
    let event = Record { kind: "workspace.answers_erased", subject: id.to_string(), payload: json!({}) };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(EraseAnswersResponse {})
}
