//! What belongs to another workspace looks as if it did not exist.

use crate::house::{House, on_both_databases, openai, refused};
use proto::{Call, Impersonation, Reason, workspace::*};

on_both_databases! {
    the_provider_of_another_workspace_is_not_found,
    members_and_settings_of_another_workspace_stay_there,
    an_id_that_is_none_is_not_found,
    two_workspaces_may_use_the_same_name_for_a_provider,
    whoever_acts_for_somebody_learns_of_one_workspace,
}

async fn the_provider_of_another_workspace_is_not_found(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let provider = house.add_provider(ana, openai("mine")).await.unwrap();
    let (workspaces, id, call) = (&house.workspaces, provider.id.clone(), house.call(eve));
    let get = GetProviderRequest { provider_id: id.clone() };
    assert_eq!(refused(workspaces.get_provider(&call, get.clone()).await).reason, Reason::NotFound);
    let update = UpdateProviderRequest {
        provider_id: id.clone(),
        name: Some("stolen".into()),
        ..UpdateProviderRequest::default()
    };
    assert_eq!(refused(workspaces.update_provider(&call, update).await).reason, Reason::NotFound);
    let delete = DeleteProviderRequest { provider_id: id };
    assert_eq!(refused(workspaces.delete_provider(&call, delete).await).reason, Reason::NotFound);
    let listed = workspaces.list_providers(&call, ListProvidersRequest::default()).await.unwrap();
    assert_eq!(listed.providers, []);
    let kept = workspaces.get_provider(&house.call(ana), get).await.unwrap().provider.unwrap();
    assert_eq!(kept, provider, "and nothing of it has changed");
}

async fn members_and_settings_of_another_workspace_stay_there(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    let rename = UpdateWorkspaceRequest { name: Some("Eve's own".into()), ..UpdateWorkspaceRequest::default() };
    house.workspaces.update_workspace(&house.call(eve), rename).await.unwrap();
    let read =
        house.workspaces.get_workspace(&house.call(ana), GetWorkspaceRequest {}).await.unwrap().workspace.unwrap();
    assert_eq!(read.name, "Ana's workspace");
    let listed = house.workspaces.list_members(&house.call(eve), ListMembersRequest::default()).await.unwrap();
    let names: Vec<_> = listed.members.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["Eve"]);
}

async fn an_id_that_is_none_is_not_found(house: &House) {
    let ana = house.person("Ana").await;
    for id in ["", "prov_", "prov_zzz", "../x", "ws_00000000000000000000000000", "prov_8zzzzzzzzzzzzzzzzzzzzzzzzz"] {
        let get = GetProviderRequest { provider_id: id.into() };
        assert_eq!(
            refused(house.workspaces.get_provider(&house.call(ana), get).await).reason,
            Reason::NotFound,
            "{id}"
        );
        let delete = DeleteProviderRequest { provider_id: id.into() };
        assert_eq!(
            refused(house.workspaces.delete_provider(&house.call(ana), delete).await).reason,
            Reason::NotFound,
            "{id}"
        );
        let update = UpdateProviderRequest { provider_id: id.into(), ..UpdateProviderRequest::default() };
        assert_eq!(
            refused(house.workspaces.update_provider(&house.call(ana), update).await).reason,
            Reason::NotFound,
            "{id}"
        );
    }
}

async fn two_workspaces_may_use_the_same_name_for_a_provider(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    house.add_provider(ana, openai("main")).await.unwrap();
    house.add_provider(bob, openai("main")).await.unwrap();
}

async fn whoever_acts_for_somebody_learns_of_one_workspace(house: &House) {
    let (ana, staff) = (house.person("Ana").await, house.person("Staff").await);
    let request = CreateWorkspaceRequest { name: "Lab".into(), ..CreateWorkspaceRequest::default() };
    house.workspaces.create_workspace(&house.call(ana), request).await.unwrap();
    let acting = Impersonation { operator: staff.user, may_write: false };
    let call = Call { impersonation: Some(acting), ..house.call(ana) };
    let request = ListWorkspacesRequest { page_size: 1, ..ListWorkspacesRequest::default() };
    let listed = house.workspaces.list_workspaces(&call, request.clone()).await.unwrap();
    let seen: Vec<_> = listed.workspaces.iter().map(|w| (w.name.as_str(), w.role.as_str())).collect();
    assert_eq!((seen, listed.next_page_token.as_str()), (vec![("Ana's workspace", "owner")], ""));
    let nowhere = Call { workspace: None, ..call };
    assert_eq!(house.workspaces.list_workspaces(&nowhere, request).await.unwrap().workspaces, []);
}
