//! Changes the settings of the call's workspace.

use super::{get, row::WorkspaceRow, validate};
use crate::{Workspace, audit::record::Record, error::Error, problems::Problems};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{UpdateWorkspaceRequest, UpdateWorkspaceResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: UpdateWorkspaceRequest,
) -> Result<UpdateWorkspaceResponse, Error> {
    let request = checked(request)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let row: Option<WorkspaceRow> = tx.fetch_optional(sql!("workspace/lock"), &[id.into()]).await?;
    let mut row = row.ok_or(Error::NotFound("workspace"))?;
    let changed = apply(&mut row, request);
    if !changed.is_empty() {
        write(service, &mut tx, row).await?;
        let payload = json!({ "changed": changed });
        let event = Record { kind: "workspace.updated", subject: id.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor());
    }
    let workspace = get::read(&mut tx, id, get::person(call)).await?;
    tx.commit().await?;
    Ok(UpdateWorkspaceResponse { workspace: Some(workspace) })
}

fn checked(request: UpdateWorkspaceRequest) -> Result<UpdateWorkspaceRequest, Error> {
    let mut problems = Problems::default();
    let request = UpdateWorkspaceRequest {
        name: problems.check("name", request.name.as_deref().map(validate::name).transpose()),
        currency: problems.check("currency", request.currency.as_deref().map(validate::currency).transpose()),
        time_zone: problems.check("time_zone", request.time_zone.as_deref().map(validate::time_zone).transpose()),
        locale: problems.check("locale", request.locale.as_deref().map(validate::locale).transpose()),
        limits: request.limits.map(|limits| validate::limits(limits, &mut problems)),
    };
    problems.finish()?;
    Ok(request)
}

/// Applies the request, and names what it changed.
fn apply(row: &mut WorkspaceRow, request: UpdateWorkspaceRequest) -> Vec<&'static str> {
    let mut changed = vec![];
    let texts = [
        ("name", &mut row.name, request.name),
        ("currency", &mut row.currency, request.currency),
        ("time_zone", &mut row.time_zone, request.time_zone),
        ("locale", &mut row.locale, request.locale),
    ];
    for (field, old, new) in texts {
        if let Some(new) = new.filter(|new| new != old) {
            *old = new;
            changed.push(field);
        }
    }
    if let Some(limits) = request.limits.filter(|limits| *limits != row.limits()) {
        (row.rpm, row.tpm, row.concurrency) = (limits.rpm, limits.tpm, limits.concurrency);
        changed.push("limits");
    }
    changed
}

async fn write(service: &Workspace, tx: &mut WorkspaceTx, row: WorkspaceRow) -> Result<(), Error> {
    let values = [
        row.workspace_id.into(),
        row.name.into(),
        row.currency.into(),
        row.time_zone.into(),
        row.locale.into(),
        row.rpm.into(),
        row.tpm.into(),
        row.concurrency.into(),
        service.clock.now().into(),
    ];
    tx.execute(sql!("workspace/update"), &values).await?;
    Ok(())
}
