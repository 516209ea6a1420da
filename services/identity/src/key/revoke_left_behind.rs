//! Ends the keys of somebody who is no member any more, all keys of a workspace or team that was deleted, and those of a team whose
//! people have left it. Service accounts are nobody's, and go with their workspace or team only.

use crate::{Error, Parts};
use proto::{
    feed,
    id::{EventId, KeyId, TeamId, UserId},
};
use serde_json::json;
use store::{WorkspaceTx, outbox::Event};

store::row! {
    struct Ended {
        id: KeyId,
        name: String,
        prefix: String,
    }
}

/// Whose keys end.
pub(crate) enum Whose {
    /// All of a workspace.
    Workspace,
    /// Of somebody who is no member any more.
    Member(UserId),
    /// All of a team.
    Team(TeamId),
    /// Of people who are in a team no more, as far as they are the team's.
    TeamMembers(TeamId, Vec<UserId>),
}

/// Ends those that were made before `event`, because of it.
pub(crate) async fn revoke(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    whose: &Whose,
    event: &feed::Event,
) -> Result<(), Error> {
    let now = parts.clock.now();
    let before = event.at.and_then(proto::time::from_proto).unwrap_or(now);
    let workspace = tx.workspace();
    let mut ended: Vec<Ended> = vec![];
    match whose {
        Whose::Member(person) => {
            let values = [workspace.into(), (*person).into(), before.into(), now.into()];
            ended = tx.fetch_all(store::sql!("api_key/revoke_of_member"), &values).await?;
        }
        Whose::Workspace => {
            let values = [workspace.into(), before.into(), now.into()];
            ended = tx.fetch_all(store::sql!("api_key/revoke_of_workspace"), &values).await?;
        }
        Whose::Team(team) => {
            let values = [workspace.into(), (*team).into(), now.into()];
            ended = tx.fetch_all(store::sql!("api_key/revoke_of_team"), &values).await?;
        }
        Whose::TeamMembers(team, people) => {
            for person in people {
                let values = [workspace.into(), (*team).into(), (*person).into(), before.into(), now.into()];
                ended.extend(tx.fetch_all(store::sql!("api_key/revoke_of_team_member"), &values).await?);
            }
        }
    }
    for Ended { id, name, prefix } in ended {
        tx.emit(&Event {
            id: EventId::from_uuid(parts.ids.uuid()),
            kind: "api_key.revoked",
            workspace: Some(workspace),
            subject: id.to_string(),
            actor: event.actor.clone(),
            impersonator: None,
            at: now,
            request_id: event.request_id.clone(),
            payload: json!({ "name": name, "prefix": prefix, "reason": event.kind }),
        });
    }
    Ok(())
}
