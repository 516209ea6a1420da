//! Executions of the agent engine: whose they are, how many at once, and what pays for them.

use crate::house::{House, Person, on_both_databases, refused};
use chrono::TimeDelta;
use proto::{
    Call, Permission, Principal, Reason, Role, Scopes,
    id::{ExecutionId, KeyId},
    workspace::*,
};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use store::{Backend, Sql, WorkspaceTx};
use tonic::Status;

on_both_databases! {
    the_same_id_again_is_the_same_execution_and_token,
    an_id_that_another_request_has_is_a_mismatch,
    what_cannot_be_opened_is_named_field_by_field,
    of_many_at_once_no_more_are_opened_than_may_be,
    of_one_that_is_opened_many_times_at_once_there_is_one,
    they_are_listed_newest_first_and_by_status,
    the_token_pays_until_its_execution_ends_or_is_deleted,
    a_token_of_somebody_who_has_gone_pays_for_nothing,
    open_ones_of_all_workspaces_come_oldest_first,
    nobody_finds_the_execution_of_another_workspace_and_nothing_of_it_can_be_read,
    what_is_asked_for_needs_its_permission,
    the_trail_tells_that_and_never_what,
    rows_of_others_are_behind_the_databases_own_wall,
}

fn id(house: &House) -> String {
    ExecutionId::from_uuid(house.ids.uuid()).to_string()
}

fn wanted(id: &str) -> OpenExecutionRequest {
    OpenExecutionRequest {
        execution_id: id.to_owned(),
        title: "We sell less".to_owned(),
        depth: "quick".to_owned(),
        max_open: None,
        request_sha256: vec![1; 32].into(),
    }
}

fn edge(house: &House) -> Workspaces {
    house.workspaces.called_by(Role::Edge)
}

async fn open(house: &House, person: Person, id: &str) -> OpenExecutionResponse {
    edge(house).open_execution(&house.call(person), wanted(id)).await.unwrap()
}

async fn close(house: &House, call: &Call, id: &str, outcome: &str) -> Result<CloseExecutionResponse, Status> {
    let request = CloseExecutionRequest { execution_id: id.to_owned(), outcome: outcome.to_owned() };
    edge(house).close_execution(call, request).await
}

async fn find(house: &House, person: Person, id: &str) -> Result<OwnedExecution, Status> {
    let request = FindExecutionRequest { execution_id: id.to_owned() };
    Ok(edge(house).find_execution(&house.call(person), request).await?.execution.unwrap())
}

async fn delete(house: &House, person: Person, id: &str) -> Result<DeleteExecutionResponse, Status> {
    let request = DeleteExecutionRequest { execution_id: id.to_owned() };
    edge(house).delete_execution(&house.call(person), request).await
}

