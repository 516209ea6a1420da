//! A workspace is closed, opened again, and gone.

use crate::house::{House, Person, on_both_databases, openai, refused};
use chrono::TimeDelta;
use proto::{
    Reason, Role, Scopes,
    id::{ExecutionId, WorkspaceId},
    time::from_proto,
    workspace::*,
};
use sha2::{Digest as _, Sha256};
use store::{Sql, SystemTx};

on_both_databases! {
    one_that_is_deleted_can_be_looked_at_and_restored_and_nothing_else,
    deleting_it_twice_does_not_give_it_more_days,
    when_its_days_are_over_nothing_of_it_is_left_and_others_keep_theirs,
    it_stays_until_the_engine_has_nothing_left_of_it,
    its_trail_stays_as_long_as_it_does,
    one_that_has_begun_to_go_is_not_restored,
}

async fn permissions(house: &House, person: Person) -> Scopes {
    let request = ResolveMemberRequest { workspace_id: person.workspace.to_string(), user_id: person.user.to_string() };
    let found = house.workspaces.called_by(Role::Edge).resolve_member(&house.service_call(Role::Edge), request).await;
    Scopes::parse(found.unwrap().permissions.iter().map(String::as_str))
}

async fn delete(house: &House, person: Person) -> Workspace {
    let deleted = house.workspaces.delete_workspace(&house.call(person), DeleteWorkspaceRequest {}).await;
    deleted.unwrap().workspace.unwrap()
}

/// Its days of grace pass.
async fn wait(house: &House) {
    house.hand.advance(TimeDelta::days(30) + TimeDelta::minutes(1));
}

async fn execution(house: &House, person: Person, token_of: &str) -> String {
    let execution_id = ExecutionId::from_uuid(house.ids.uuid()).to_string();
    let request = OpenExecutionRequest {
        execution_id: execution_id.clone(),
        title: token_of.to_owned(),
        depth: "quick".to_owned(),
        max_open: None,
        request_sha256: vec![1; 32].into(),
    };
    let opened = house.workspaces.called_by(Role::Edge).open_execution(&house.call(person), request).await.unwrap();
    assert!(pays(house, &opened.budget_token).await);
    execution_id
}

async fn pays(house: &House, token: &str) -> bool {
    let request = OpenBudgetRequest { token_sha256: Sha256::digest(token).to_vec().into() };
    let call = house.service_call(Role::Gateway);
    house.workspaces.called_by(Role::Gateway).open_budget(&call, request).await.is_ok()
}

/// Rows of a workspace by table, but for empty ones.
async fn rows(house: &House, workspace: WorkspaceId) -> Vec<(&'static str, i64)> {
    const TABLES: [(&str, &str); 13] = [
        ("workspaces", "select count(*) as n from workspaces where workspace_id = $1"),
        ("members", "select count(*) as n from members where workspace_id = $1"),
        ("providers", "select count(*) as n from providers where workspace_id = $1"),
        ("data_keys", "select count(*) as n from data_keys where workspace_id = $1"),
        ("routings", "select count(*) as n from routings where workspace_id = $1"),
        ("guardrails", "select count(*) as n from guardrails where workspace_id = $1"),
        ("answers", "select count(*) as n from answers where workspace_id = $1"),
        ("responses", "select count(*) as n from responses where workspace_id = $1"),
        ("invitations", "select count(*) as n from invitations where workspace_id = $1"),
        ("roles", "select count(*) as n from roles where workspace_id = $1"),
        ("executions", "select count(*) as n from executions where workspace_id = $1"),
        ("audit_events", "select count(*) as n from audit_events where workspace_id = $1"),
        ("audit_heads", "select count(*) as n from audit_heads where workspace_id = $1"),
    ];
    let mut tx = SystemTx::read(&house.db, "audit trail of all workspaces").await.unwrap();
    let mut found = vec![];
    for (table, text) in TABLES {
        let sql = Sql { name: "test/rows", postgres: text, sqlite: text };
        let (rows,): (i64,) = tx.fetch_one(sql, &[workspace.into()]).await.unwrap();
        if rows > 0 {
            found.push((table, rows));
        }
    }
    found
}

