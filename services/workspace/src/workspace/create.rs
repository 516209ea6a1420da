//! Creates a workspace that the caller owns.

use super::{
    found::{self, Charter},
    get, validate,
};
use crate::{Workspace, error::Error, member::owned, problems::Problems};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{CreateWorkspaceRequest, CreateWorkspaceResponse},
};
use store::{
    SystemTx,
    replay::{self, Claim},
};

/// Creates it with the defaults of its language for what is left empty. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`,
/// `QUOTA_EXCEEDED` where their plans allow no more, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    owner: UserId,
    request: CreateWorkspaceRequest,
) -> Result<CreateWorkspaceResponse, Error> {
    let id = WorkspaceId::from_uuid(service.ids.uuid());
    // In no workspace: which one the caller's token happens to name makes no other request of it.
    let asked = replay::Request::of(call, "CreateWorkspace", None, &request);
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = SystemTx::begin(&service.db, "count workspaces of an owner").await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateWorkspaceResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    owned::room(service, &mut tx, id, owner).await?;
    let mut tx = tx.narrow(id).await?;
    let charter = charter(id, owner, request)?;
    found::found(service, &mut tx, call, charter).await?;
    let workspace = get::read(&mut tx, id, Some(owner)).await?;
    let answer = CreateWorkspaceResponse { workspace: Some(workspace), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
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
