//! Ends a key. It stays on the list; doors hear of it through the feed.

use super::{absent, begin, find, parse};
use crate::{Error, Parts, event};
use proto::{Call, identity as pb};
use serde_json::json;

/// Answers `RevokeApiKey`.
pub(crate) async fn revoke(
    parts: &Parts,
    call: &Call,
    request: pb::RevokeApiKeyRequest,
) -> Result<pb::RevokeApiKeyResponse, Error> {
    let id = parse(&request.key_id)?;
    let now = parts.clock.now();
    let mut tx = begin(parts, call).await?;
    let values = [tx.workspace().into(), id.into(), now.into()];
    let revoked = tx.execute(store::sql!("api_key/revoke"), &values).await? > 0;
    let key = find(&mut tx, id).await?.ok_or_else(absent)?;
    if revoked {
        let facts = json!({ "name": key.name, "prefix": key.prefix });
        tx.emit(&event::of_key(parts, call, "api_key.revoked", id, facts));
    }
    tx.commit().await?;
    Ok(pb::RevokeApiKeyResponse { api_key: Some(key.to_proto(now)?) })
}
