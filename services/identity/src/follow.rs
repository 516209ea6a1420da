//! Follows the workspace service: who leaves a workspace or a team leaves no keys behind, and what is deleted has none.

use crate::{
    Error, Parts, directory,
    domain::lost,
    key::revoke_left_behind::{self, Whose},
};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::{Event, WatchRequest},
    id::{RequestId, WorkspaceId},
};
use std::sync::Arc;
use store::{WorkspaceTx, erase, position};

/// Whose feed it is, in `feed_positions`: not `workspace` or `workspace.ends`, whose position a release moves on that knows nothing of
/// workspaces that go, or of teams.
const SOURCE: &str = "workspace.teams";

/// Starts it. It may run in several processes at once.
pub(crate) fn start(parts: &Arc<Parts>, tasks: &Tasks) {
    let (reader, writer) = (Arc::clone(parts), Arc::clone(parts));
    let open = move |after| {
        let parts = Arc::clone(&reader);
        async move {
            let after = position::start(&parts.db, SOURCE, after).await.map_err(Error::from)?;
            let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
            parts.workspaces.watch(&call, WatchRequest { after: Some(after) }).await
        }
    };
    let apply = move |event| {
        let parts = Arc::clone(&writer);
        async move { Ok(apply(&parts, event).await?) }
    };
    Tail::start("members and workspaces that go", open, apply, tasks);
}

/// Applies one event and remembers that it was, together. One that cannot be read is skipped: waiting for it would hold up
/// everything that comes after.
async fn apply(parts: &Parts, event: Event) -> Result<(), Error> {
    let whose = match event.kind.as_str() {
        "member.removed" | "member.left" | "member.role_changed" => event.subject.parse().ok().map(Whose::Member),
        "workspace.deleted" | "workspace.purged" => Some(Whose::Workspace),
        "team.deleted" => event.subject.parse().ok().map(Whose::Team),
        "team.member_removed" => let_go(&event),
        _ => return Ok(position::pass(&parts.db, SOURCE, event.position).await?),
    };
    let (Ok(workspace), Some(whose)) = (event.workspace_id.parse::<WorkspaceId>(), whose) else {
        tracing::warn!(position = event.position, kind = event.kind, "event cannot be read, skipped");
        return Ok(());
    };
    if event.kind == "workspace.purged" {
        erase::workspace(&parts.db, workspace, &[]).await?;
    }
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    if event.kind == "workspace.purged" {
        tx.execute(store::sql!("session/forget_workspace"), &[workspace.into()]).await?;
    } else if event.kind != "member.role_changed" {
        revoke_left_behind::revoke(&mut tx, parts, &whose, &event).await?;
        if event.kind == "workspace.deleted" {
            lost::let_go(&mut tx, parts, &event).await?;
        }
    }
    if let Whose::Member(person) = whose {
        directory::follow::apply(&mut tx, parts, person, &event).await?;
    }
    position::advance(&mut tx, SOURCE, event.position).await?;
    tx.commit().await?;
    Ok(())
}

/// Who was taken out of which team. None: the event cannot be read.
fn let_go(event: &Event) -> Option<Whose> {
    #[derive(serde::Deserialize)]
    struct Gone {
        user_ids: Vec<String>,
    }
    let Gone { user_ids } = serde_json::from_str(&event.payload).ok()?;
    let people = user_ids.iter().map(|id| id.parse()).collect::<Result<_, _>>().ok()?;
    Some(Whose::TeamMembers(event.subject.parse().ok()?, people))
}