/// Ids of the executions of a person's workspace, page by page.
async fn listed(house: &House, person: Person, status: &str, page_size: i32) -> Vec<String> {
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let request = ListExecutionsRequest { page_size, page_token, status: status.to_owned() };
        let page = edge(house).list_executions(&house.call(person), request).await.unwrap();
        all.extend(page.executions.into_iter().map(|execution| execution.execution_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

async fn budget(house: &House, token: &str) -> Result<OpenBudgetResponse, Status> {
    let request = OpenBudgetRequest { token_sha256: Sha256::digest(token.as_bytes()).to_vec().into() };
    house.workspaces.called_by(Role::Gateway).open_budget(&house.service_call(Role::Gateway), request).await
}

async fn the_same_id_again_is_the_same_execution_and_token(house: &House) {
    let ana = house.person("Ana").await;
    let one = id(house);
    let first = open(house, ana, &one).await;
    let execution = first.execution.clone().unwrap();
    assert!(!first.existed && first.budget_token.starts_with("bt_") && first.budget_token.len() == 67);
    assert_eq!((execution.execution_id.as_str(), execution.title.as_str()), (one.as_str(), "We sell less"));
    assert_eq!((execution.created_by, execution.workspace_id), (ana.user.to_string(), ana.workspace.to_string()));
    assert_eq!((execution.depth.as_str(), execution.outcome.as_str(), execution.closed_at), ("quick", "", None));
    house.hand.advance(TimeDelta::hours(1));
    // Where no more may be opened, one that is there already is still the same.
    let full = OpenExecutionRequest { max_open: Some(1), ..wanted(&one) };
    let again = edge(house).open_execution(&house.call(ana), full).await.unwrap();
    assert_eq!(again, OpenExecutionResponse { existed: true, ..first.clone() });
    close(house, &house.call(ana), &one, "failed").await.unwrap();
    let ended = open(house, ana, &one).await;
    assert_eq!((ended.existed, ended.budget_token), (true, first.budget_token));
    assert_eq!(ended.execution.unwrap().outcome, "failed");
}

async fn an_id_that_another_request_has_is_a_mismatch(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let one = id(house);
    open(house, ana, &one).await;
    let other = OpenExecutionRequest { request_sha256: vec![2; 32].into(), ..wanted(&one) };
    let key = Call { principal: Principal::Key { id: KeyId::from_uuid(house.ids.uuid()) }, ..house.call(ana) };
    for (call, request) in [(house.call(ana), other), (key, wanted(&one)), (house.call(bob), wanted(&one))] {
        let failure = refused(edge(house).open_execution(&call, request).await);
        assert_eq!(failure.reason, Reason::IdempotencyMismatch);
    }
    assert_eq!(listed(house, bob, "", 50).await, [""; 0]);
}

async fn what_cannot_be_opened_is_named_field_by_field(house: &House) {
    let ana = house.person("Ana").await;
    let good = || wanted(&id(house));
    for (field, reason, request) in [
        ("execution_id", Reason::InvalidArgument, wanted("exec_1")),
        ("title", Reason::RefusedValue, OpenExecutionRequest { title: "ã".repeat(201), ..good() }),
        ("depth", Reason::InvalidArgument, OpenExecutionRequest { depth: String::new(), ..good() }),
        ("depth", Reason::RefusedValue, OpenExecutionRequest { depth: "Deep".into(), ..good() }),
        ("request_sha256", Reason::InvalidArgument, OpenExecutionRequest { request_sha256: vec![1].into(), ..good() }),
    ] {
        let failure = refused(edge(house).open_execution(&house.call(ana), request).await);
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (reason, field), "{failure}");
    }
    let longest = OpenExecutionRequest { title: "ã".repeat(200), ..good() };
    let title = longest.title.clone();
    let opened = edge(house).open_execution(&house.call(ana), longest).await.unwrap();
    assert_eq!(opened.execution.unwrap().title, title);
    let one = id(house);
    open(house, ana, &one).await;
    for (outcome, reason) in [("", Reason::InvalidArgument), ("done", Reason::RefusedValue)] {
        assert_eq!(refused(close(house, &house.call(ana), &one, outcome).await).reason, reason);
    }
    let request = ListExecutionsRequest { status: "running".into(), ..Default::default() };
    assert_eq!(refused(edge(house).list_executions(&house.call(ana), request).await).reason, Reason::RefusedValue);
    for limit in [-1, 201] {
        let asked = edge(house)
            .list_open_executions(&house.call(ana), ListOpenExecutionsRequest { limit, ..Default::default() })
            .await;
        assert_eq!(refused(asked).reason, Reason::RefusedValue);
    }
}

async fn of_many_at_once_no_more_are_opened_than_may_be(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    open(house, bob, &id(house)).await;
    let (call, edge) = (house.call(ana), edge(house));
    let requests = (0..64).map(|_| OpenExecutionRequest { max_open: Some(5), ..wanted(&id(house)) });
    let all = futures::future::join_all(requests.map(|request| edge.open_execution(&call, request))).await;
    let (opened, refusals): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((opened.len(), listed(house, ana, "open", 50).await.len()), (5, 5));
    for refusal in refusals {
        let failure = refused(refusal);
        assert_eq!(failure.reason, Reason::ConcurrencyLimited);
        let facts = ["layer", "limit", "used"].map(|name| failure.get(name));
        assert_eq!(facts, [Some("workspace"), Some("5"), Some("5")]);
        assert_eq!(failure.retry_after, Some(Duration::from_secs(5)));
    }
    let next = || OpenExecutionRequest { max_open: Some(5), ..wanted(&id(house)) };
    let ended = opened.into_iter().next().unwrap().unwrap().execution.unwrap().execution_id;
    close(house, &call, &ended, "completed").await.unwrap();
    edge.open_execution(&call, next()).await.unwrap();
    assert_eq!(refused(edge.open_execution(&call, next()).await).reason, Reason::ConcurrencyLimited);
    edge.open_execution(&call, OpenExecutionRequest { max_open: None, ..next() }).await.unwrap();
    let none = OpenExecutionRequest { max_open: Some(0), ..next() };
    let failure = refused(edge.open_execution(&call, none).await);
    assert_eq!((failure.get("limit"), failure.get("used")), (Some("0"), Some("6")));
}

async fn of_one_that_is_opened_many_times_at_once_there_is_one(house: &House) {
    let ana = house.person("Ana").await;
    let (call, edge, one) = (house.call(ana), edge(house), id(house));
    let all = (0..20).map(|_| edge.open_execution(&call, OpenExecutionRequest { max_open: Some(1), ..wanted(&one) }));
    let all: Vec<_> = futures::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|opened| !opened.existed).count(), 1);
    assert!(all.iter().all(|opened| opened.budget_token == all[0].budget_token));
    assert_eq!(listed(house, ana, "", 50).await, [one]);
}

