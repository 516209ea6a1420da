//! The guardrails of a workspace.

use crate::{Workspace, error::Error};
use proto::{guardrails::Settings, id::WorkspaceId, workspace::GetGuardrailsResponse};
use store::{WorkspaceTx, sql};

store::row! {
    struct SettingsRow {
        settings: String,
    }
}

/// Reads them; a workspace that never set any has none.
pub(crate) async fn get(service: &Workspace, id: WorkspaceId) -> Result<GetGuardrailsResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    Ok(GetGuardrailsResponse { guardrails: Some(read(&mut tx, id).await?) })
}

/// Reads them within a transaction. Errors: what is kept cannot be read; then nothing passes as if nothing was set.
pub(crate) async fn read(tx: &mut WorkspaceTx, id: WorkspaceId) -> Result<Settings, Error> {
    let row: Option<SettingsRow> = tx.fetch_optional(sql!("guardrails/get"), &[id.into()]).await?;
    row.map_or_else(|| Ok(Settings::default()), |row| serde_json::from_str(&row.settings).map_err(Error::Routing))
}
