//! What the teams of a workspace may use, for who admits requests.

use crate::error::Error;
use proto::{id::TeamId, limits::Limits, workspace::TeamLimits};
use serde::Deserialize as _;
use serde_json::Value;
use store::{WorkspaceTx, sql};

store::row! {
    struct LimitsRow {
        team_id: TeamId,
        limits: Value,
    }
}

/// Of all of them. Errors: one cannot be read, and nothing may run as if nothing was limited.
pub(crate) async fn all(tx: &mut WorkspaceTx) -> Result<Vec<TeamLimits>, Error> {
    let values = [tx.workspace().into()];
    let rows: Vec<LimitsRow> = tx.fetch_all(sql!("team/limits"), &values).await?;
    let read = |row: LimitsRow| {
        Ok(TeamLimits { team_id: row.team_id.to_string(), limits: Some(Limits::deserialize(&row.limits)?) })
    };
    rows.into_iter().map(read).collect()
}
