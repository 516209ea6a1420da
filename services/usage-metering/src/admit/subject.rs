//! Which request is it?

use super::ask::MAX_NAME;
use crate::{Error, grant, row::bounded};
use proto::id::{KeyId, RequestId, TeamId, UserId};
use uuid::Uuid;

/// How far the time of a request may be from the time in its id: an hour, in microseconds.
pub(crate) const SLACK: i64 = 3_600_000_000;

/// A subject that has been read.
pub(crate) struct Subject {
    pub workspace: Uuid,
    pub request: Uuid,
    pub api_key: Option<Uuid>,
    pub user: Option<Uuid>,
    pub team: Option<Uuid>,
    pub operation: String,
    pub requested_model: String,
    pub stream: bool,
    /// Microseconds since 1970.
    pub created_at: i64,
}

impl Subject {
    /// Errors: `INVALID_ARGUMENT`.
    pub fn read(subject: proto::usage::Subject) -> Result<Self, Error> {
        let request: RequestId =
            subject.request_id.parse().map_err(|_| Error::invalid("request_id", "must be the id of a request"))?;
        let request = request.uuid();
        let made = made_at(request).ok_or(Error::invalid("request_id", "must be a uuid of version 7"))?;
        let created = subject.created_at.and_then(proto::time::from_proto);
        Ok(Self {
            workspace: grant::workspace(&subject.workspace_id)?,
            request,
            api_key: optional(&subject.api_key_id, |id| id.parse().map(KeyId::uuid))
                .map_err(|_| Error::invalid("api_key_id", "must be the id of an API key, or empty"))?,
            user: optional(&subject.user_id, |id| id.parse().map(UserId::uuid))
                .map_err(|_| Error::invalid("user_id", "must be the id of a user, or empty"))?,
            team: optional(&subject.team_id, |id| id.parse().map(TeamId::uuid))
                .map_err(|_| Error::invalid("team_id", "must be the id of a team, or empty"))?,
            operation: bounded(subject.operation, MAX_NAME),
            requested_model: bounded(subject.requested_model, MAX_NAME),
            stream: subject.stream,
            // Periods are found by id: a time far from it, after the clock was set, would be in no period at all.
            created_at: created.map_or(made, |at| at.timestamp_micros()).clamp(made - SLACK, made + SLACK),
        })
    }
}

/// When a request id was made, in microseconds since 1970. None if it does not say.
fn made_at(request: Uuid) -> Option<i64> {
    let millis = (request.get_version_num() == 7).then(|| request.as_u128() >> 80)?;
    Some(i64::try_from(millis).ok()? * 1000)
}

fn optional<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}