async fn they_are_listed_newest_first_and_by_status(house: &House) {
    let ana = house.person("Ana").await;
    let mut all = vec![];
    // Ids that fall while time rises.
    for n in (1..=7_u128).rev() {
        let one = ExecutionId::from_uuid(uuid::Uuid::from_u128(n)).to_string();
        open(house, ana, &one).await;
        house.hand.advance(TimeDelta::seconds(1));
        all.insert(0, one);
    }
    for page_size in [1, 3, 7, 0] {
        assert_eq!(listed(house, ana, "", page_size).await, all);
    }
    let call = house.call(ana);
    for (n, outcome) in [(0, "completed"), (2, "completed"), (3, "failed"), (5, "cancelled")] {
        close(house, &call, &all[n], outcome).await.unwrap();
    }
    let of = |places: &[usize]| places.iter().map(|n| all[*n].clone()).collect::<Vec<_>>();
    assert_eq!(listed(house, ana, "completed", 1).await, of(&[0, 2]));
    assert_eq!(listed(house, ana, "failed", 1).await, of(&[3]));
    assert_eq!(listed(house, ana, "cancelled", 1).await, of(&[5]));
    assert_eq!(listed(house, ana, "open", 2).await, of(&[1, 4, 6]));
    assert_eq!(listed(house, ana, "", 50).await, all);
}

async fn the_token_pays_until_its_execution_ends_or_is_deleted(house: &House) {
    let ana = house.person("Ana").await;
    let key = KeyId::from_uuid(house.ids.uuid());
    let (call, one) = (house.call(ana), id(house));
    let Principal::User { session, .. } = call.principal else { panic!("a person") };
    let first = edge(house).open_execution(&call, wanted(&one)).await.unwrap().budget_token;
    let opened = budget(house, &first).await.unwrap();
    let expected = OpenBudgetResponse {
        workspace_id: ana.workspace.to_string(),
        principal: ana.user.to_string(),
        session_id: session.to_string(),
        execution_id: one.clone(),
    };
    assert_eq!(opened, expected);
    let by_key = Call { principal: Principal::Key { id: key }, ..house.call(ana) };
    let two = id(house);
    let second = edge(house).open_execution(&by_key, wanted(&two)).await.unwrap().budget_token;
    let opened = budget(house, &second).await.unwrap();
    assert_eq!((opened.principal, opened.session_id), (key.to_string(), String::new()));
    // The edge says so for itself, and knows no workspace.
    close(house, &house.service_call(Role::Edge), &one, "completed").await.unwrap();
    house.hand.advance(TimeDelta::hours(1));
    let closed = find(house, ana, &one).await.unwrap();
    for outcome in ["failed", "completed"] {
        close(house, &house.call(ana), &one, outcome).await.unwrap();
    }
    assert_eq!((find(house, ana, &one).await.unwrap(), closed.outcome.as_str()), (closed.clone(), "completed"));
    delete(house, ana, &two).await.unwrap();
    for token in [first.as_str(), &second, "bt_none", ""] {
        assert_eq!(refused(budget(house, token).await).reason, Reason::NotFound, "{token}");
    }
    assert_eq!(refused(find(house, ana, &two).await).reason, Reason::NotFound);
    assert_eq!(refused(delete(house, ana, &two).await).reason, Reason::NotFound);
    assert_eq!(listed(house, ana, "", 50).await, [one]);
}

