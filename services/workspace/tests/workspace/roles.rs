//! Roles that a workspace makes for itself.

mod giving;
mod together;

use crate::house::{House, Person, on_both_databases, refused};
use proto::{Call, Permission, Reason, workspace::*};
use tonic::Status;

on_both_databases! {
    a_role_is_made_read_listed_changed_and_removed,
    each_bad_field_of_a_role_is_named,
    the_four_of_every_workspace_stay_as_they_are,
    a_workspace_has_at_most_fifty_of_its_own,
    a_role_that_is_asked_for_again_is_the_same_one,
    a_role_of_another_workspace_does_not_exist,
    what_happens_to_a_role_is_in_the_trail_and_doors_are_told_once,
}

pub(super) fn new(name: &str, permissions: &[&str]) -> CreateRoleRequest {
    let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
    CreateRoleRequest { name: name.into(), description: "for the books".into(), permissions }
}

pub(super) fn may(name: &str, permissions: &[&str]) -> UpdateRoleRequest {
    let names = permissions.iter().map(|p| (*p).to_owned()).collect();
    UpdateRoleRequest { name: name.into(), description: None, permissions: Some(RolePermissions { names }) }
}

pub(crate) async fn make(house: &House, by: &Call, name: &str, permissions: &[&str]) -> Result<WorkspaceRole, Status> {
    Ok(house.workspaces.create_role(by, new(name, permissions)).await?.role.expect("an answer holds the role"))
}

pub(super) async fn delete(house: &House, by: &Call, name: &str) -> Result<(), Status> {
    house.workspaces.delete_role(by, DeleteRoleRequest { name: name.into() }).await.map(drop)
}

async fn get(house: &House, by: &Call, name: &str) -> Result<WorkspaceRole, Status> {
    Ok(house.workspaces.get_role(by, GetRoleRequest { name: name.into() }).await?.role.expect("the role"))
}

async fn a_role_is_made_read_listed_changed_and_removed(house: &House) {
    let ana = house.call(house.person("Ana").await);
    let made = make(house, &ana, "auditor", &["audit.read", "usage.read", "audit.read"]).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_str(), made.built_in), ("auditor", "for the books", false));
    assert_eq!(made.permissions, ["usage.read", "audit.read"], "each once");
    assert_eq!(get(house, &ana, "auditor").await.unwrap(), made);
    make(house, &ana, "a-first", &["inference"]).await.unwrap();
    let listed = house.workspaces.list_roles(&ana, ListRolesRequest {}).await.unwrap().roles;
    let names: Vec<_> = listed.iter().map(|role| (role.name.as_str(), role.built_in)).collect();
    let built_in = ["owner", "admin", "member", "viewer"].map(|name| (name, true));
    assert_eq!(names, [&built_in[..], &[("a-first", false), ("auditor", false)]].concat());
    house.hand.advance(chrono::TimeDelta::minutes(1));
    let changed = house.workspaces.update_role(&ana, may("auditor", &["logs.read"])).await.unwrap().role.unwrap();
    assert_eq!(
        (changed.permissions.as_slice(), changed.description.as_str()),
        (&["logs.read".into()][..], "for the books")
    );
    assert!(changed.updated_at.map(|at| at.seconds) > made.updated_at.map(|at| at.seconds));
    assert_eq!(changed.created_at, made.created_at);
    let text = UpdateRoleRequest { description: Some(String::new()), permissions: None, name: "auditor".into() };
    let changed = house.workspaces.update_role(&ana, text).await.unwrap().role.unwrap();
    assert_eq!((changed.description.as_str(), changed.permissions.len()), ("", 1));
    assert_eq!(get(house, &ana, "auditor").await.unwrap(), changed);
    let taken = refused(make(house, &ana, "auditor", &["inference"]).await);
    assert_eq!((taken.reason, taken.fields[0].0.as_str()), (Reason::Conflict, "name"));
    delete(house, &ana, "auditor").await.unwrap();
    assert_eq!(refused(get(house, &ana, "auditor").await).reason, Reason::NotFound);
    assert_eq!(refused(delete(house, &ana, "auditor").await).reason, Reason::NotFound);
    let gone = house.workspaces.update_role(&ana, may("auditor", &["logs.read"])).await;
    assert_eq!(refused(gone).reason, Reason::NotFound);
}

