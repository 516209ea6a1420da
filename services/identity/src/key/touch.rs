//! Writes down when keys were last used, as the doors report it every few seconds. Answers `RecordKeyUse`.

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, WorkspaceId},
    identity as pb,
};
use std::collections::BTreeMap;
use store::SystemTx;

/// One commit for all: a report names the keys of many workspaces. What cannot be read is left out, and so is time
/// that has not come yet: it would hide each use until then.
pub(crate) async fn touch(parts: &Parts, request: pb::RecordKeyUseRequest) -> Result<pb::RecordKeyUseResponse, Error> {
    let now = parts.clock.now();
    // In the order of ids, so that two reports never wait for each other.
    let mut uses: BTreeMap<(KeyId, WorkspaceId), DateTime<Utc>> = BTreeMap::new();
    for (key, at) in request.uses.iter().filter_map(read) {
        let last = uses.entry(key).or_insert(at);
        *last = at.max(*last);
    }
    if uses.is_empty() {
        return Ok(pb::RecordKeyUseResponse {});
    }
    let mut tx = SystemTx::begin(&parts.db, "record when API keys were used").await?;
    for ((key, workspace), at) in uses {
        tx.execute(store::sql!("api_key/touch"), &[workspace.into(), key.into(), at.min(now).into()]).await?;
    }
    tx.commit().await?;
    Ok(pb::RecordKeyUseResponse {})
}

fn read(of: &pb::KeyUse) -> Option<((KeyId, WorkspaceId), DateTime<Utc>)> {
    let at = of.at.and_then(proto::time::from_proto)?;
    Some(((of.key_id.parse().ok()?, of.workspace_id.parse().ok()?), at))
}