async fn a_token_of_somebody_who_has_gone_pays_for_nothing(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let mut tx = WorkspaceTx::begin(&house.db, ana.workspace).await.unwrap();
    let values = [house.ids.uuid().into(), ana.workspace.into(), bob.user.into(), "member".into(), house.now().into()];
    tx.execute(store::sql!("member/insert"), &values).await.unwrap();
    tx.commit().await.unwrap();
    let token = open(house, Person { user: bob.user, workspace: ana.workspace }, &id(house)).await.budget_token;
    assert!(budget(house, &token).await.is_ok());
    let remove = RemoveMemberRequest { user_id: bob.user.to_string() };
    house.workspaces.remove_member(&house.call(ana), remove).await.unwrap();
    assert_eq!(refused(budget(house, &token).await).reason, Reason::NotFound);
}

async fn open_ones_of_all_workspaces_come_oldest_first(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let mut all = vec![];
    for person in [ana, bob, ana, bob] {
        let one = id(house);
        open(house, person, &one).await;
        house.hand.advance(TimeDelta::seconds(1));
        all.push(one);
    }
    close(house, &house.call(ana), &all[0], "completed").await.unwrap();
    let open_of = async |call: Call, limit| {
        let request = ListOpenExecutionsRequest { limit, ..Default::default() };
        edge(house).list_open_executions(&call, request).await.unwrap().executions
    };
    let everywhere = open_of(house.service_call(Role::Edge), 0).await;
    let ids: Vec<_> = everywhere.iter().map(|execution| execution.execution_id.clone()).collect();
    assert_eq!(ids, all[1..]);
    assert_eq!(everywhere[0], find(house, bob, &all[1]).await.unwrap(), "with its title");
    assert_eq!(open_of(house.service_call(Role::Edge), 1).await.len(), 1);
    let (mut paged, mut page_token) = (vec![], String::new());
    loop {
        let request = ListOpenExecutionsRequest { limit: 1, page_token };
        let listed = edge(house).list_open_executions(&house.service_call(Role::Edge), request).await.unwrap();
        paged.extend(listed.executions.into_iter().map(|execution| execution.execution_id));
        // One that ends meanwhile moves nobody.
        if paged.len() == 1 {
            close(house, &house.service_call(Role::Edge), &all[1], "completed").await.unwrap();
        }
        page_token = listed.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all[1..], "page by page");
    let request = ListOpenExecutionsRequest { page_token: "nonsense".to_owned(), ..Default::default() };
    let wrong = edge(house).list_open_executions(&house.service_call(Role::Edge), request).await;
    assert_eq!(refused(wrong).reason, Reason::InvalidArgument);
    let of_bob = Call { workspace: Some(bob.workspace), ..house.service_call(Role::Edge) };
    let ids: Vec<_> = open_of(of_bob, 0).await.into_iter().map(|execution| execution.execution_id).collect();
    assert_eq!(ids, [all[3].clone()]);
}

