//! The routing settings of a workspace.

use crate::{Workspace, error::Error};
use proto::{id::WorkspaceId, routing::Settings, workspace::GetRoutingResponse};
use store::{WorkspaceTx, sql};

store::row! {
    struct SettingsRow {
        settings: String,
    }
}

/// Reads them; a workspace that never set any has empty ones.
pub(crate) async fn get(service: &Workspace, id: WorkspaceId) -> Result<GetRoutingResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    Ok(GetRoutingResponse { routing: Some(read(&mut tx, id).await?) })
}

/// Reads them within a transaction. Errors: what is kept cannot be read; then nothing is routed as if nothing was set.
pub(crate) async fn read(tx: &mut WorkspaceTx, id: WorkspaceId) -> Result<Settings, Error> {
    let row: Option<SettingsRow> = tx.fetch_optional(sql!("routing/get"), &[id.into()]).await?;
    row.map_or_else(|| Ok(Settings::default()), |row| serde_json::from_str(&row.settings).map_err(Error::Routing))
}
