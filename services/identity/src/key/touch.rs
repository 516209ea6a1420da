//! Writes down when keys were last used, as the doors report it every few seconds. Answers `RecordKeyUse`.

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, WorkspaceId},
    identity as pb,
};
use serde_json::json;
use std::collections::BTreeMap;
use store::SystemTx;

/// One statement for all: a report names the keys of many workspaces. What cannot be read is left out. Time that has
/// not come yet is now: it would hide each use until then.
pub(crate) async fn touch(parts: &Parts, request: pb::RecordKeyUseRequest) -> Result<pb::RecordKeyUseResponse, Error> {
    let now = parts.clock.now();
    let mut last: BTreeMap<(KeyId, WorkspaceId), DateTime<Utc>> = BTreeMap::new();
    for (key, at) in request.uses.iter().filter_map(read) {
        let last = last.entry(key).or_insert(at.min(now));
        *last = at.min(now).max(*last);
    }
    if last.is_empty() {
        return Ok(pb::RecordKeyUseResponse {});
    }
    let uses: serde_json::Value = last.into_iter().map(|(key, at)| write(key, at)).collect();
    let mut tx = SystemTx::begin(&parts.db, "record when API keys were used").await?;
    tx.execute(store::sql!(pair "api_key/touch"), &[uses.into()]).await?;
    tx.commit().await?;
    Ok(pb::RecordKeyUseResponse {})
}

/// A use as the statement of either database reads it.
fn write((key, workspace): (KeyId, WorkspaceId), at: DateTime<Utc>) -> serde_json::Value {
    json!({
        "key_id": key.uuid().to_string(),
        "workspace_id": workspace.uuid().to_string(),
        "at": at.to_rfc3339(),
        "at_micros": at.timestamp_micros(),
    })
}

fn read(of: &pb::KeyUse) -> Option<((KeyId, WorkspaceId), DateTime<Utc>)> {
    let at = of.at.and_then(proto::time::from_proto)?;
    Some(((of.key_id.parse().ok()?, of.workspace_id.parse().ok()?), at))
}
