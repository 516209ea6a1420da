//! What workspace promises of teams.

use crate::{Handles, checks, reason};
use anyhow::ensure;
use proto::{
    Reason, Role,
    identity::{CountTeamKeysRequest, CreateApiKeyRequest, ListApiKeysRequest},
    limits::Limits,
    workspace::*,
};

checks!(
    a_team_lives_with_its_members,
    a_team_of_another_workspace_does_not_exist,
    doors_are_told_who_is_in_a_team,
    a_key_is_of_a_team_of_its_person,
);

fn named(name: &str) -> CreateTeamRequest {
    CreateTeamRequest { name: name.to_owned(), external_id: "8f2e".to_owned(), ..CreateTeamRequest::default() }
}

async fn a_team_lives_with_its_members(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let (w, call, me) = (&h.workspaces, &ada.call, ada.user.to_string());
    let made = w.create_team(call, named("Research")).await?.team.unwrap_or_default();
    ensure!(made.id.starts_with("team_") && made.members == 0 && made.external_id == "8f2e", "{made:?}");
    ensure!(reason(w.create_team(call, named("RESEARCH")).await)? == Reason::Conflict, "a name is taken twice");
    let id = made.id.clone();
    let limits = Limits { rpm: Some(5), ..Limits::default() };
    let update = UpdateTeamRequest { team_id: id.clone(), limits: Some(limits), ..UpdateTeamRequest::default() };
    let changed = w.update_team(call, update).await?.team.unwrap_or_default();
    ensure!(changed.limits.as_ref().and_then(|limits| limits.rpm) == Some(5), "{changed:?}");
    let add = AddTeamMemberRequest { team_id: id.clone(), user_id: me.clone() };
    let member = w.add_team_member(call, add).await?.member.unwrap_or_default();
    ensure!(member.user_id == me && member.role == "owner", "{member:?}");
    let list = ListTeamMembersRequest { team_id: id.clone(), ..ListTeamMembersRequest::default() };
    ensure!(w.list_team_members(call, list).await?.members == [member], "another list");
    for (filter, found) in [
        (ListTeamsRequest { external_id: "8f2e".to_owned(), ..Default::default() }, 1),
        (ListTeamsRequest { name: "research".to_owned(), ..Default::default() }, 1),
        (ListTeamsRequest { user_id: me.clone(), ..Default::default() }, 1),
        (ListTeamsRequest { external_id: "8f".to_owned(), ..Default::default() }, 0),
    ] {
        let teams = w.list_teams(call, filter).await?.teams;
        ensure!(teams.len() == found, "{teams:?}");
    }
    let replace = |user_ids| ReplaceTeamMembersRequest { team_id: id.clone(), user_ids };
    let same = w.replace_team_members(call, replace(vec![me.clone()])).await?;
    ensure!(same == ReplaceTeamMembersResponse { added: 0, removed: 0 }, "{same:?}");
    let gone = w.replace_team_members(call, replace(vec![])).await?;
    ensure!(gone == ReplaceTeamMembersResponse { added: 0, removed: 1 }, "{gone:?}");
    let remove = RemoveTeamMemberRequest { team_id: id.clone(), user_id: me };
    ensure!(reason(w.remove_team_member(call, remove).await)? == Reason::NotFound, "still in it");
    w.delete_team(call, DeleteTeamRequest { team_id: id.clone() }).await?;
    ensure!(reason(w.get_team(call, GetTeamRequest { team_id: id }).await)? == Reason::NotFound, "still there");
    Ok(())
}

async fn a_team_of_another_workspace_does_not_exist(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let (w, call, me) = (&h.workspaces, &eve.call, eve.user.to_string());
    let team_id = w.create_team(&ada.call, named("Research")).await?.team.unwrap_or_default().id;
    let user_id = me.clone();
    let list = ListTeamMembersRequest { team_id: team_id.clone(), ..Default::default() };
    let update = UpdateTeamRequest { team_id: team_id.clone(), name: Some("Mine".to_owned()), ..Default::default() };
    let replace = ReplaceTeamMembersRequest { team_id: team_id.clone(), user_ids: vec![me.clone()] };
    let refused = [
        reason(w.get_team(call, GetTeamRequest { team_id: team_id.clone() }).await)?,
        reason(w.update_team(call, update).await)?,
        reason(w.list_team_members(call, list).await)?,
        reason(w.add_team_member(call, AddTeamMemberRequest { team_id: team_id.clone(), user_id: me }).await)?,
        reason(w.remove_team_member(call, RemoveTeamMemberRequest { team_id: team_id.clone(), user_id }).await)?,
        reason(w.replace_team_members(call, replace).await)?,
        reason(w.delete_team(call, DeleteTeamRequest { team_id }).await)?,
    ];
    ensure!(refused.iter().all(|refused| *refused == Reason::NotFound), "{refused:?}");
    Ok(())
}

async fn doors_are_told_who_is_in_a_team(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let team = h.workspaces.create_team(&ada.call, named("Research")).await?.team.unwrap_or_default().id;
    let workspace_id = ada.call.workspace()?.to_string();
    let ask =
        |user_id: String| ResolveTeamRequest { workspace_id: workspace_id.clone(), team_id: team.clone(), user_id };
    let (doors, call) = (h.called_by(Role::Identity).workspaces, crate::anonymous());
    doors.resolve_team(&call, ask(String::new())).await?;
    ensure!(reason(doors.resolve_team(&call, ask(ada.user.to_string())).await)? == Reason::NotFound, "in it");
    let add = AddTeamMemberRequest { team_id: team.clone(), user_id: ada.user.to_string() };
    h.workspaces.add_team_member(&ada.call, add).await?;
    doors.resolve_team(&call, ask(ada.user.to_string())).await?;
    let open = OpenRoutingRequest { workspace_id: workspace_id.clone() };
    let opened = h.called_by(Role::Gateway).workspaces.open_routing(&call, open).await?;
    let teams: Vec<&str> = opened.teams.iter().map(|team| team.team_id.as_str()).collect();
    ensure!(teams == [team.as_str()], "{teams:?}");
    Ok(())
}

async fn a_key_is_of_a_team_of_its_person(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let team_id = h.workspaces.create_team(&ada.call, named("Research")).await?.team.unwrap_or_default().id;
    let new = || CreateApiKeyRequest { name: "CI".to_owned(), team_id: team_id.clone(), ..Default::default() };
    ensure!(reason(h.identity.create_api_key(&ada.call, new()).await)? == Reason::RefusedValue, "she is not in it");
    let add = AddTeamMemberRequest { team_id: team_id.clone(), user_id: ada.user.to_string() };
    h.workspaces.add_team_member(&ada.call, add).await?;
    let made = h.identity.create_api_key(&ada.call, new()).await?.api_key.unwrap_or_default();
    ensure!(made.team_id == team_id, "{made:?}");
    let list = ListApiKeysRequest { team_id: team_id.clone(), ..Default::default() };
    let listed = h.identity.list_api_keys(&ada.call, list).await?.api_keys;
    ensure!(listed.len() == 1 && listed[0].id == made.id, "{listed:?}");
    let count = h.identity.count_team_keys(&ada.call, CountTeamKeysRequest { team_id }).await?;
    ensure!(count.active == 1, "{count:?}");
    Ok(())
}
