//! Teams of a workspace, and who is in them.

use crate::{
    house::{House, Person, on_both_databases, refused},
    members::join,
};
use proto::{
    Permission, Reason,
    id::UserId,
    limits::{Limits, Period, ResourceLimit},
    workspace::*,
};
use std::collections::BTreeSet;

on_both_databases! {
    a_name_and_an_external_id_are_of_one_team,
    what_is_wrong_with_a_team_is_said_at_once,
    a_workspace_has_two_hundred_teams_and_no_more,
    however_a_membership_ends_it_ends_in_the_teams,
    who_is_in_a_team_is_said_as_a_whole_or_not_at_all,
    many_are_told_of_in_few_entries,
    what_changes_is_in_the_trail,
    who_may_only_read_members_changes_no_team,
    who_comes_into_a_team_while_they_are_removed_is_in_none,
}

fn named(name: &str) -> CreateTeamRequest {
    CreateTeamRequest { name: name.to_owned(), ..CreateTeamRequest::default() }
}

async fn make(house: &House, of: Person, name: &str) -> Team {
    house.workspaces.create_team(&house.call(of), named(name)).await.unwrap().team.unwrap()
}

async fn put(house: &House, of: Person, team: &Team, people: &[UserId]) {
    let user_ids = people.iter().map(ToString::to_string).collect();
    let request = ReplaceTeamMembersRequest { team_id: team.id.clone(), user_ids };
    house.workspaces.replace_team_members(&house.call(of), request).await.unwrap();
}

async fn members(house: &House, of: Person, team: &Team) -> Vec<String> {
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let request = ListTeamMembersRequest { team_id: team.id.clone(), page_size: 100, page_token };
        let page = house.workspaces.list_team_members(&house.call(of), request).await.unwrap();
        all.extend(page.members.into_iter().map(|member| member.user_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

/// Actions of the trail that are about teams, the oldest first, with their details.
async fn trail(house: &House, of: Person) -> Vec<(String, serde_json::Value)> {
    let request = ListAuditEventsRequest { page_size: 200, ..ListAuditEventsRequest::default() };
    let events = house.workspaces.list_audit_events(&house.call(of), request).await.unwrap().events;
    let about = events.into_iter().rev().filter(|event| event.action.starts_with("team."));
    about.map(|event| (event.action, serde_json::from_str(&event.details_json).unwrap())).collect()
}

async fn a_name_and_an_external_id_are_of_one_team(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let call = house.call(ana);
    let first = make(house, ana, " Pesquisa É ").await;
    assert_eq!((first.name.as_str(), first.members), ("Pesquisa É", 0));
    let failure = refused(house.workspaces.create_team(&call, named("PESQUISA é")).await);
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::Conflict, "name"), "{failure}");
    make(house, bob, "pesquisa é").await;
    let with_id = CreateTeamRequest { external_id: "g1".to_owned(), ..named("Ops") };
    let ops = house.workspaces.create_team(&call, with_id.clone()).await.unwrap().team.unwrap();
    let failure =
        refused(house.workspaces.create_team(&call, CreateTeamRequest { name: "Else".into(), ..with_id }).await);
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::Conflict, "external_id"), "{failure}");
    let update = UpdateTeamRequest { team_id: first.id.clone(), ..UpdateTeamRequest::default() };
    let taken = UpdateTeamRequest { external_id: Some("g1".to_owned()), ..update.clone() };
    assert_eq!(refused(house.workspaces.update_team(&call, taken.clone()).await).reason, Reason::Conflict);
    let free = UpdateTeamRequest { team_id: ops.id, external_id: Some(String::new()), ..update.clone() };
    house.workspaces.update_team(&call, free).await.unwrap();
    let changed = house.workspaces.update_team(&call, taken).await.unwrap().team.unwrap();
    assert_eq!(changed.external_id, "g1");
    let own = UpdateTeamRequest { name: Some("pesquisa é".to_owned()), ..update };
    let changed = house.workspaces.update_team(&call, own).await.unwrap().team.unwrap();
    assert_eq!(changed.name, "pesquisa é", "a team may write its own name otherwise");
}

