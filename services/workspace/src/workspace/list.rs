//! Workspaces of a person, newest first.

use super::{get, row::WorkspaceRow};
use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{Call, Page, id::UserId, workspace::ListWorkspacesResponse};
use serde_json::Value;
use store::{SystemTx, sql};
use uuid::Uuid;

store::row! {
    struct MembershipRow {
        workspace_id: Uuid,
        name: String,
        plan: String,
        currency: String,
        time_zone: String,
        locale: String,
        limits: Value,
        per_user: Value,
        per_model: Value,
        created_at: DateTime<Utc>,
        deleted_at: Option<DateTime<Utc>>,
        purge_at: Option<DateTime<Utc>>,
        role: String,
    }
}

/// One page of them. Whoever acts for the person sees the workspace in which they do, and no other.
pub(crate) async fn list(
    service: &Workspace,
    call: &Call,
    person: UserId,
    page: Page,
) -> Result<ListWorkspacesResponse, Error> {
    if call.impersonation.is_some() {
        let workspaces = match call.workspace {
            Some(id) => get::get(service, call, id).await?.workspace.into_iter().collect(),
            None => vec![],
        };
        return Ok(ListWorkspacesResponse { workspaces, next_page_token: String::new() });
    }
    let before = page.after.unwrap_or(Uuid::max());
    let values = [person.into(), before.into(), page.fetch().into()];
    let mut tx = SystemTx::read(&service.db, "workspaces of a person").await?;
    let mut rows: Vec<MembershipRow> = tx.fetch_all(sql!("workspace/list_of_user"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.workspace_id);
    let workspaces = rows.into_iter().map(MembershipRow::split).map(|(row, role)| row.seen_by(role));
    let workspaces = workspaces.collect::<Result<_, _>>()?;
    Ok(ListWorkspacesResponse { workspaces, next_page_token })
}

impl MembershipRow {
    fn split(self) -> (WorkspaceRow, String) {
        let row = WorkspaceRow {
            workspace_id: self.workspace_id,
            name: self.name,
            plan: self.plan,
            currency: self.currency,
            time_zone: self.time_zone,
            locale: self.locale,
            limits: self.limits,
            per_user: self.per_user,
            per_model: self.per_model,
            created_at: self.created_at,
            deleted_at: self.deleted_at,
            purge_at: self.purge_at,
        };
        (row, self.role)
    }
}