async fn furnish(house: &House, person: Person) {
    house.add_provider(person, openai("main")).await.unwrap();
    let call = house.call(person);
    let invite =
        CreateInvitationRequest { email: "eve@example.com".into(), role: "member".into(), locale: String::new() };
    house.workspaces.create_invitation(&call, invite).await.unwrap();
    crate::roles::make(house, &call, "auditor", &["audit.read"]).await.unwrap();
}

async fn one_that_is_deleted_can_be_looked_at_and_restored_and_nothing_else(house: &House) {
    let ana = house.person("Ana").await;
    let before = permissions(house, ana).await;
    let opened = {
        let request = OpenExecutionRequest {
            execution_id: ExecutionId::from_uuid(house.ids.uuid()).to_string(),
            title: "We sell less".to_owned(),
            depth: "quick".to_owned(),
            max_open: None,
            request_sha256: vec![1; 32].into(),
        };
        house.workspaces.called_by(Role::Edge).open_execution(&house.call(ana), request).await.unwrap()
    };
    let deleted = delete(house, ana).await;
    let at = from_proto(deleted.deleted_at.unwrap()).unwrap();
    assert_eq!((at, from_proto(deleted.purge_at.unwrap()).unwrap() - at), (house.now(), TimeDelta::days(30)));
    let closed = permissions(house, ana).await;
    for permission in before.iter() {
        let is_left =
            permission.as_str().ends_with(".read") || ["workspace.own", "billing.write"].contains(&permission.as_str());
        assert_eq!(closed.contains(permission), is_left, "{permission:?}");
    }
    assert!(!pays(house, &opened.budget_token).await, "no model is called any more");
    let request = OpenExecutionRequest {
        execution_id: ExecutionId::from_uuid(house.ids.uuid()).to_string(),
        title: "We sell less".to_owned(),
        depth: "quick".to_owned(),
        max_open: None,
        request_sha256: vec![1; 32].into(),
    };
    // With the permissions of a moment ago.
    let failure = refused(house.workspaces.called_by(Role::Edge).open_execution(&house.call(ana), request).await);
    assert_eq!(failure.reason, Reason::NotFound);
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let failure = refused(gateway.open_routing(&house.service_call(Role::Gateway), request).await);
    assert_eq!(failure.reason, Reason::NotFound, "whatever a key may do that nobody has ended yet");
    let listed = house.workspaces.list_workspaces(&house.call(ana), ListWorkspacesRequest::default()).await.unwrap();
    assert!(listed.workspaces[0].purge_at.is_some(), "its owner finds it");
    let of = ListMembershipsRequest { user_id: ana.user.to_string() };
    let call = house.service_call(Role::Identity);
    let memberships = house.workspaces.called_by(Role::Identity).list_memberships(&call, of).await.unwrap();
    assert!(memberships.memberships.is_empty(), "nobody is logged in to it");

    let restored = house.workspaces.restore_workspace(&house.call(ana), RestoreWorkspaceRequest {}).await.unwrap();
    assert!(restored.workspace.unwrap().deleted_at.is_none());
    assert_eq!(permissions(house, ana).await, before);
    assert!(pays(house, &opened.budget_token).await);
    let events = ListAuditEventsRequest::default();
    let trail = house.workspaces.list_audit_events(&house.call(ana), events).await.unwrap();
    let actions: Vec<&str> = trail.events.iter().map(|event| event.action.as_str()).take(2).collect();
    assert_eq!(actions, ["workspace.restored", "workspace.deleted"]);
}

async fn deleting_it_twice_does_not_give_it_more_days(house: &House) {
    let ana = house.person("Ana").await;
    let first = delete(house, ana).await;
    house.hand.advance(TimeDelta::days(3));
    assert_eq!(delete(house, ana).await.purge_at, first.purge_at);
    // Opening one that is open changes nothing either.
    let bob = house.person("Bob").await;
    house.workspaces.restore_workspace(&house.call(bob), RestoreWorkspaceRequest {}).await.unwrap();
}

