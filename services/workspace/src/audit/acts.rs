//! What has one person done, wherever they did it? For their own file.

use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{
    Page,
    id::{EventId, UserId, WorkspaceId},
    time,
    workspace::{Act, ListActsResponse},
};
use serde::Deserialize;
use store::{SystemTx, sql};

store::row! {
    struct ActRow {
        event_id: EventId,
        workspace_id: WorkspaceId,
        at: DateTime<Utc>,
        kind: String,
        subject: String,
        payload: String,
    }
}

/// What an entry says of whoever acted for its actor.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    impersonator: String,
}

/// One page of it, newest first. The details stay with the workspaces: they may speak of others.
pub(crate) async fn list(service: &Workspace, person: UserId, page: Page) -> Result<ListActsResponse, Error> {
    let mut tx = SystemTx::read(&service.db, "what a person has done").await?;
    let values = [person.to_string().into(), page.after.into(), page.fetch().into()];
    let mut rows: Vec<ActRow> = tx.fetch_all(sql!("audit/acts"), &values).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut rows, |row| row.event_id.uuid());
    let show = |row: ActRow| Act {
        id: row.event_id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        at: Some(time::to_proto(row.at)),
        action: row.kind,
        subject: row.subject,
        impersonator: serde_json::from_str::<Told>(&row.payload).unwrap_or_default().impersonator,
    };
    Ok(ListActsResponse { acts: rows.into_iter().map(show).collect(), next_page_token })
}
