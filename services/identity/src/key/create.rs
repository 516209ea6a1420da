//! Creates a key. Its text leaves here once, and is kept nowhere.

use super::{Key, begin};
use crate::{Error, Parts, event, input::Problems};
use chrono::{DateTime, Utc};
use host::door::key as format;
use proto::{Call, Permission, Scopes, id::KeyId, identity as pb};
use serde_json::json;

const MAX_NAME: usize = 100;
/// `pk_` and six more: enough to recognise a key, and far from enough to guess it.
const SHOWN: usize = format::PREFIX.len() + 6;

/// Answers `CreateApiKey`.
pub(crate) async fn create(
    parts: &Parts,
    call: &Call,
    request: pb::CreateApiKeyRequest,
) -> Result<pb::CreateApiKeyResponse, Error> {
    let now = parts.clock.now();
    let mut problems = Problems::default();
    let name = problems.text("name", &request.name, MAX_NAME);
    let scopes = read_scopes(&mut problems, &request.scopes);
    let limits = read_limits(&mut problems, request.limits);
    let expires_at = read_expiry(&mut problems, request.expires_at, now);
    problems.none()?;
    if let Some(excess) = scopes.iter().find(|s| !call.scopes.contains(*s)) {
        return Err(Error::ScopeExceeded(excess.as_str()));
    }

    let secret = format::generate();
    let mut tx = begin(parts, call).await?;
    let key = Key {
        id: KeyId::from_uuid(parts.ids.uuid()),
        workspace_id: tx.workspace(),
        prefix: secret.expose().chars().take(SHOWN).collect(),
        name,
        scopes: json!(scopes.names()),
        rpm: limits.rpm,
        tpm: limits.tpm,
        concurrency: limits.concurrency,
        created_by: call.actor(),
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    tx.execute(store::sql!("api_key/insert"), &values(&key, format::hash(secret.expose()))).await?;
    let facts = json!({ "name": key.name, "prefix": key.prefix, "scopes": key.scopes });
    tx.emit(&event::of_key(parts, call, "api_key.created", key.id, facts));
    tx.commit().await?;
    Ok(pb::CreateApiKeyResponse { api_key: Some(key.to_proto(now)), key: secret.expose().to_owned() })
}

fn values(key: &Key, sha256: [u8; 32]) -> [store::Value; 12] {
    [
        key.id.into(),
        key.workspace_id.into(),
        sha256.as_slice().into(),
        key.prefix.as_str().into(),
        key.name.as_str().into(),
        key.scopes.clone().into(),
        key.rpm.into(),
        key.tpm.into(),
        key.concurrency.into(),
        key.created_by.as_str().into(),
        key.created_at.into(),
        key.expires_at.into(),
    ]
}

/// Known permissions only: a name that means nothing today might mean something tomorrow.
fn read_scopes(problems: &mut Problems, names: &[String]) -> Scopes {
    if names.is_empty() {
        return Scopes::NONE.with(Permission::Inference);
    }
    let grantable = || Permission::ALL.iter().filter(|p| **p != Permission::Account).map(|p| p.as_str());
    let strange: Vec<_> = names.iter().filter(|n| !grantable().any(|g| g == n.as_str())).collect();
    if !strange.is_empty() {
        let all: Vec<_> = grantable().collect();
        problems.refused("scopes", format!("must be among {}", all.join(", ")));
    }
    Scopes::parse(names.iter().map(String::as_str))
}

fn read_limits(problems: &mut Problems, limits: Option<pb::Limits>) -> pb::Limits {
    let limits = limits.unwrap_or_default();
    let fields = [("limits.rpm", limits.rpm), ("limits.tpm", limits.tpm), ("limits.concurrency", limits.concurrency)];
    for (field, limit) in fields {
        if limit.is_some_and(|l| l < 1) {
            problems.refused(field, "must be at least 1; leave it out for no limit");
        }
    }
    limits
}

fn read_expiry(
    problems: &mut Problems,
    at: Option<prost_types::Timestamp>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let at = proto::time::from_proto(at?);
    match at {
        None => problems.missing("expires_at", "must be a time"),
        Some(at) if at <= now => problems.refused("expires_at", "must be in the future"),
        // PostgreSQL and RFC 3339 both end there.
        Some(at) if chrono::Datelike::year(&at) > 9999 => {
            problems.refused("expires_at", "must be before the year 10000");
        }
        Some(_) => {}
    }
    at
}
