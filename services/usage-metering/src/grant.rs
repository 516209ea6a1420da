//! Which attempt of which request is meant?

use crate::Error;
use proto::id::{RequestId, WorkspaceId};
use serde::Serialize;
use uuid::Uuid;

/// How many attempts one request may have. A gateway that falls back more often is in a loop.
pub(crate) const MAX_ATTEMPTS: i64 = 64;

/// Names one grant, and the row that it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct GrantKey {
    #[serde(rename = "workspace_id", with = "uuid::serde::simple")]
    pub workspace: Uuid,
    #[serde(rename = "request_id", with = "uuid::serde::simple")]
    pub request: Uuid,
    pub attempt: i64,
}

impl GrantKey {
    /// Errors: `INVALID_ARGUMENT` for ids that are none.
    pub fn parse(workspace_id: &str, grant_id: &str) -> Result<Self, Error> {
        let workspace = workspace(workspace_id)?;
        let malformed = || Error::invalid("grant_id", "must be `<request id>/<attempt>`");
        let (request, attempt) = grant_id.split_once('/').ok_or_else(malformed)?;
        let request: RequestId = request.parse().map_err(|_| malformed())?;
        let attempt: i64 = attempt.parse().map_err(|_| malformed())?;
        if !(1..=MAX_ATTEMPTS).contains(&attempt) {
            return Err(malformed());
        }
        Ok(Self { workspace, request: request.uuid(), attempt })
    }

    /// `<request id>/<attempt>`
    pub fn grant_id(&self) -> String {
        format!("{}/{}", RequestId::from_uuid(self.request), self.attempt)
    }
}

/// Errors: `INVALID_ARGUMENT` for an id that is none.
pub(crate) fn workspace(id: &str) -> Result<Uuid, Error> {
    let id: WorkspaceId = id.parse().map_err(|_| Error::invalid("workspace_id", "must be the id of a workspace"))?;
    Ok(id.uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_the_request_and_the_number_of_the_attempt() {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1)).to_string();
        let request = RequestId::from_uuid(Uuid::from_u128(2)).to_string();
        let key = GrantKey::parse(&workspace, &format!("{request}/3")).unwrap();
        assert_eq!(key, GrantKey { workspace: Uuid::from_u128(1), request: Uuid::from_u128(2), attempt: 3 });
        assert_eq!(key.grant_id(), format!("{request}/3"));
        for wrong in ["", "1", &request, &format!("{request}/0"), &format!("{request}/x"), &format!("{request}/65")] {
            assert!(GrantKey::parse(&workspace, wrong).is_err(), "{wrong}");
        }
    }
}
