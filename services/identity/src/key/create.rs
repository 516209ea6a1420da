//! Creates a key. Its text leaves here once and is kept nowhere, except sealed and for a day in the answer to a request
//! with an `Idempotency-Key`, which is given again.

use super::{
    Key, begin, bounds,
    policy::{self, Behind},
    read_limits, team,
};
use crate::{Error, Parts, event, input::Problems};
use chrono::{DateTime, Utc};
use host::door::key as format;
use proto::{
    Call, Permission, Scopes,
    id::{KeyId, TeamId},
    identity as pb,
    limits::Limits,
};
use serde_json::json;
use store::replay::{self, Claim};

pub(super) const MAX_NAME: usize = 100;
/// `pk_` and six more: enough to recognise a key, and far from enough to guess it.
pub(super) const SHOWN: usize = format::PREFIX.len() + 6;

/// What the request asks for, read.
struct Draft {
    name: String,
    scopes: Scopes,
    limits: Limits,
    expires_at: Option<DateTime<Utc>>,
    allowed_models: Option<serde_json::Value>,
    allowed_ips: Option<serde_json::Value>,
    service_account: bool,
    team_id: Option<TeamId>,
}

/// Answers `CreateApiKey`.
pub(crate) async fn create(
    parts: &Parts,
    call: &Call,
    request: pb::CreateApiKeyRequest,
) -> Result<pb::CreateApiKeyResponse, Error> {
    let now = parts.clock.now();
    let asked = replay::Request::of(call, "CreateApiKey", call.workspace, &request);
    let mut tx = begin(parts, call).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &parts.sealer, asked, now).await? {
        Claim::Kept(answer) => return again(call, answer),
        Claim::New(place) => place,
    };
    let mut draft = read(&request, now)?;
    within(call, draft.scopes)?;
    let behind = policy::behind(&mut tx, call).await?;
    behind.unbound()?;
    draft.team_id = team::of(parts, call, &behind, (&request.team_id, draft.service_account)).await?;
    let secret = format::generate();
    let key = Key { prefix: secret.expose().chars().take(SHOWN).collect(), ..draft.key(parts, call, &behind, now)? };
    tx.execute(store::sql!("api_key/insert"), &values(&key, format::hash(secret.expose()))).await?;
    let mut facts = json!({ "name": key.name, "prefix": key.prefix, "scopes": key.scopes });
    if key.user_id.is_none() {
        facts["service_account"] = true.into();
    }
    if let Some(team) = key.team_id {
        facts["team_id"] = team.to_string().into();
    }
    tx.emit(&event::of_key(parts, call, "api_key.created", key.id, facts));
    let api_key = Some(key.to_proto(now)?);
    let answer = pb::CreateApiKeyResponse { api_key, key: secret.expose().to_owned(), replayed: false };
    place.keep(&mut tx, &parts.sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The answer from before. Whoever has lost a permission since then does not get a key that has it.
fn again(call: &Call, answer: pb::CreateApiKeyResponse) -> Result<pb::CreateApiKeyResponse, Error> {
    let scopes = answer.api_key.iter().flat_map(|key| &key.scopes);
    within(call, Scopes::parse(scopes.map(String::as_str)))?;
    Ok(pb::CreateApiKeyResponse { replayed: true, ..answer })
}

/// Goes on if the caller has all of `scopes`. Errors: [`Error::ScopeExceeded`].
pub(super) fn within(call: &Call, scopes: Scopes) -> Result<(), Error> {
    match scopes.iter().find(|s| !call.scopes.contains(*s)) {
        Some(excess) => Err(Error::ScopeExceeded(excess.as_str())),
        None => Ok(()),
    }
}

fn read(request: &pb::CreateApiKeyRequest, now: DateTime<Utc>) -> Result<Draft, Error> {
    let mut problems = Problems::default();
    let draft = Draft {
        name: problems.text("name", &request.name, MAX_NAME),
        scopes: read_scopes(&mut problems, &request.scopes),
        limits: read_limits(&mut problems, request.limits.clone(), request.budgets.clone()),
        expires_at: read_expiry(&mut problems, request.expires_at, now),
        allowed_models: bounds::models(&mut problems, &request.allowed_models),
        allowed_ips: bounds::networks(&mut problems, &request.allowed_ips),
        service_account: request.service_account,
        team_id: None,
    };
    problems.none()?;
    Ok(draft)
}

impl Draft {
    /// The key that it becomes, without its text. A service account is of the workspace, so whoever makes one has to look
    /// after the workspace. Errors: [`Error::ServiceAccount`].
    fn key(self, parts: &Parts, call: &Call, behind: &Behind, now: DateTime<Utc>) -> Result<Key, Error> {
        if self.service_account && !call.scopes.contains(Permission::WorkspaceWrite) {
            return Err(Error::ServiceAccount);
        }
        Ok(Key {
            id: KeyId::from_uuid(parts.ids.uuid()),
            workspace_id: call.workspace().map_err(Error::caller)?,
            prefix: String::new(),
            name: self.name,
            scopes: json!(self.scopes.names()),
            limits: json!(self.limits),
            created_by: call.actor(),
            created_at: now,
            expires_at: self.expires_at,
            revoked_at: None,
            last_used_at: None,
            user_id: behind.user.filter(|_| !self.service_account),
            allowed_models: self.allowed_models,
            allowed_ips: self.allowed_ips,
            rotated_at: None,
            previous_until: None,
            team_id: self.team_id,
        })
    }
}

fn values(key: &Key, sha256: [u8; 32]) -> [store::Value; 14] {
    [
        key.id.into(),
        key.workspace_id.into(),
        sha256.as_slice().into(),
        key.prefix.as_str().into(),
        key.name.as_str().into(),
        key.scopes.clone().into(),
        key.limits.clone().into(),
        key.created_by.as_str().into(),
        key.user_id.into(),
        key.created_at.into(),
        key.expires_at.into(),
        key.allowed_models.clone().into(),
        key.allowed_ips.clone().into(),
        key.team_id.into(),
    ]
}

/// Known permissions only: a name that means nothing today might mean something tomorrow.
fn read_scopes(problems: &mut Problems, names: &[String]) -> Scopes {
    if names.is_empty() {
        return Scopes::NONE.with(Permission::Inference);
    }
    let grantable = || Permission::ALL.iter().filter(|p| p.is_of_keys()).map(|p| p.as_str());
    let strange: Vec<_> = names.iter().filter(|n| !grantable().any(|g| g == n.as_str())).collect();
    if !strange.is_empty() {
        let all: Vec<_> = grantable().collect();
        problems.refused("scopes", format!("must be among {}", all.join(", ")));
    }
    Scopes::parse(names.iter().map(String::as_str))
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