async fn each_bad_field_of_a_role_is_named(house: &House) {
    let ana = house.call(house.person("Ana").await);
    let long = "x".repeat(41);
    for (request, field, reason) in [
        (new("", &["inference"]), "name", Reason::InvalidArgument),
        (new("Auditor", &["inference"]), "name", Reason::RefusedValue),
        (new("admin", &["inference"]), "name", Reason::RefusedValue),
        (new(&long, &["inference"]), "name", Reason::RefusedValue),
        (new("auditor", &[]), "permissions", Reason::RefusedValue),
        (new("auditor", &["inference", "audit.red"]), "permissions", Reason::RefusedValue),
        (new("auditor", &["workspace.own"]), "permissions", Reason::RefusedValue),
        (new("auditor", &["account"]), "permissions", Reason::RefusedValue),
        (new("auditor", &["platform.write"]), "permissions", Reason::RefusedValue),
        (
            CreateRoleRequest { description: "a\nb".into(), ..new("auditor", &["inference"]) },
            "description",
            Reason::RefusedValue,
        ),
    ] {
        let shown = format!("{request:?}");
        let failure = refused(house.workspaces.create_role(&ana, request).await);
        let fields: Vec<_> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!((failure.reason, fields.as_slice()), (reason, &[field][..]), "{shown}: {failure}");
    }
    make(house, &ana, "auditor", &["inference"]).await.unwrap();
    for permissions in [&[][..], &["workspace.own"], &["platform.read"], &["nothing"]] {
        let failure = refused(house.workspaces.update_role(&ana, may("auditor", permissions)).await);
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "permissions"), "{failure}");
    }
    assert_eq!(get(house, &ana, "auditor").await.unwrap().permissions, ["inference"]);
}

async fn the_four_of_every_workspace_stay_as_they_are(house: &House) {
    let ana = house.call(house.person("Ana").await);
    for name in ["owner", "admin", "member", "viewer"] {
        let role = get(house, &ana, name).await.unwrap();
        assert!(role.built_in && role.created_at.is_none() && !role.description.is_empty(), "{role:?}");
        assert_eq!(role.permissions.iter().any(|p| p == "workspace.own"), name == "owner", "{role:?}");
        assert_eq!(refused(delete(house, &ana, name).await).reason, Reason::Conflict);
        let changed = house.workspaces.update_role(&ana, may(name, &["inference"])).await;
        assert_eq!(refused(changed).reason, Reason::Conflict);
        assert_eq!(get(house, &ana, name).await.unwrap(), role);
    }
}

async fn a_workspace_has_at_most_fifty_of_its_own(house: &House) {
    let ana = house.call(house.person("Ana").await);
    for n in 0..49 {
        make(house, &ana, &format!("role-{n}"), &["inference"]).await.unwrap();
    }
    // Of many who want the last place one gets it.
    let at_once = (0..5).map(|n| {
        let (name, ana) = (format!("last-{n}"), &ana);
        async move { make(house, ana, &name, &["inference"]).await }
    });
    let made = futures::future::join_all(at_once).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    for failure in made.into_iter().filter(Result::is_err).map(refused) {
        assert_eq!((failure.reason, failure.get("limit")), (Reason::RefusedValue, Some("50")));
    }
    let eve = house.call(house.person("Eve").await);
    make(house, &eve, "auditor", &["inference"]).await.expect("others have their own");
}

async fn a_role_that_is_asked_for_again_is_the_same_one(house: &House) {
    let ana = Call { idempotency_key: Some("once".into()), ..house.call(house.person("Ana").await) };
    let made = house.workspaces.create_role(&ana, new("auditor", &["inference"])).await.unwrap();
    let again = house.workspaces.create_role(&ana, new("auditor", &["inference"])).await.unwrap();
    assert_eq!(again, CreateRoleResponse { replayed: true, ..made });
    let other = house.workspaces.create_role(&ana, new("auditor", &["audit.read"])).await;
    assert_eq!(refused(other).reason, Reason::IdempotencyMismatch);
}

