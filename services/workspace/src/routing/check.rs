//! Could a workspace have these routing settings?

use crate::{Workspace, error::Error, platform::offered, problems::Problems, workspace::row::WorkspaceRow};
use proto::{
    id::WorkspaceId,
    routing::{Known, PlatformUse, Settings},
    workspace::{CheckRoutingRequest, CheckRoutingResponse},
};
use store::{WorkspaceTx, sql};

/// As the kind of provider and the prefix of its models are called that needs no provider.
const SIMULATOR: &str = "simulator";
/// The largest document, in bytes of JSON: it is in the memory of every gateway.
const MOST_BYTES: usize = 64 * 1024;

store::row! {
    struct KnownRow {
        kind: String,
        name: String,
        /// A JSON array of names.
        models: String,
    }
}

/// Says what is wrong with them. Errors: `REFUSED_VALUE` with all of it.
pub(crate) async fn check(
    service: &Workspace,
    id: WorkspaceId,
    request: CheckRoutingRequest,
) -> Result<CheckRoutingResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    checked(&mut tx, id, &request.routing.unwrap_or_default()).await?;
    Ok(CheckRoutingResponse {})
}

/// The settings as they are kept. Errors: `REFUSED_VALUE` with everything that is wrong.
pub(super) async fn checked(tx: &mut WorkspaceTx, id: WorkspaceId, settings: &Settings) -> Result<String, Error> {
    let known = known(tx, id, settings).await?;
    let mut problems = Problems::default();
    for (field, problem) in settings.problems(&known) {
        problems.refused(field, problem);
    }
    let text = serde_json::to_string(settings).map_err(Error::Routing)?;
    if text.len() > MOST_BYTES {
        problems.refused("aliases", format!("must be smaller: the settings are at most {MOST_BYTES} bytes of JSON"));
    }
    problems.finish()?;
    Ok(text)
}

/// The providers that models of these settings are looked up at: the workspace's own, the built-in simulator, and what the
/// platform offers, unless the settings switch that off.
pub(crate) async fn known(tx: &mut WorkspaceTx, id: WorkspaceId, settings: &Settings) -> Result<Vec<Known>, Error> {
    let rows: Vec<KnownRow> = tx.fetch_all(sql!("provider/known"), &[id.into()]).await?;
    let built_in = Known { name: SIMULATOR.to_owned(), kind: SIMULATOR.to_owned(), ..Known::default() };
    let mut known: Vec<Known> = rows.into_iter().map(Into::into).chain([built_in]).collect();
    if settings.platform() != PlatformUse::Off {
        let row: Option<WorkspaceRow> = tx.fetch_optional(sql!("workspace/get"), &[id.into()]).await?;
        known.extend(offered::known(tx, &row.ok_or(Error::NotFound("workspace"))?.plan).await?);
    }
    Ok(known)
}

impl From<KnownRow> for Known {
    fn from(row: KnownRow) -> Self {
        let models: Vec<String> = serde_json::from_str(&row.models).unwrap_or_default();
        Self {
            takes_any_model: models.is_empty() && row.kind != SIMULATOR,
            name: row.name,
            kind: row.kind,
            models,
            is_platform: false,
        }
    }
}
