//! Providers of a workspace, newest first.

use super::row::ProviderRow;
use crate::{Workspace, error::Error};
use proto::{
    Page,
    id::WorkspaceId,
    workspace::{ListProvidersResponse, Provider},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

/// One page of them.
pub(crate) async fn list(service: &Workspace, id: WorkspaceId, page: Page) -> Result<ListProvidersResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let values = [id.into(), before.into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let mut rows: Vec<ProviderRow> = tx.fetch_all(sql!("provider/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.provider_id.uuid());
    Ok(ListProvidersResponse { providers: rows.into_iter().map(Provider::from).collect(), next_page_token })
}
