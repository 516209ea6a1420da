//! Who is invited and has not come, newest first.

use super::Invitation;
use crate::{Workspace, error::Error};
use proto::{Page, id::WorkspaceId, workspace::ListInvitationsResponse};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

/// One page of them.
pub(crate) async fn list(service: &Workspace, id: WorkspaceId, page: Page) -> Result<ListInvitationsResponse, Error> {
    let values = [id.into(), page.after.unwrap_or(Uuid::max()).into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let mut rows: Vec<Invitation> = tx.fetch_all(sql!("invitation/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.invitation_id.uuid());
    let now = service.clock.now();
    Ok(ListInvitationsResponse { invitations: rows.iter().map(|row| row.to_proto(now)).collect(), next_page_token })
}
