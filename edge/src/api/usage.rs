//! Usage of a workspace.

pub(super) mod anomalies;
mod body;
pub(super) mod by;
pub(super) mod series;
pub(super) mod total;
mod value;

pub(super) use body::PeriodBody;

use super::time;
use crate::{app::Shared, error::Result};
use proto::{Call, Permission, workspace::GetWorkspaceRequest};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which time to sum up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    /// Not before this time. Default: the start of this calendar month, UTC.
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Before this time. Default: now.
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
}

impl Period {
    pub(super) fn to_proto(&self) -> (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>) {
        (self.from.map(time::Instant::to_proto), self.to.map(time::Instant::to_proto))
    }
}

/// What usage needs to know of its workspace.
struct Settings {
    currency: String,
    time_zone: String,
}

impl Settings {
    async fn of(app: &Shared, call: &Call) -> Result<Self> {
        // Who may read usage may know what it is counted in, also with a key that may not read settings.
        let call = Call { scopes: call.scopes.with(Permission::WorkspaceRead), ..call.clone() };
        let answer = app.services.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await?;
        let workspace = answer.workspace.unwrap_or_default();
        Ok(Self { currency: workspace.currency, time_zone: workspace.time_zone })
    }

    /// The currency that was used; without use the workspace's.
    async fn currency(app: &Shared, call: &Call, used: String) -> Result<String> {
        if used.is_empty() { Self::of(app, call).await.map(|settings| settings.currency) } else { Ok(used) }
    }
}
