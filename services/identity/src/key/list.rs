//! Lists the keys of a workspace, newest first.

use super::Key;
use crate::{Error, Parts};
use proto::{Call, Page, id::TeamId, identity as pb};
use store::WorkspaceTx;
use uuid::Uuid;

/// Answers `ListApiKeys`.
pub(crate) async fn list(
    parts: &Parts,
    call: &Call,
    request: pb::ListApiKeysRequest,
) -> Result<pb::ListApiKeysResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let team = match request.team_id.as_str() {
        "" => None,
        // What is no team has no keys.
        text => Some(text.parse().map_or(Uuid::nil(), TeamId::uuid)),
    };
    let mut tx = WorkspaceTx::read(&parts.db, call.workspace().map_err(Error::caller)?).await?;
    let values = [tx.workspace().into(), page.after.unwrap_or(Uuid::max()).into(), page.fetch().into(), team.into()];
    let mut keys: Vec<Key> = tx.fetch_all(store::sql!("api_key/list"), &values).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut keys, |key| key.id.uuid());
    let now = parts.clock.now();
    let api_keys = keys.iter().map(|key| key.to_proto(now)).collect::<Result<_, _>>()?;
    Ok(pb::ListApiKeysResponse { api_keys, next_page_token })
}
