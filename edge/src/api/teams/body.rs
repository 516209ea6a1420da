//! What teams look like, and how they come from and become the contract's.

use crate::{
    api::{limits::body::LimitsBody, page::some, time},
    error::{Error, Result},
    json::Object,
};
use chrono::{DateTime, Utc};
use proto::{
    id::TeamId,
    workspace::{CreateTeamRequest, Team, TeamMember, UpdateTeamRequest},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Members of a workspace who share limits and budgets.
#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub(crate) struct TeamBody {
    /// `team_…`
    pub(crate) id: String,
    /// Unique in the workspace; capital letters make no difference.
    name: String,
    description: String,
    /// What the keys of the team use together; null is unlimited.
    limits: LimitsBody,
    /// What a directory calls it; null where none does.
    external_id: Option<String>,
    /// How many are in it.
    members: i64,
    created_at: DateTime<Utc>,
    /// When it, or who is in it, was changed last.
    updated_at: DateTime<Utc>,
}

/// A team to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Research", "limits": {"budgets": [{"amount_micros": 25_000_000, "period": "day"}]}}))]
pub(crate) struct NewTeam {
    name: String,
    description: Option<String>,
    /// What the keys of the team use together. Default: unlimited.
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
    /// What a directory calls it.
    external_id: Option<String>,
}

/// What to change. Fields that are left out stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"limits": {"rpm": 600, "tokens_per_day": 2_000_000}}))]
pub(crate) struct TeamChange {
    name: Option<String>,
    description: Option<String>,
    /// Replaces all limits: one that is left out is lifted.
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
    /// Null: no directory calls it anything any more.
    #[serde(default, deserialize_with = "text_or_none")]
    #[schema(value_type = Option<String>)]
    external_id: Option<Option<String>>,
}

/// Somebody in a team.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamMember)]
pub(crate) struct TeamMemberBody {
    /// `usr_…`
    pub(crate) user_id: String,
    email: String,
    name: String,
    /// What they are in the workspace.
    role: String,
    /// When they came into the team.
    added_at: DateTime<Utc>,
}

/// Who is in a team from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_ids": ["usr_01k9tq6j3se5mb1pt2xdv6q3kz"]}))]
pub(crate) struct TeamMembers {
    /// Members of the workspace, at most 5000: `usr_…`.
    pub(super) user_ids: Vec<String>,
}

/// Who came and went.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamMembersChanged {
    pub(super) added: i64,
    pub(super) removed: i64,
}

/// A team that is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletedTeam {
    /// How many API keys ended with it.
    pub(super) revoked_api_keys: i64,
}

/// A text, or null for none: not the same as a field that is left out.
fn text_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl NewTeam {
    /// As workspace takes it.
    pub(super) fn into_request(self) -> CreateTeamRequest {
        CreateTeamRequest {
            name: self.name,
            description: self.description.unwrap_or_default(),
            limits: self.limits.map(|Object(limits)| limits.into()),
            external_id: self.external_id.unwrap_or_default(),
        }
    }
}

impl TeamChange {
    /// As workspace takes it.
    pub(super) fn of(self, team: TeamId) -> UpdateTeamRequest {
        UpdateTeamRequest {
            team_id: team.to_string(),
            name: self.name,
            description: self.description,
            limits: self.limits.map(|Object(limits)| limits.into()),
            external_id: self.external_id.map(Option::unwrap_or_default),
        }
    }
}

impl TeamBody {
    pub(super) fn new(team: Option<Team>) -> Result<Self> {
        team.ok_or_else(|| Error::incomplete("the team"))?.try_into()
    }
}

impl TryFrom<Team> for TeamBody {
    type Error = Error;

    fn try_from(team: Team) -> Result<Self> {
        Ok(Self {
            id: team.id,
            name: team.name,
            description: team.description,
            limits: team.limits.unwrap_or_default().into(),
            external_id: some(team.external_id),
            members: team.members,
            created_at: time::always(team.created_at)?,
            updated_at: time::always(team.updated_at)?,
        })
    }
}

impl TryFrom<TeamMember> for TeamMemberBody {
    type Error = Error;

    fn try_from(member: TeamMember) -> Result<Self> {
        Ok(Self {
            user_id: member.user_id,
            email: member.email,
            name: member.name,
            role: member.role,
            added_at: time::always(member.added_at)?,
        })
    }
}
