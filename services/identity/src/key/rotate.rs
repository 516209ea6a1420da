//! Gives a key another text; the one before works on for a while, so that who uses it can change over.

use super::{
    Key, absent, begin,
    create::{SHOWN, within},
    parse,
    policy::{self, Behind},
};
use crate::{Error, Parts, event, input::Problems};
use chrono::{DateTime, TimeDelta, Utc};
use host::door::key as format;
use proto::{Call, Permission, Scopes, identity as pb};
use serde_json::json;
use store::replay::{self, Claim};

/// For how long the text before works, where nobody says it, and at most.
const USUAL: TimeDelta = TimeDelta::hours(1);
const MOST: TimeDelta = TimeDelta::days(30);

/// Answers `RotateApiKey`.
pub(crate) async fn rotate(
    parts: &Parts,
    call: &Call,
    request: pb::RotateApiKeyRequest,
) -> Result<pb::RotateApiKeyResponse, Error> {
    let now = parts.clock.now();
    let asked = replay::Request::of(call, "RotateApiKey", call.workspace, &request);
    let id = parse(&request.key_id)?;
    let mut tx = begin(parts, call).await?;
    let place = match replay::claim(&mut tx, &parts.sealer, asked, now).await? {
        Claim::Kept(answer) => return again(call, answer),
        Claim::New(place) => place,
    };
    let grace = read(&request)?;
    let behind = policy::behind(&mut tx, call).await?;
    let values = [tx.workspace().into(), id.into()];
    let found: Option<Key> = tx.fetch_optional(store::sql!("api_key/lock"), &values).await?;
    let mut key = found.ok_or_else(absent)?;
    allowed(call, &behind, &key, now)?;
    let secret = format::generate();
    key.prefix = secret.expose().chars().take(SHOWN).collect();
    key.rotated_at = Some(now);
    key.previous_until = (grace > TimeDelta::zero()).then(|| now + grace);
    let values = [
        key.workspace_id.into(),
        id.into(),
        format::hash(secret.expose()).as_slice().into(),
        key.prefix.as_str().into(),
        now.into(),
        key.previous_until.into(),
        key.previous_until.is_some().into(),
    ];
    tx.execute(store::sql!("api_key/rotate"), &values).await?;
    let facts = json!({ "name": key.name, "prefix": key.prefix, "grace_seconds": grace.num_seconds() });
    tx.emit(&event::of_key(parts, call, "api_key.rotated", id, facts));
    let api_key = Some(key.to_proto(now)?);
    let answer = pb::RotateApiKeyResponse { api_key, key: secret.expose().to_owned(), replayed: false };
    place.keep(&mut tx, &parts.sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The answer from before. Whoever has lost a permission since then does not get a key that has it.
fn again(call: &Call, answer: pb::RotateApiKeyResponse) -> Result<pb::RotateApiKeyResponse, Error> {
    let scopes = answer.api_key.iter().flat_map(|key| &key.scopes);
    within(call, Scopes::parse(scopes.map(String::as_str)))?;
    Ok(pb::RotateApiKeyResponse { replayed: true, ..answer })
}

fn read(request: &pb::RotateApiKeyRequest) -> Result<TimeDelta, Error> {
    let Some(seconds) = request.grace_seconds else { return Ok(USUAL) };
    if (0..=MOST.num_seconds()).contains(&seconds) {
        return Ok(TimeDelta::seconds(seconds));
    }
    let mut problems = Problems::default();
    problems.refused("grace_seconds", format!("must be from 0 to {}", MOST.num_seconds()));
    problems.none()?;
    Ok(USUAL)
}

/// Whoever rotates a key holds it afterwards: it must not do more than they, and what it uses must not count for somebody
/// else, unless they look after members. Errors: [`Error::ScopeExceeded`], [`Error::Bound`], [`Error::Theirs`],
/// [`Error::KeyEnded`].
fn allowed(call: &Call, behind: &Behind, key: &Key, now: DateTime<Utc>) -> Result<(), Error> {
    let scopes = super::scopes(&key.scopes);
    within(call, Scopes::parse(scopes.iter().map(String::as_str)))?;
    behind.unbound()?;
    let manages = |permission| call.scopes.contains(permission);
    let theirs = match key.user_id {
        Some(user) => behind.user == Some(user) || manages(Permission::MembersWrite),
        // What a team's uses counts for it: as for who may make one.
        None if key.team_id.is_some() => manages(Permission::WorkspaceWrite) && manages(Permission::MembersWrite),
        None => manages(Permission::WorkspaceWrite),
    };
    if !theirs {
        return Err(Error::Theirs);
    }
    if key.is_active(now) { Ok(()) } else { Err(Error::KeyEnded) }
}
