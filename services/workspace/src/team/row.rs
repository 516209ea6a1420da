//! `teams` as its members see it.

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{id::TeamId, limits::Limits, time, workspace::Team};
use serde::Deserialize as _;
use serde_json::Value;
use store::{WorkspaceTx, sql};

store::row! {
    /// One team.
    pub(super) struct TeamRow {
        pub(super) team_id: TeamId,
        pub(super) name: String,
        pub(super) description: String,
        pub(super) limits: Value,
        pub(super) external_id: Option<String>,
        pub(super) created_at: DateTime<Utc>,
        pub(super) updated_at: DateTime<Utc>,
        /// How many are in it.
        pub(super) members: i64,
    }
}

impl TeamRow {
    /// Errors: its limits cannot be read, and none are not what it has.
    pub(super) fn to_proto(&self) -> Result<Team, Error> {
        Ok(Team {
            id: self.team_id.to_string(),
            name: self.name.clone(),
            description: self.description.clone(),
            limits: Some(Limits::deserialize(&self.limits)?),
            external_id: self.external_id.clone().unwrap_or_default(),
            members: self.members,
            created_at: Some(time::to_proto(self.created_at)),
            updated_at: Some(time::to_proto(self.updated_at)),
        })
    }
}

/// What two teams of a workspace must not share.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The id in a path. Errors: `NOT_FOUND`, also for what is no id: a path leads somewhere or nowhere.
pub(super) fn id(text: &str) -> Result<TeamId, Error> {
    text.parse().map_err(|_| absent())
}

pub(super) fn absent() -> Error {
    Error::NotFound("team")
}

/// A team of the transaction's workspace. Errors: `NOT_FOUND`.
pub(super) async fn find(tx: &mut WorkspaceTx, id: TeamId) -> Result<TeamRow, Error> {
    let values = [tx.workspace().into(), id.into()];
    tx.fetch_optional(sql!("team/get"), &values).await?.ok_or_else(absent)
}

/// Goes on if no other team has the name or external id of this one. The workspace is locked. Errors: `CONFLICT`.
pub(super) async fn unique(tx: &mut WorkspaceTx, row: &TeamRow) -> Result<(), Error> {
    let values = [tx.workspace().into(), row.team_id.into(), key(&row.name).into(), row.external_id.clone().into()];
    let taken: Option<(i64,)> = tx.fetch_optional(sql!("team/taken"), &values).await?;
    match taken {
        None => Ok(()),
        Some((0,)) => Err(Error::ExternalIdTaken(row.external_id.clone().unwrap_or_default())),
        Some(_) => Err(Error::TeamNameTaken(row.name.clone())),
    }
}
