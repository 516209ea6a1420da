//! Workspaces of everybody, for operators, newest first.

use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{
    Page,
    id::{UserId, WorkspaceId},
    time,
    workspace::{ListAllWorkspacesRequest, ListAllWorkspacesResponse, WorkspaceSummary},
};
use store::{SystemTx, sql};
use uuid::Uuid;

store::row! {
    struct Row {
        workspace_id: WorkspaceId,
        name: String,
        plan: String,
        currency: String,
        created_at: DateTime<Utc>,
        owner: Option<UserId>,
        owner_email: Option<String>,
        members: i64,
    }
}

/// One page of them.
pub(crate) async fn list(
    service: &Workspace,
    page: Page,
    request: ListAllWorkspacesRequest,
) -> Result<ListAllWorkspacesResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let query = request.query.replace('\0', "");
    let id: Option<WorkspaceId> = query.trim().parse().ok();
    let part = Some(pattern(&query)).filter(|_| id.is_none() && !query.trim().is_empty());
    let mut tx = SystemTx::read(&service.db, "list workspaces for operators").await?;
    let values = [before.into(), id.into(), part.into(), page.fetch().into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("workspace/list_all"), &values).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut rows, |row| row.workspace_id.uuid());
    Ok(ListAllWorkspacesResponse { workspaces: rows.into_iter().map(Into::into).collect(), next_page_token })
}

/// For `like`: what it stands for stands for itself.
fn pattern(query: &str) -> String {
    let mut pattern = String::from("%");
    for character in query.trim().to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

impl From<Row> for WorkspaceSummary {
    fn from(row: Row) -> Self {
        Self {
            id: row.workspace_id.to_string(),
            name: row.name,
            plan: row.plan,
            currency: row.currency,
            owner_user_id: row.owner.map(|owner| owner.to_string()).unwrap_or_default(),
            owner_email: row.owner_email.unwrap_or_default(),
            members: row.members,
            created_at: Some(time::to_proto(row.created_at)),
        }
    }
}
