//! Opens a kept response, and what it continues.

use super::place;
use crate::{Workspace, credential::seal, error::Error};
use proto::{
    id::WorkspaceId,
    workspace::{KeptResponse, OpenResponseRequest, OpenResponseResponse},
};
use store::{WorkspaceTx, sql};

/// The most responses of one conversation.
const MOST_TURNS: i64 = 500;
/// The most bytes of one conversation: it has to fit into a message, and into a request.
const MOST_BYTES: i64 = 16 * 1024 * 1024;

store::row! {
    struct ResponseRow {
        response_id: String,
        previous_response_id: Option<String>,
        provider_id: String,
        sealed: Vec<u8>,
        /// Bytes from the one that was asked for up to here.
        total: i64,
    }
}

/// Errors: `NOT_FOUND` with the id that is not there; `REFUSED_VALUE` for a conversation that is too long.
pub(crate) async fn open(service: &Workspace, request: OpenResponseRequest) -> Result<OpenResponseResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let deepest = if request.with_previous { MOST_TURNS } else { 0 };
    let values = [
        workspace.into(),
        request.response_id.as_str().into(),
        service.clock.now().into(),
        deepest.into(),
        MOST_BYTES.into(),
    ];
    let rows: Vec<ResponseRow> = tx.fetch_all(sql!("response/open"), &values).await?;
    let Some(oldest) = rows.first() else { return Err(Error::NoResponse(request.response_id)) };
    if request.with_previous {
        let turns = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if oldest.total > MOST_BYTES || turns > MOST_TURNS {
            return Err(Error::LongConversation(MOST_TURNS, MOST_BYTES));
        }
        // Without its beginning it would be another conversation.
        if let Some(missing) = &oldest.previous_response_id {
            return Err(Error::NoResponse(missing.clone()));
        }
    }
    let sealer = seal::sealer(service, &mut tx).await?;
    let opened = |row: ResponseRow| {
        let content = sealer.open(&row.sealed, &place(workspace, &row.response_id))?;
        Ok(KeptResponse {
            response_id: row.response_id,
            previous_response_id: row.previous_response_id.unwrap_or_default(),
            provider_id: row.provider_id,
            content: content.to_vec().into(),
        })
    };
    let responses = rows.into_iter().map(opened).collect::<Result<_, Error>>()?;
    Ok(OpenResponseResponse { responses })
}