async fn what_is_wrong_with_a_team_is_said_at_once(house: &House) {
    let ana = house.person("Ana").await;
    let resources =
        vec![ResourceLimit { resource: "pages".into(), quantity: 1, period: Period::Day.into(), soft: false }];
    let request = CreateTeamRequest {
        name: "a\nb".to_owned(),
        description: "x".repeat(501),
        limits: Some(Limits { rpm: Some(0), resources, ..Limits::default() }),
        external_id: "x".repeat(256),
    };
    let failure = refused(house.workspaces.create_team(&house.call(ana), request).await);
    let fields: BTreeSet<_> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    let all = ["description", "external_id", "limits.resources", "limits.rpm", "name"];
    assert_eq!((failure.reason, fields), (Reason::RefusedValue, BTreeSet::from(all)));
    let failure = refused(house.workspaces.create_team(&house.call(ana), named("")).await);
    assert_eq!(failure.reason, Reason::InvalidArgument);
}

async fn a_workspace_has_two_hundred_teams_and_no_more(house: &House) {
    let ana = house.person("Ana").await;
    for number in 0..200 {
        make(house, ana, &format!("Team {number}")).await;
    }
    let failure = refused(house.workspaces.create_team(&house.call(ana), named("One more")).await);
    assert_eq!((failure.reason, failure.get("limit")), (Reason::RefusedValue, Some("200")));
    let list = ListTeamsRequest { page_size: 150, ..ListTeamsRequest::default() };
    let first = house.workspaces.list_teams(&house.call(ana), list).await.unwrap();
    assert_eq!((first.teams.len(), first.teams[0].name.as_str()), (150, "Team 199"));
    let next = ListTeamsRequest { page_token: first.next_page_token, ..ListTeamsRequest::default() };
    let next = house.workspaces.list_teams(&house.call(ana), next).await.unwrap();
    assert_eq!((next.teams.len(), next.next_page_token.as_str()), (50, ""));
}

async fn however_a_membership_ends_it_ends_in_the_teams(house: &House) {
    let ana = house.person("Ana").await;
    let mut people = vec![];
    for _ in 0..4 {
        people.push(join(house, ana, "member").await);
    }
    let (one, other) = (make(house, ana, "One").await, make(house, ana, "Other").await);
    put(house, ana, &one, &people).await;
    put(house, ana, &other, &people).await;
    let remove = RemoveMemberRequest { user_id: people[0].to_string() };
    house.workspaces.remove_member(&house.call(ana), remove).await.unwrap();
    let leaves = house.call(Person { user: people[1], workspace: ana.workspace });
    house.workspaces.leave_workspace(&leaves, LeaveWorkspaceRequest {}).await.unwrap();
    let departs = DepartPersonRequest { user_id: people[2].to_string(), ..DepartPersonRequest::default() };
    let identity = house.service_call(proto::Role::Identity);
    house.workspaces.called_by(proto::Role::Identity).depart_person(&identity, departs).await.unwrap();
    for team in [&one, &other] {
        assert_eq!(members(house, ana, team).await, [people[3].to_string()]);
        let ask = ResolveTeamRequest {
            workspace_id: ana.workspace.to_string(),
            team_id: team.id.clone(),
            user_id: people[0].to_string(),
        };
        assert_eq!(refused(house.workspaces.resolve_team(&house.nobody(), ask).await).reason, Reason::NotFound);
    }
}

async fn who_is_in_a_team_is_said_as_a_whole_or_not_at_all(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let bob = join(house, ana, "viewer").await;
    let team = make(house, ana, "Research").await;
    put(house, ana, &team, &[ana.user, ana.user]).await;
    let request = |user_ids: Vec<String>| ReplaceTeamMembersRequest { team_id: team.id.clone(), user_ids };
    let failure = refused(
        house
            .workspaces
            .replace_team_members(&house.call(ana), request(vec![bob.to_string(), eve.user.to_string()]))
            .await,
    );
    assert_eq!(failure.reason, Reason::RefusedValue);
    assert!(failure.fields[0].1.contains(&eve.user.to_string()), "{failure}");
    for bad in [vec!["bob".to_owned()], vec![bob.to_string(); 5_001]] {
        let failure = refused(house.workspaces.replace_team_members(&house.call(ana), request(bad)).await);
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "user_ids"));
    }
    assert_eq!(members(house, ana, &team).await, [ana.user.to_string()], "nothing has changed");
    put(house, ana, &team, &[bob]).await;
    assert_eq!(members(house, ana, &team).await, [bob.to_string()]);
    let add = AddTeamMemberRequest { team_id: team.id.clone(), user_id: eve.user.to_string() };
    assert_eq!(refused(house.workspaces.add_team_member(&house.call(ana), add).await).reason, Reason::NotFound);
}

