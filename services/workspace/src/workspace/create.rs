//! Creates a workspace that the caller owns.

use super::{
    found::{self, Charter},
    get, validate,
};
use crate::{Workspace, error::Error, problems::Problems};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{CreateWorkspaceRequest, CreateWorkspaceResponse},
};
use store::WorkspaceTx;

/// Creates it with the defaults of its language for what is left empty. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    owner: UserId,
    request: CreateWorkspaceRequest,
) -> Result<CreateWorkspaceResponse, Error> {
    let id = WorkspaceId::from_uuid(service.ids.uuid());
    let charter = charter(id, owner, request)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    found::found(service, &mut tx, call, charter).await?;
    let workspace = get::read(&mut tx, id, Some(owner)).await?;
    tx.commit().await?;
    Ok(CreateWorkspaceResponse { workspace: Some(workspace) })
}

fn charter(id: WorkspaceId, owner: UserId, request: CreateWorkspaceRequest) -> Result<Charter, Error> {
    let mut problems = Problems::default();
    if request.name.is_empty() {
        problems.malformed("name", "is required");
    }
    let name = match request.name.as_str() {
        "" => String::new(),
        given => problems.check("name", validate::name(given)),
    };
    let locale = problems.check("locale", validate::locale(or(&request.locale, "en")));
    let (currency, time_zone) = validate::defaults(&locale);
    let currency = problems.check("currency", validate::currency(or(&request.currency, currency)));
    let time_zone = problems.check("time_zone", validate::time_zone(or(&request.time_zone, time_zone)));
    problems.finish()?;
    Ok(Charter { id, owner, name, currency, time_zone, locale })
}

fn or<'a>(given: &'a str, default: &'a str) -> &'a str {
    if given.is_empty() { default } else { given }
}
