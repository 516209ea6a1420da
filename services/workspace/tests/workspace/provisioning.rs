//! What sign-up gets.

use crate::house::{House, Person, on_both_databases, refused};
use proto::{Reason, Role, id::UserId, workspace::*};

on_both_databases! {
    a_sign_up_owns_a_workspace_called_after_them,
    a_brazilian_sign_up_counts_in_reais,
    a_repeated_sign_up_changes_nothing,
    sign_ups_that_race_for_the_same_workspace_make_one,
    the_workspace_of_another_owner_is_a_conflict,
    a_sign_up_with_malformed_ids_is_an_invalid_argument,
    only_identity_signs_people_up,
}

async fn a_sign_up_owns_a_workspace_called_after_them(house: &House) {
    let ana = house.person("Ana").await;
    let got = house.workspaces.get_workspace(&house.call(ana), GetWorkspaceRequest {}).await.unwrap();
    let workspace = got.workspace.unwrap();
    assert_eq!(workspace.id, ana.workspace.to_string());
    assert_eq!(
        (workspace.name.as_str(), workspace.role.as_str(), workspace.plan.as_str()),
        ("Ana's workspace", "owner", "free")
    );
    assert_eq!(
        (workspace.currency.as_str(), workspace.time_zone.as_str(), workspace.locale.as_str()),
        ("USD", "UTC", "en")
    );
}

async fn a_brazilian_sign_up_counts_in_reais(house: &House) {
    let rui = fresh(house);
    let request =
        ProvisionWorkspaceRequest { locale: "pt-BR".into(), name: "Padaria".into(), ..house.provisioning(rui, "Rui") };
    house.provision(request).await.unwrap();
    let got = house.workspaces.get_workspace(&house.call(rui), GetWorkspaceRequest {}).await.unwrap();
    let workspace = got.workspace.unwrap();
    assert_eq!(workspace.name, "Padaria");
    assert_eq!(
        (workspace.currency.as_str(), workspace.time_zone.as_str(), workspace.locale.as_str()),
        ("BRL", "America/Sao_Paulo", "pt-BR")
    );
}

async fn a_repeated_sign_up_changes_nothing(house: &House) {
    let ana = house.person("Ana").await;
    let rename = UpdateWorkspaceRequest { name: Some("Acme".into()), ..UpdateWorkspaceRequest::default() };
    house.workspaces.update_workspace(&house.call(ana), rename).await.unwrap();
    house.provision(house.provisioning(ana, "Ana")).await.expect("the same again is fine");
    let request = ListMembershipsRequest { user_id: ana.user.to_string() };
    let identity = house.workspaces.called_by(Role::Identity);
    let listed = identity.list_memberships(&house.service_call(Role::Identity), request).await.unwrap();
    let names: Vec<_> = listed.memberships.iter().map(|m| (m.name.as_str(), m.role.as_str())).collect();
    assert_eq!(names, [("Acme", "owner")]);
}

async fn sign_ups_that_race_for_the_same_workspace_make_one(house: &House) {
    let ana = fresh(house);
    let tries: Vec<_> = (0..8).map(|_| house.provision(house.provisioning(ana, "Ana"))).collect();
    for outcome in futures::future::join_all(tries).await {
        outcome.expect("each try succeeds");
    }
    let listed = house.workspaces.list_members(&house.call(ana), ListMembersRequest::default()).await.unwrap();
    assert_eq!(listed.members.len(), 1);
}

async fn the_workspace_of_another_owner_is_a_conflict(house: &House) {
    let ana = house.person("Ana").await;
    let thief = Person { user: UserId::from_uuid(house.ids.uuid()), workspace: ana.workspace };
    let failure = refused(house.provision(house.provisioning(thief, "Eve")).await);
    assert_eq!(failure.reason, Reason::Conflict);
    let resolve = ResolveMemberRequest { workspace_id: ana.workspace.to_string(), user_id: thief.user.to_string() };
    let failure = refused(house.workspaces.resolve_member(&house.nobody(), resolve).await);
    assert_eq!(failure.reason, Reason::NotFound);
}

async fn a_sign_up_with_malformed_ids_is_an_invalid_argument(house: &House) {
    let request = ProvisionWorkspaceRequest {
        workspace_id: "nonsense".into(),
        owner_user_id: "usr_1".into(),
        ..ProvisionWorkspaceRequest::default()
    };
    let failure = refused(house.provision(request).await);
    assert_eq!(failure.reason, Reason::InvalidArgument);
    let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!(fields, ["workspace_id", "owner_user_id"]);
}

async fn only_identity_signs_people_up(house: &House) {
    let ana = fresh(house);
    let edge = house.workspaces.called_by(Role::Edge);
    let outcome = edge.provision_workspace(&house.call(ana), house.provisioning(ana, "Ana")).await;
    assert_eq!(refused(outcome).reason, Reason::PermissionDenied);
}

fn fresh(house: &House) -> Person {
    use proto::id::WorkspaceId;
    Person { user: UserId::from_uuid(house.ids.uuid()), workspace: WorkspaceId::from_uuid(house.ids.uuid()) }
}
