//! Providers of the platform, newest first.

use super::row::{Parts, PlatformRow};
use crate::{Workspace, error::Error};
use proto::{Page, workspace::ListPlatformProvidersResponse};
use store::{GlobalTx, sql};
use uuid::Uuid;

/// One page of them.
pub(crate) async fn list(service: &Workspace, page: Page) -> Result<ListPlatformProvidersResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let mut tx = GlobalTx::read(&service.db).await?;
    let values = [before.into(), page.fetch().into()];
    let rows: Vec<PlatformRow> = tx.fetch_all(sql!("platform_provider/list"), &values).await?;
    tx.commit().await?;
    let mut all: Vec<Parts> = rows.into_iter().map(Parts::from).collect();
    let next_page_token = page.cut(&mut all, |parts| parts.provider.provider_id.uuid());
    Ok(ListPlatformProvidersResponse { providers: all.into_iter().map(Into::into).collect(), next_page_token })
}
