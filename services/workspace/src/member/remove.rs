//! Ends the membership of somebody else.

use super::{absent, owners, parse, rank, resolve};
use crate::{Workspace, audit::record::Record, error::Error};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{RemoveMemberRequest, RemoveMemberResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, `PERMISSION_DENIED` for somebody who may do more than the caller, `LAST_OWNER`.
pub(crate) async fn remove(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: RemoveMemberRequest,
) -> Result<RemoveMemberResponse, Error> {
    let person = parse(&request.user_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock(&mut tx).await?;
    let role = resolve::given(&mut tx, person).await?.ok_or_else(absent)?;
    rank::covers(call, &role)?;
    end(service, &mut tx, call, person, ("member.removed", &role.name)).await?;
    tx.commit().await?;
    Ok(RemoveMemberResponse {})
}

/// Ends a membership, and reports it as `kind`. The workspace is locked. Errors: `LAST_OWNER`.
pub(super) async fn end(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    person: UserId,
    (kind, role): (&'static str, &str),
) -> Result<(), Error> {
    owners::not_the_last(tx, role).await?;
    let values = [tx.workspace().into(), person.into()];
    tx.execute(sql!("member/delete"), &values).await?;
    let event = Record { kind, subject: person.to_string(), payload: json!({ "role": role }) };
    event.emit(service, tx, call, &call.actor()).await?;
    Ok(())
}
