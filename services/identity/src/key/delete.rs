//! Ends a key and takes it off the list.

use super::{absent, begin, find, parse};
use crate::{Error, Parts, event};
use proto::{Call, identity as pb};
use serde_json::json;

/// Answers `DeleteApiKey`.
pub(crate) async fn delete(
    parts: &Parts,
    call: &Call,
    request: pb::DeleteApiKeyRequest,
) -> Result<pb::DeleteApiKeyResponse, Error> {
    let id = parse(&request.key_id)?;
    let mut tx = begin(parts, call).await?;
    let key = find(&mut tx, id).await?.ok_or_else(absent)?;
    let values = [tx.workspace().into(), id.into(), parts.clock.now().into()];
    if tx.execute(store::sql!("api_key/delete"), &values).await? == 0 {
        // Deleted by somebody else since we looked.
        return Err(absent());
    }
    let facts = json!({ "name": key.name, "prefix": key.prefix });
    tx.emit(&event::of_key(parts, call, "api_key.deleted", id, facts));
    tx.commit().await?;
    Ok(pb::DeleteApiKeyResponse {})
}
