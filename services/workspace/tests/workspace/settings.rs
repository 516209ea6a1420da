//! Creating, listing and changing workspaces.

use crate::house::{House, Person, on_both_databases, refused};
use proto::{
    Failure, Permission, Principal, Reason, Role,
    id::KeyId,
    limits::{Budget, Budgets, Limits, PerModel, Period},
    workspace::*,
};

on_both_databases! {
    somebody_creates_a_second_workspace_and_owns_it,
    a_long_list_of_workspaces_comes_in_pages_without_gaps,
    what_is_changed_changes_and_the_rest_stays,
    a_limit_that_is_left_out_is_lifted,
    budgets_are_set_alone_or_with_the_limits_and_not_twice,
    members_and_models_have_limits_of_their_own,
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
    let limits = Limits { rpm: Some(60), concurrency: Some(5), ..Limits::default() };
    let request = UpdateWorkspaceRequest {
        time_zone: Some("Europe/Lisbon".into()),
        limits: Some(limits.clone()),
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
    let all = Limits { rpm: Some(1), tpm: Some(2), concurrency: Some(3), ..Limits::default() };
    for limits in [all, Limits { tpm: Some(9), ..Limits::default() }] {
        let request = UpdateWorkspaceRequest { limits: Some(limits.clone()), ..UpdateWorkspaceRequest::default() };
        let changed = house.workspaces.update_workspace(&house.call(ana), request).await.unwrap().workspace.unwrap();
        assert_eq!(changed.limits, Some(limits));
    }
}

async fn update(house: &House, ana: Person, request: UpdateWorkspaceRequest) -> Result<Workspace, Failure> {
    let answer = house.workspaces.update_workspace(&house.call(ana), request).await;
    answer.map(|answer| answer.workspace.unwrap()).map_err(|status| (&status).into())
}

async fn budgets_are_set_alone_or_with_the_limits_and_not_twice(house: &House) {
    let ana = house.person("Ana").await;
    let month = Budget { amount_micros: 5_000_000, period: Period::Month.into(), soft: false };
    let day = Budget { amount_micros: 1_000_000, period: Period::Day.into(), soft: true };
    let limits = Limits { rpm: Some(60), budgets: vec![month, day], ..Limits::default() };
    let request = UpdateWorkspaceRequest { limits: Some(limits.clone()), ..UpdateWorkspaceRequest::default() };
    assert_eq!(update(house, ana, request).await.unwrap().limits, Some(limits.clone()));

    let alone = Some(Budgets { budgets: vec![month] });
    let request = UpdateWorkspaceRequest { budgets: alone.clone(), ..UpdateWorkspaceRequest::default() };
    let changed = update(house, ana, request).await.unwrap().limits.unwrap();
    assert_eq!((changed.rpm, changed.budgets), (Some(60), vec![month]));

    let twice = UpdateWorkspaceRequest { limits: Some(limits), budgets: alone, ..UpdateWorkspaceRequest::default() };
    let failure = update(house, ana, twice).await.unwrap_err();
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::InvalidArgument, "budget"));

    let beside = UpdateWorkspaceRequest {
        limits: Some(Limits { tpm: Some(5), ..Limits::default() }),
        budgets: Some(Budgets { budgets: vec![day] }),
        ..UpdateWorkspaceRequest::default()
    };
    let changed = update(house, ana, beside).await.unwrap().limits.unwrap();
    assert_eq!((changed.rpm, changed.tpm, changed.budgets), (None, Some(5), vec![day]));

    let lifted = UpdateWorkspaceRequest { limits: Some(Limits::default()), ..UpdateWorkspaceRequest::default() };
    assert_eq!(update(house, ana, lifted).await.unwrap().limits, Some(Limits::default()));
    let nothing = Budget { amount_micros: 0, ..month };
    let request = UpdateWorkspaceRequest {
        budgets: Some(Budgets { budgets: vec![nothing] }),
        ..UpdateWorkspaceRequest::default()
    };
    let failure = update(house, ana, request).await.unwrap_err();
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "budget.amount_micros"));
}

async fn members_and_models_have_limits_of_their_own(house: &House) {
    let ana = house.person("Ana").await;
    let per_user = Limits { tokens_per_day: Some(100_000), soft: true, ..Limits::default() };
    let of_model = Limits { rpm: Some(5), stop_streams_when_spent: true, ..Limits::default() };
    let per_model = PerModel { models: [("gpt-5".to_owned(), of_model)].into() };
    let request = UpdateWorkspaceRequest {
        per_user: Some(per_user.clone()),
        per_model: Some(per_model.clone()),
        ..UpdateWorkspaceRequest::default()
    };
    update(house, ana, request).await.unwrap();
    // What another change does not name stays.
    let request = UpdateWorkspaceRequest { name: Some("Lab".into()), ..UpdateWorkspaceRequest::default() };
    let read = update(house, ana, request).await.unwrap();
    assert_eq!((read.per_user, read.per_model), (Some(per_user.clone()), Some(per_model.clone())));
    let ask = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let routing = gateway.open_routing(&house.service_call(Role::Gateway), ask).await.unwrap();
    assert_eq!((routing.per_user, routing.per_model), (Some(per_user), Some(per_model)));

    let of_model = Limits { tokens_per_month: Some(0), ..Limits::default() };
    let request = UpdateWorkspaceRequest {
        per_user: Some(Limits { concurrency: Some(0), ..Limits::default() }),
        per_model: Some(PerModel { models: [("gpt-5".to_owned(), of_model)].into() }),
        ..UpdateWorkspaceRequest::default()
    };
    let failure = update(house, ana, request).await.unwrap_err();
    let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!(fields, ["per_user.concurrency", "per_model.gpt-5.tokens_per_month"]);
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
        limits: Some(Limits { rpm: Some(0), tpm: Some(-1), concurrency: Some(i64::MAX), ..Limits::default() }),
        ..UpdateWorkspaceRequest::default()
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
        let limit = UpdateWorkspaceRequest { limits: Some(limits.clone()), ..UpdateWorkspaceRequest::default() };
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
