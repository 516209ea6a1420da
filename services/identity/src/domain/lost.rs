//! A domain is not a workspace's any more, because its record is gone.

use super::event;
use crate::{
    Error, Parts,
    letter::{
        Kind,
        queue::{About, notice_of},
    },
    sso,
    user::User,
};
use proto::{
    Call, Permission, Scopes, feed,
    id::{EventId, RequestId, UserId, WorkspaceId},
    workspace::{ListMembersRequest, Member},
};
use serde_json::json;
use store::{WorkspaceTx, outbox::Event};

/// Members of a page of them.
const PAGE: i32 = 100;

/// Takes it from the workspace, and tells its owners. Errors: of the database; the workspace service is away, and nothing has
/// happened.
pub(super) async fn lose(parts: &Parts, call: &Call, workspace: WorkspaceId, domain: &str) -> Result<(), Error> {
    let owners = owners(parts, call, workspace).await?;
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    if tx.execute(store::sql!("domain/lose"), &[workspace.into(), domain.into()]).await? == 0 {
        return Ok(());
    }
    if let Some(connection) = sso::of_workspace(&mut tx, workspace).await? {
        sso::enforce::end_opened(&mut tx, parts, call, connection.id, Some(domain)).await?;
    }
    tx.emit(&event(parts, call, workspace, "domain.lost", domain));
    for owner in owners {
        let user: Option<User> = tx.fetch_optional(store::sql!("user/by_id"), &[owner.into()]).await?;
        if let Some(user) = user {
            let about = About { user: Some(user.id), facts: json!({ "domain": domain }), ..About::default() };
            notice_of(&mut tx, parts, Kind::DomainLost, &user.email, about).await?;
        }
    }
    tx.commit().await?;
    tracing::warn!(%workspace, domain, "the record of a domain is gone: it is the workspace's no more");
    Ok(())
}

/// The domains of a workspace that was deleted are free, before its time of grace is over: nobody has to sign in by a provider
/// that nobody looks after. Whoever restores it verifies them again.
pub(crate) async fn let_go(tx: &mut WorkspaceTx, parts: &Parts, event: &feed::Event) -> Result<(), Error> {
    let now = parts.clock.now();
    let before = event.at.and_then(proto::time::from_proto).unwrap_or(now);
    let workspace = tx.workspace();
    let gone: Vec<(String,)> = tx.fetch_all(store::sql!("domain/lose_all"), &[workspace.into(), before.into()]).await?;
    let call = Call::service(proto::Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
    let connection = sso::of_workspace(tx, workspace).await?;
    for (domain,) in gone {
        if let Some(connection) = &connection {
            sso::enforce::end_opened(tx, parts, &call, connection.id, Some(&domain)).await?;
        }
        tx.emit(&Event {
            id: EventId::from_uuid(parts.ids.uuid()),
            kind: "domain.lost",
            workspace: Some(workspace),
            subject: domain.clone(),
            actor: event.actor.clone(),
            impersonator: None,
            at: now,
            request_id: event.request_id.clone(),
            payload: json!({ "domain": domain, "reason": event.kind }),
        });
    }
    Ok(())
}

/// Who owns the workspace; nobody where it is gone. Errors: the workspace service is away.
pub(crate) async fn owners(parts: &Parts, call: &Call, workspace: WorkspaceId) -> Result<Vec<UserId>, Error> {
    let scopes = Scopes::NONE.with(Permission::MembersRead);
    let service = Call::service(proto::Role::Identity, call.request_id);
    let call = Call { workspace: Some(workspace), scopes, ..service };
    let mut owners = vec![];
    let mut page_token = String::new();
    loop {
        let request = ListMembersRequest { page_size: PAGE, page_token };
        let listed = parts.workspaces.list_members(&call, request).await.map_err(Error::workspaces)?;
        let is_owner = |member: &&Member| member.role == "owner";
        owners
            .extend(listed.members.iter().filter(is_owner).filter_map(|member| member.user_id.parse::<UserId>().ok()));
        if listed.next_page_token.is_empty() {
            return Ok(owners);
        }
        page_token = listed.next_page_token;
    }
}
