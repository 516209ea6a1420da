//! Changes a role of the workspace's own, for everybody who has it.

use super::{Given, find, not_built_in, row, validate};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{self, rank},
    problems::Problems,
};
use proto::{
    Call, Scopes,
    id::WorkspaceId,
    workspace::{UpdateRoleRequest, UpdateRoleResponse},
};
use serde_json::{Map, Value, json};
use store::{WorkspaceTx, sql};

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`, `CONFLICT` for one that every workspace has,
/// `PERMISSION_DENIED` where it may do more than the caller, before or after.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: UpdateRoleRequest,
) -> Result<UpdateRoleResponse, Error> {
    not_built_in(&request.name)?;
    let (description, permissions) = read(&request)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let mut role = find(&mut tx, &request.name).await?;
    let before = role.given();
    rank::covers(call, &before)?;
    let after = Given { permissions: permissions.unwrap_or(before.permissions), ..before.clone() };
    rank::covers(call, &after)?;
    let mut facts = Map::new();
    if let Some(description) = description.filter(|new| *new != role.description) {
        facts.insert("description".to_owned(), description.as_str().into());
        role.description = description;
    }
    if after != before {
        facts.insert("permissions".to_owned(), json!(after.permissions.names()));
        role.permissions = row::stored(after.permissions);
    }
    if !facts.is_empty() {
        role.updated_at = service.clock.now();
        let values = [
            id.into(),
            role.name.as_str().into(),
            role.description.as_str().into(),
            role.permissions.as_str().into(),
            role.updated_at.into(),
        ];
        tx.execute(sql!("role/update"), &values).await?;
        tell(service, &mut tx, call, (&before, &after), facts).await?;
    }
    tx.commit().await?;
    Ok(UpdateRoleResponse { role: Some(role.to_proto()) })
}

fn read(request: &UpdateRoleRequest) -> Result<(Option<String>, Option<Scopes>), Error> {
    let mut problems = Problems::default();
    let description =
        problems.check("description", request.description.as_deref().map(validate::description).transpose());
    let given = request.permissions.as_ref().map(|list| validate::permissions(&list.names));
    let permissions = problems.check("permissions", given.transpose());
    problems.finish()?;
    Ok((description, permissions))
}

/// In the trail, and to whoever remembers what members may do. One word for all who have the role: it is what doors of
/// the release before understand too, and costs the same for one member as for ten thousand.
async fn tell(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    (before, after): (&Given, &Given),
    facts: Map<String, Value>,
) -> Result<(), Error> {
    let (id, changed) = (tx.workspace(), facts.keys().cloned().collect::<Vec<_>>());
    let mut payload = json!({ "changed": changed });
    if let Some(object) = payload.as_object_mut() {
        object.extend(facts);
        if before != after {
            object.insert("permissions_before".to_owned(), json!(before.permissions.names()));
        }
    }
    if before != after {
        let payload = json!({ "role": after.name });
        Record { kind: "workspace.roles_changed", subject: id.to_string(), payload }.publish(service, tx, call);
    }
    let event = Record { kind: "role.updated", subject: after.name.clone(), payload };
    event.emit(service, tx, call, &call.actor()).await
}
