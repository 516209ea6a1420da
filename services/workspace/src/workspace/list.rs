//! Workspaces of a person, newest first.

use super::row::WorkspaceRow;
use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{Page, id::UserId, workspace::ListWorkspacesResponse};
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
        rpm: Option<i64>,
        tpm: Option<i64>,
        concurrency: Option<i64>,
        created_at: DateTime<Utc>,
        role: String,
    }
}

/// One page of them.
pub(crate) async fn list(service: &Workspace, person: UserId, page: Page) -> Result<ListWorkspacesResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let values = [person.into(), before.into(), page.fetch().into()];
    let mut tx = SystemTx::read(&service.db, "workspaces of a person").await?;
    let mut rows: Vec<MembershipRow> = tx.fetch_all(sql!("workspace/list_of_user"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.workspace_id);
    let workspaces = rows.into_iter().map(MembershipRow::split).map(|(row, role)| row.seen_by(role)).collect();
    Ok(ListWorkspacesResponse { workspaces, next_page_token })
}

impl MembershipRow {
    fn split(self) -> (WorkspaceRow, String) {
        let Self { workspace_id, name, plan, currency, time_zone, locale, rpm, tpm, concurrency, created_at, role } =
            self;
        let row =
            WorkspaceRow { workspace_id, name, plan, currency, time_zone, locale, rpm, tpm, concurrency, created_at };
        (row, role)
    }
}
