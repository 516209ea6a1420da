//! Changes the settings of the call's workspace.

use super::{
    get,
    row::{Limited, WorkspaceRow},
    validate,
};
use crate::{Workspace, audit::record::Record, error::Error, problems::Problems};
use proto::{
    Call,
    id::WorkspaceId,
    limits::{Budgets, Limits, PerModel},
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
    let changed = apply(&mut row, request)?;
    if !changed.is_empty() {
        write(service, &mut tx, row).await?;
        let payload = json!({ "changed": changed });
        let event = Record { kind: "workspace.updated", subject: id.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
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
        ..request
    };
    validate::limits(&request, &mut problems);
    problems.finish()?;
    Ok(request)
}

/// Applies the request, and names what it changed.
fn apply(row: &mut WorkspaceRow, request: UpdateWorkspaceRequest) -> Result<Vec<&'static str>, Error> {
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
    let old = row.limited()?;
    let new = limited(&old, request.limits, request.budgets, request.per_user, request.per_model);
    for (field, differs) in [
        ("limits", new.limits != old.limits),
        ("per_user", new.per_user != old.per_user),
        ("per_model", new.per_model != old.per_model),
    ] {
        changed.extend(differs.then_some(field));
    }
    row.limit(&new);
    Ok(changed)
}

/// What is limited once the request is applied.
fn limited(
    old: &Limited,
    limits: Option<Limits>,
    budgets: Option<Budgets>,
    per_user: Option<Limits>,
    per_model: Option<PerModel>,
) -> Limited {
    let mut limits = limits.unwrap_or_else(|| old.limits.clone());
    if let Some(Budgets { budgets }) = budgets {
        limits.budgets = budgets;
    }
    Limited {
        limits,
        per_user: per_user.unwrap_or_else(|| old.per_user.clone()),
        per_model: per_model.unwrap_or_else(|| old.per_model.clone()),
    }
}

async fn write(service: &Workspace, tx: &mut WorkspaceTx, row: WorkspaceRow) -> Result<(), Error> {
    let values = [
        row.workspace_id.into(),
        row.name.into(),
        row.currency.into(),
        row.time_zone.into(),
        row.locale.into(),
        row.limits.into(),
        row.per_user.into(),
        row.per_model.into(),
        service.clock.now().into(),
    ];
    tx.execute(sql!("workspace/update"), &values).await?;
    Ok(())
}
