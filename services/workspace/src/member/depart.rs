//! A person goes for ever: every membership ends, and no workspace that is open is left without an owner.

use super::{owners, parse, resolve, roles::Role};
use crate::{Workspace, audit::record::Record, error::Error};
use chrono::{DateTime, Utc};
use mail::address;
use proto::{
    Call,
    feed::Event,
    id::{RequestId, UserId, WorkspaceId},
    workspace::{DepartPersonRequest, DepartPersonResponse},
};
use serde_json::json;
use store::{SystemTx, WorkspaceTx, sql};

store::row! {
    struct Standing {
        workspace_id: WorkspaceId,
        role: String,
        deleted_at: Option<DateTime<Utc>>,
        owners: i64,
    }
}

/// What becomes of an open workspace that nobody else owns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ownerless {
    /// Its owner has to see to it, and stays.
    Refuse,
    /// It was made while its owner went: it goes as if they had deleted it.
    Close,
}

/// Errors: [`Error::OnlyOwner`]; nothing has changed then, unless another owner goes at the same moment. `NOT_FOUND`.
pub(crate) async fn depart(
    service: &Workspace,
    call: &Call,
    request: DepartPersonRequest,
) -> Result<DepartPersonResponse, Error> {
    let person = parse(&request.user_id)?;
    let all = standings(service, person).await?;
    let alone = |s: &&Standing| s.role == Role::Owner.as_str() && s.owners < 2 && s.deleted_at.is_none();
    let stuck: Vec<WorkspaceId> = all.iter().filter(alone).map(|s| s.workspace_id).collect();
    if !stuck.is_empty() {
        return Err(Error::OnlyOwner(stuck));
    }
    for standing in all {
        leave(service, call, person, standing.workspace_id, Ownerless::Refuse).await?;
    }
    let mut tx = SystemTx::begin(&service.db, "forget a person").await?;
    tx.execute(sql!("invitation/forget"), &[address::normal(&request.email).into()]).await?;
    tx.commit().await?;
    Ok(DepartPersonResponse {})
}

/// What has come to be since, of somebody who is erased by now. May be repeated.
pub(crate) async fn leave_behind(service: &Workspace, person: UserId, event: &Event) -> Result<(), Error> {
    let request = event.request_id.parse().unwrap_or_else(|_| RequestId::from_uuid(service.ids.uuid()));
    let call = Call::service(proto::Role::Workspace, request);
    for standing in standings(service, person).await? {
        leave(service, &call, person, standing.workspace_id, Ownerless::Close).await?;
    }
    Ok(())
}

async fn standings(service: &Workspace, person: UserId) -> Result<Vec<Standing>, Error> {
    let mut tx = SystemTx::read(&service.db, "memberships of a person who goes").await?;
    let all = tx.fetch_all(sql!("member/standings"), &[person.into()]).await?;
    tx.commit().await?;
    Ok(all)
}

async fn leave(
    service: &Workspace,
    call: &Call,
    person: UserId,
    id: WorkspaceId,
    ownerless: Ownerless,
) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let is_open = match owners::lock_open(&mut tx).await {
        Ok(()) => true,
        Err(Error::NotFound(_)) => false,
        Err(error) => return Err(error),
    };
    let Some(role) = resolve::role(&mut tx, id, person).await? else { return Ok(()) };
    let is_last = matches!(owners::not_the_last(&mut tx, &role).await, Err(Error::LastOwner));
    if is_last && is_open && ownerless == Ownerless::Refuse {
        return Err(Error::OnlyOwner(vec![id]));
    }
    tx.execute(sql!("member/delete"), &[id.into(), person.into()]).await?;
    let left = Record { kind: "member.left", subject: person.to_string(), payload: json!({ "role": role }) };
    left.emit(service, &mut tx, call, &person.to_string()).await?;
    if is_last {
        let now = service.clock.now();
        tx.execute(sql!("workspace/hasten"), &[id.into(), now.into()]).await?;
        if is_open {
            let payload = json!({ "purge_at": now });
            let event = Record { kind: "workspace.deleted", subject: id.to_string(), payload };
            event.emit(service, &mut tx, call, &person.to_string()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