async fn a_role_of_another_workspace_does_not_exist(house: &House) {
    let (ana, eve) = (house.person("Ana").await, house.person("Eve").await);
    make(house, &house.call(ana), "auditor", &["audit.read"]).await.unwrap();
    let eves = house.call(eve);
    assert_eq!(refused(get(house, &eves, "auditor").await).reason, Reason::NotFound);
    assert_eq!(refused(delete(house, &eves, "auditor").await).reason, Reason::NotFound);
    let changed = house.workspaces.update_role(&eves, may("auditor", &["inference"])).await;
    assert_eq!(refused(changed).reason, Reason::NotFound);
    assert_eq!(house.workspaces.list_roles(&eves, ListRolesRequest {}).await.unwrap().roles.len(), 4);
    // The same name is another role there, and says nothing of members here.
    make(house, &eves, "auditor", &["logs.read"]).await.unwrap();
    let colleague = crate::members::join(house, ana, "auditor").await;
    let scopes = crate::members::call_of(house, colleague, ana).await.scopes;
    assert!(scopes.contains(Permission::AuditRead) && !scopes.contains(Permission::LogsRead), "{scopes:?}");
}

async fn what_happens_to_a_role_is_in_the_trail_and_doors_are_told_once(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    make(house, &call, "auditor", &["audit.read"]).await.unwrap();
    house.workspaces.update_role(&call, may("auditor", &["audit.read", "usage.read"])).await.unwrap();
    // Nothing changes, and nothing is reported.
    house.workspaces.update_role(&call, may("auditor", &["usage.read", "audit.read"])).await.unwrap();
    let text = UpdateRoleRequest { name: "auditor".into(), description: Some("reads".into()), permissions: None };
    house.workspaces.update_role(&call, text).await.unwrap();
    delete(house, &call, "auditor").await.unwrap();
    let list = ListAuditEventsRequest { page_size: 5, ..ListAuditEventsRequest::default() };
    let trail = house.workspaces.list_audit_events(&call, list).await.unwrap().events;
    let of_roles = trail.iter().filter(|event| event.action.starts_with("role.")).rev();
    let told: Vec<_> = of_roles.map(|e| (e.action.as_str(), e.subject.as_str(), e.details_json.as_str())).collect();
    let both = r#"["usage.read","audit.read"]"#;
    let changed = format!(r#"{{"changed":["permissions"],"permissions":{both},"permissions_before":["audit.read"]}}"#);
    assert_eq!(
        told,
        [
            ("role.created", "auditor", r#"{"permissions":["audit.read"]}"#),
            ("role.updated", "auditor", changed.as_str()),
            ("role.updated", "auditor", r#"{"changed":["description"],"description":"reads"}"#),
            ("role.deleted", "auditor", format!(r#"{{"permissions":{both}}}"#).as_str()),
        ]
    );
    assert_eq!(published(house, "workspace.roles_changed").await, 1, "for the one change of what it may do");
    // What the service follows of its own feed adds nothing.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let trail = house.workspaces.list_audit_events(&call, ListAuditEventsRequest::default()).await.unwrap().events;
    assert!(trail.iter().all(|event| event.action != "workspace.roles_changed"), "{trail:?}");
}

async fn published(house: &House, kind: &'static str) -> i64 {
    let text = "select count(*) as n from outbox where kind = $1";
    let sql = store::Sql { name: "test/published", postgres: text, sqlite: text };
    let mut tx = store::SystemTx::read(&house.db, "audit trail of all workspaces").await.unwrap();
    let (n,): (i64,) = tx.fetch_one(sql, &[kind.into()]).await.unwrap();
    n
}

/// Somebody of Ana's workspace with a role of its own, and their call.
pub(super) async fn holder(house: &House, ana: Person, name: &str, permissions: &[&str]) -> (Person, Call) {
    make(house, &house.call(ana), name, permissions).await.unwrap();
    let user = crate::members::join(house, ana, name).await;
    (Person { user, workspace: ana.workspace }, crate::members::call_of(house, user, ana).await)
}
