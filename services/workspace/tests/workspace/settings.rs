//! Creating, listing and changing workspaces.

use crate::house::{House, on_both_databases, refused};
use proto::{Permission, Principal, Reason, id::KeyId, workspace::*};

on_both_databases! {
    somebody_creates_a_second_workspace_and_owns_it,
    a_long_list_of_workspaces_comes_in_pages_without_gaps,
    what_is_changed_changes_and_the_rest_stays,
    a_limit_that_is_left_out_is_lifted,
    a_key_reads_its_workspace_and_has_no_role_there,
    a_workspace_without_a_name_is_a_400_and_with_bad_values_a_422,
    two_people_who_change_different_fields_at_once_both_get_their_way,
}

async fn somebody_creates_a_second_workspace_and_owns_it(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateWorkspaceRequest {
        name: " Lab ".into(),
        locale: "pt-BR".into(),
        currency: "EUR".into(),
        ..CreateWorkspaceRequest::default()
    };
    let created = house.workspaces.create_workspace(&house.call(ana), request).await.unwrap().workspace.unwrap();
    assert_eq!((created.name.as_str(), created.role.as_str()), ("Lab", "owner"));
    assert_eq!((created.currency.as_str(), created.time_zone.as_str()), ("EUR", "America/Sao_Paulo"));
    let listed = house.workspaces.list_workspaces(&house.call(ana), ListWorkspacesRequest::default()).await.unwrap();
    let names: Vec<_> = listed.workspaces.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(names, ["Lab", "Ana's workspace"], "newest first");
}

async fn a_long_list_of_workspaces_comes_in_pages_without_gaps(house: &House) {
    let ana = house.person("Ana").await;
    house.person("Bob").await;
    for number in 1..=4 {
        let request = CreateWorkspaceRequest { name: format!("W{number}"), ..CreateWorkspaceRequest::default() };
        house.workspaces.create_workspace(&house.call(ana), request).await.unwrap();
    }
    let (mut names, mut token) = (vec![], String::new());
    loop {
        let request = ListWorkspacesRequest { page_size: 2, page_token: token };
        let page = house.workspaces.list_workspaces(&house.call(ana), request).await.unwrap();
        names.extend(page.workspaces.into_iter().map(|w| w.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["W4", "W3", "W2", "W1", "Ana's workspace"]);
}

async fn what_is_changed_changes_and_the_rest_stays(house: &House) {
    let ana = house.person("Ana").await;
    let limits = Limits { rpm: Some(60), tpm: None, concurrency: Some(5) };
    let request = UpdateWorkspaceRequest {
        time_zone: Some("Europe/Lisbon".into()),
        limits: Some(limits),
        ..UpdateWorkspaceRequest::default()
    };
    house.workspaces.update_workspace(&house.call(ana), request).await.unwrap();
    let request = UpdateWorkspaceRequest { currency: Some("EUR".into()), ..UpdateWorkspaceRequest::default() };
    let changed = house.workspaces.update_workspace(&house.call(ana), request).await.unwrap().workspace.unwrap();
    let read =
        house.workspaces.get_workspace(&house.call(ana), GetWorkspaceRequest {}).await.unwrap().workspace.unwrap();
    assert_eq!(changed, read);
    assert_eq!(
        (read.name.as_str(), read.currency.as_str(), read.time_zone.as_str()),
        ("Ana's workspace", "EUR", "Europe/Lisbon")
    );
    assert_eq!(read.limits, Some(limits));
}

async fn a_limit_that_is_left_out_is_lifted(house: &House) {
    let ana = house.person("Ana").await;
    for limits in
        [Limits { rpm: Some(1), tpm: Some(2), concurrency: Some(3) }, Limits { tpm: Some(9), ..Limits::default() }]
    {
        let request = UpdateWorkspaceRequest { limits: Some(limits), ..UpdateWorkspaceRequest::default() };
        let changed = house.workspaces.update_workspace(&house.call(ana), request).await.unwrap().workspace.unwrap();
        assert_eq!(changed.limits, Some(limits));
    }
}

async fn a_key_reads_its_workspace_and_has_no_role_there(house: &House) {
    let ana = house.person("Ana").await;
    let mut call = house.only(ana, Permission::WorkspaceRead);
    call.principal = Principal::Key { id: KeyId::from_uuid(house.ids.uuid()) };
    let read = house.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await.unwrap().workspace.unwrap();
    assert_eq!((read.id, read.role.as_str()), (ana.workspace.to_string(), ""));
    let change = UpdateWorkspaceRequest { name: Some("Mine".into()), ..UpdateWorkspaceRequest::default() };
    assert_eq!(refused(house.workspaces.update_workspace(&call, change).await).reason, Reason::PermissionDenied);
    let list = house.workspaces.list_workspaces(&call, ListWorkspacesRequest::default()).await;
    assert_eq!(refused(list).reason, Reason::PermissionDenied);
}

async fn a_workspace_without_a_name_is_a_400_and_with_bad_values_a_422(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateWorkspaceRequest { currency: "reais".into(), ..CreateWorkspaceRequest::default() };
    let failure = refused(house.workspaces.create_workspace(&house.call(ana), request).await);
    assert_eq!(failure.reason, Reason::InvalidArgument);
    let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!(fields, ["name", "currency"]);
    let request = UpdateWorkspaceRequest {
        name: Some("a\nb".into()),
        currency: Some("XYZ".into()),
        time_zone: Some("Moon/Base".into()),
        locale: Some("tlh".into()),
        limits: Some(Limits { rpm: Some(0), tpm: Some(-1), concurrency: Some(i64::MAX) }),
    };
    let failure = refused(house.workspaces.update_workspace(&house.call(ana), request).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
    let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!(fields, ["name", "currency", "time_zone", "locale", "limits.rpm", "limits.tpm", "limits.concurrency"]);
}

async fn two_people_who_change_different_fields_at_once_both_get_their_way(house: &House) {
    let ana = house.person("Ana").await;
    let (one, other) = (house.call(ana), house.call(ana));
    for round in 1..=20 {
        let limits = Limits { rpm: Some(round), ..Limits::default() };
        let name = UpdateWorkspaceRequest { name: Some(format!("W{round}")), ..UpdateWorkspaceRequest::default() };
        let limit = UpdateWorkspaceRequest { limits: Some(limits), ..UpdateWorkspaceRequest::default() };
        let (named, limited) = tokio::join!(
            house.workspaces.update_workspace(&one, name),
            house.workspaces.update_workspace(&other, limit),
        );
        named.unwrap();
        limited.unwrap();
        let read = house.workspaces.get_workspace(&one, GetWorkspaceRequest {}).await.unwrap().workspace.unwrap();
        assert_eq!((read.name, read.limits), (format!("W{round}"), Some(limits)));
    }
}