async fn nobody_finds_the_execution_of_another_workspace_and_nothing_of_it_can_be_read(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let one = id(house);
    let request = OpenExecutionRequest { title: "a canary sings".into(), ..wanted(&one) };
    let opened = edge(house).open_execution(&house.call(ana), request).await.unwrap();
    let strangers = [one.as_str(), "exec_x", ""];
    for theirs in strangers {
        assert_eq!(refused(find(house, bob, theirs).await).reason, Reason::NotFound);
        assert_eq!(refused(delete(house, bob, theirs).await).reason, Reason::NotFound);
        assert_eq!(refused(close(house, &house.call(bob), theirs, "failed").await).reason, Reason::NotFound);
    }
    let nobodys = id(house);
    let nobody = close(house, &house.service_call(Role::Edge), &nobodys, "failed").await;
    assert_eq!(refused(nobody).reason, Reason::NotFound);
    assert_eq!(listed(house, bob, "", 50).await, [""; 0]);
    assert_eq!(find(house, ana, &one).await.unwrap(), opened.execution.unwrap());
    let stored = crate::credentials::everything_stored(house).await;
    assert!(!crate::credentials::contains(&stored, b"canary sings"));
    assert!(!crate::credentials::contains(&stored, opened.budget_token.as_bytes()));
}

async fn what_is_asked_for_needs_its_permission(house: &House) {
    let ana = house.person("Ana").await;
    let (one, edge) = (id(house), edge(house));
    open(house, ana, &one).await;
    let reads = house.only(ana, Permission::ExecutionsRead);
    let lacks = |failure: proto::Failure, permission| {
        assert_eq!((failure.reason, failure.get("permission")), (Reason::PermissionDenied, Some(permission)));
    };
    lacks(refused(edge.open_execution(&reads, wanted(&one)).await), "executions.write");
    let request = || DeleteExecutionRequest { execution_id: one.clone() };
    lacks(refused(edge.delete_execution(&reads, request()).await), "executions.write");
    let writes = house.only(ana, Permission::ExecutionsWrite);
    let request = || FindExecutionRequest { execution_id: one.clone() };
    lacks(refused(edge.find_execution(&writes, request()).await), "executions.read");
    lacks(refused(edge.list_executions(&writes, ListExecutionsRequest::default()).await), "executions.read");
    assert!(edge.find_execution(&reads, request()).await.is_ok());
    assert!(edge.list_executions(&reads, ListExecutionsRequest::default()).await.is_ok());
    let nobody = Call { scopes: Scopes::NONE, ..house.call(ana) };
    assert!(edge.list_open_executions(&nobody, ListOpenExecutionsRequest::default()).await.is_ok());
    assert!(close(house, &nobody, &one, "completed").await.is_ok());
    // Whoever may do everything is no part of Perpetuo for that.
    for role in [Role::Gateway, Role::AgentEngine] {
        let other = house.workspaces.called_by(role);
        let failure = refused(other.find_execution(&house.call(ana), request()).await);
        assert_eq!(failure.reason, Reason::PermissionDenied);
    }
    let request = OpenBudgetRequest { token_sha256: vec![1; 32].into() };
    assert_eq!(refused(edge.open_budget(&house.call(ana), request).await).reason, Reason::PermissionDenied);
}

async fn the_trail_tells_that_and_never_what(house: &House) {
    let ana = house.person("Ana").await;
    let one = id(house);
    open(house, ana, &one).await;
    open(house, ana, &one).await;
    close(house, &house.call(ana), &one, "completed").await.unwrap();
    delete(house, ana, &one).await.unwrap();
    let events = house.workspaces.list_audit_events(&house.call(ana), ListAuditEventsRequest::default()).await;
    let told: Vec<_> = events.unwrap().events.into_iter().filter(|event| event.subject == one).rev().collect();
    let kinds: Vec<_> = told.iter().map(|event| (event.action.as_str(), event.details_json.as_str())).collect();
    let depth = r#"{"depth":"quick"}"#;
    assert_eq!(kinds, [("execution.opened", depth), ("execution.deleted", depth)]);
    assert!(told.iter().all(|event| event.actor == ana.user.to_string()));
}

async fn rows_of_others_are_behind_the_databases_own_wall(house: &House) {
    if matches!(house.fresh.backend, Backend::Sqlite { .. }) {
        return;
    }
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    open(house, ana, &id(house)).await;
    let text = "select count(*) as rows from executions";
    for (person, rows) in [(ana, 1_i64), (bob, 0)] {
        let mut tx = WorkspaceTx::read(&house.db, person.workspace).await.unwrap();
        let (found,): (i64,) = tx.fetch_one(Sql { name: "by hand", postgres: text, sqlite: text }, &[]).await.unwrap();
        assert_eq!(found, rows);
    }
}