async fn when_its_days_are_over_nothing_of_it_is_left_and_others_keep_theirs(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    furnish(house, ana).await;
    let letter = house.letter().await;
    furnish(house, bob).await;
    delete(house, ana).await;
    let accept = AcceptInvitationRequest { token: letter.token.clone() };
    let eve = house.person("Eve").await;
    let failure = refused(house.workspaces.accept_invitation(&house.call(eve), accept).await);
    assert_eq!(failure.reason, Reason::InvitationInvalid, "nobody joins a workspace that is closed");
    let (full, others) = (rows(house, ana.workspace).await, rows(house, bob.workspace).await);
    assert!(full.len() >= 7, "{full:?}");
    house.hand.advance(TimeDelta::days(30));
    assert_eq!(
        house.service.purge().await.unwrap(),
        0,
        "not before its time, whatever the clock of another process says"
    );
    wait(house).await;
    assert_eq!(house.service.purge().await.unwrap(), 1);
    assert_eq!(rows(house, ana.workspace).await, []);
    assert_eq!(rows(house, bob.workspace).await, others);
    assert_eq!(house.service.purge().await.unwrap(), 0);
    let failure = refused(house.workspaces.get_workspace(&house.call(ana), GetWorkspaceRequest {}).await);
    assert_eq!(failure.reason, Reason::NotFound);
    let text = "select kind from outbox where workspace_id = $1 order by position";
    let mut tx = SystemTx::read(&house.db, "audit trail of all workspaces").await.unwrap();
    let sql = Sql { name: "test/told", postgres: text, sqlite: text };
    let told: Vec<(String,)> = tx.fetch_all(sql, &[ana.workspace.into()]).await.unwrap();
    assert_eq!(told, [("workspace.purged".to_owned(),)], "all that is known of it is that it is gone");
}

async fn it_stays_until_the_engine_has_nothing_left_of_it(house: &House) {
    let ana = house.person("Ana").await;
    let id = execution(house, ana, "We sell less").await;
    delete(house, ana).await;
    let edge = house.workspaces.called_by(Role::Edge);
    let doomed = async || {
        let request = ListDoomedExecutionsRequest::default();
        edge.list_doomed_executions(&house.service_call(Role::Edge), request).await.unwrap().executions
    };
    assert_eq!(doomed().await, [], "it may be restored yet");
    wait(house).await;
    assert_eq!(house.service.purge().await.unwrap(), 0);
    let found = doomed().await;
    assert_eq!(found, [DoomedExecution { execution_id: id.clone(), workspace_id: ana.workspace.to_string() }]);
    let request = DeleteExecutionRequest { execution_id: id };
    edge.delete_execution(&house.call(ana), request).await.unwrap();
    assert_eq!(house.service.purge().await.unwrap(), 1);
    assert_eq!(rows(house, ana.workspace).await, []);
    let request = ListDoomedExecutionsRequest { limit: 201 };
    let failure = refused(edge.list_doomed_executions(&house.service_call(Role::Edge), request).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
}

async fn its_trail_stays_as_long_as_it_does(house: &House) {
    let ana = house.person("Ana").await;
    delete(house, ana).await;
    let text = "delete from audit_events where workspace_id = $1";
    let mut tx = SystemTx::begin(&house.db, "audit trail of all workspaces").await.unwrap();
    let sql = Sql { name: "test/erase", postgres: text, sqlite: text };
    let error = tx.execute(sql, &[ana.workspace.into()]).await.unwrap_err();
    assert!(format!("{error:?}").contains("are not changed or deleted"), "{error:?}");
}

async fn one_that_has_begun_to_go_is_not_restored(house: &House) {
    let ana = house.person("Ana").await;
    delete(house, ana).await;
    house.hand.advance(TimeDelta::days(30));
    let failure = refused(house.workspaces.restore_workspace(&house.call(ana), RestoreWorkspaceRequest {}).await);
    assert_eq!(failure.reason, Reason::NotFound);
}
