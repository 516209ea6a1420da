//! Makes a role of the workspace's own.

use super::{Given, find, row::stored, validate};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{self, rank},
    problems::Problems,
};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{CreateRoleRequest, CreateRoleResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};

/// How many a workspace may have.
const MOST: i64 = 50;

/// Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `PERMISSION_DENIED` for one that may do more than the caller, `CONFLICT` for a
/// taken name, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: CreateRoleRequest,
) -> Result<CreateRoleResponse, Error> {
    let asked = replay::Request::of(call, "CreateRole", Some(id), &request);
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateRoleResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let (role, description) = read(&request)?;
    rank::covers(call, &role)?;
    // One at a time: two that count at once would both find room for the last one.
    member::lock_open(&mut tx).await?;
    insert(service, &mut tx, &role, &description).await?;
    let payload = json!({ "permissions": role.permissions.names() });
    let event = Record { kind: "role.created", subject: role.name.clone(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let made = find(&mut tx, &role.name).await?.to_proto();
    let answer = CreateRoleResponse { role: Some(made), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn read(request: &CreateRoleRequest) -> Result<(Given, String), Error> {
    let mut problems = Problems::default();
    let name = if request.name.is_empty() {
        problems.malformed("name", "is required");
        String::new()
    } else {
        problems.check("name", validate::name(&request.name))
    };
    let description = problems.check("description", validate::description(&request.description));
    let permissions = problems.check("permissions", validate::permissions(&request.permissions));
    problems.finish()?;
    Ok((Given { name, permissions }, description))
}

async fn insert(service: &Workspace, tx: &mut WorkspaceTx, role: &Given, description: &str) -> Result<(), Error> {
    let id = tx.workspace();
    let values = [
        service.ids.uuid().into(),
        id.into(),
        role.name.as_str().into(),
        description.into(),
        stored(role.permissions).into(),
        service.clock.now().into(),
    ];
    let (count,): (i64,) = tx.fetch_one(sql!("role/count"), &[id.into()]).await?;
    if count >= MOST {
        return Err(Error::TooManyRoles(MOST));
    }
    match tx.execute(sql!("role/insert"), &values).await? {
        0 => Err(Error::RoleTaken(role.name.clone())),
        _ => Ok(()),
    }
}