async fn many_are_told_of_in_few_entries(house: &House) {
    let ana = house.person("Ana").await;
    let mut people = BTreeSet::new();
    for _ in 0..250 {
        people.insert(join(house, ana, "viewer").await);
    }
    let team = make(house, ana, "Everybody").await;
    put(house, ana, &team, &people.iter().copied().collect::<Vec<_>>()).await;
    let told = trail(house, ana).await;
    let counts: Vec<_> = told[1..].iter().map(|(_, details)| details["user_ids"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [100, 100, 50]);
    let all: BTreeSet<String> = people.iter().map(ToString::to_string).collect();
    assert_eq!(members(house, ana, &team).await.into_iter().collect::<BTreeSet<_>>(), all);
}

async fn what_changes_is_in_the_trail(house: &House) {
    let ana = house.person("Ana").await;
    let (call, me) = (house.call(ana), ana.user.to_string());
    let team = make(house, ana, "Research").await;
    let update = UpdateTeamRequest { team_id: team.id.clone(), name: Some("Labs".into()), ..Default::default() };
    for _ in 0..2 {
        house.workspaces.update_team(&call, update.clone()).await.unwrap();
    }
    let add = AddTeamMemberRequest { team_id: team.id.clone(), user_id: me.clone() };
    for _ in 0..2 {
        house.workspaces.add_team_member(&call, add.clone()).await.unwrap();
    }
    let remove = RemoveTeamMemberRequest { team_id: team.id.clone(), user_id: me.clone() };
    house.workspaces.remove_team_member(&call, remove.clone()).await.unwrap();
    assert_eq!(refused(house.workspaces.remove_team_member(&call, remove).await).reason, Reason::NotFound);
    house.workspaces.delete_team(&call, DeleteTeamRequest { team_id: team.id.clone() }).await.unwrap();
    let told = trail(house, ana).await;
    let actions: Vec<_> = told.iter().map(|(action, _)| action.as_str()).collect();
    let all = ["team.created", "team.updated", "team.member_added", "team.member_removed", "team.deleted"];
    assert_eq!(actions, all, "what changes nothing is not told");
    assert_eq!((&told[1].1["changed"][0], &told[1].1["name"]), (&"name".into(), &"Labs".into()));
    assert_eq!(told[2].1["user_ids"][0], me.as_str());
}

async fn who_may_only_read_members_changes_no_team(house: &House) {
    let ana = house.person("Ana").await;
    let team = make(house, ana, "Research").await;
    let reader = house.only(ana, Permission::MembersRead);
    house.workspaces.get_team(&reader, GetTeamRequest { team_id: team.id.clone() }).await.unwrap();
    let (team_id, user_id) = (team.id.clone(), ana.user.to_string());
    let refusals = [
        refused(house.workspaces.create_team(&reader, named("Other")).await),
        refused(house.workspaces.delete_team(&reader, DeleteTeamRequest { team_id: team.id.clone() }).await),
        refused(house.workspaces.add_team_member(&reader, AddTeamMemberRequest { team_id, user_id }).await),
    ];
    assert!(refusals.iter().all(|failure| failure.reason == Reason::PermissionDenied), "{refusals:?}");
}

async fn who_comes_into_a_team_while_they_are_removed_is_in_none(house: &House) {
    let ana = house.person("Ana").await;
    let team = make(house, ana, "Research").await;
    for _ in 0..5 {
        let bob = join(house, ana, "member").await;
        let call = house.call(ana);
        let add = AddTeamMemberRequest { team_id: team.id.clone(), user_id: bob.to_string() };
        let remove = RemoveMemberRequest { user_id: bob.to_string() };
        let (added, removed) =
            tokio::join!(house.workspaces.add_team_member(&call, add), house.workspaces.remove_member(&call, remove));
        removed.unwrap();
        assert!(added.as_ref().is_ok() || refused(added).reason == Reason::NotFound);
    }
    assert_eq!(members(house, ana, &team).await, [""; 0]);
}
