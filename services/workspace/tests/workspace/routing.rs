//! What the gateway is given to route with.

use crate::house::{House, on_both_databases, openai, refused};
use proto::{Reason, Role, limits::Limits, workspace::*};

on_both_databases! {
    enabled_providers_come_by_priority_and_then_by_age,
    a_workspace_without_providers_has_an_empty_routing,
    only_the_gateway_opens_credentials,
}

async fn enabled_providers_come_by_priority_and_then_by_age(house: &House) {
    let ana = house.person("Ana").await;
    for (name, priority, enabled) in [("late", 5, true), ("off", 0, false), ("first", 0, true), ("second", 0, true)] {
        let request = CreateProviderRequest { priority: Some(priority), enabled: Some(enabled), ..openai(name) };
        house.add_provider(ana, request).await.unwrap();
    }
    let limits = Limits { rpm: Some(60), ..Limits::default() };
    let update = UpdateWorkspaceRequest {
        limits: Some(limits.clone()),
        currency: Some("EUR".into()),
        ..UpdateWorkspaceRequest::default()
    };
    house.workspaces.update_workspace(&house.call(ana), update).await.unwrap();
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let routing = gateway.open_routing(&house.service_call(Role::Gateway), request).await.unwrap();
    let names: Vec<_> = routing.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["first", "second", "late"]);
    assert_eq!((routing.limits, routing.currency.as_str()), (Some(limits), "EUR"));
    assert_eq!((routing.plan.as_str(), routing.time_zone.as_str()), ("free", "UTC"));
}

async fn a_workspace_without_providers_has_an_empty_routing(house: &House) {
    let ana = house.person("Ana").await;
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let routing = gateway.open_routing(&house.service_call(Role::Gateway), request).await.unwrap();
    assert_eq!((routing.providers.len(), routing.limits), (0, Some(Limits::default())));
}

async fn only_the_gateway_opens_credentials(house: &House) {
    let ana = house.person("Ana").await;
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    for role in [Role::Edge, Role::Identity, Role::UsageMetering, Role::Workspace] {
        let opened = house.workspaces.called_by(role).open_routing(&house.call(ana), request.clone()).await;
        assert_eq!(refused(opened).reason, Reason::PermissionDenied, "{role}");
    }
    let gateway = house.workspaces.called_by(Role::Gateway);
    let nowhere = OpenRoutingRequest { workspace_id: "ws_00000000000000000000000000".into() };
    let opened = gateway.open_routing(&house.service_call(Role::Gateway), nowhere).await;
    assert_eq!(refused(opened).reason, Reason::NotFound);
}
