//! Providers of the platform: operators change them, workspaces get what is for them, and nobody sees a key.

use crate::{
    credentials::{contains, everything_stored},
    house::{House, Person, on_both_databases, openai, refused},
};
use futures::StreamExt as _;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    feed::{Event, WatchRequest},
    routing::{Alias, PlatformUse, Settings, Target},
    workspace::*,
};
use std::time::Duration;
use store::{GlobalTx, Sql, WorkspaceTx, platform_audit, seal::MasterKey};
use workspace::{Config, SEALED};

const CANARY: &str = "sk-canary-9a8b7c6d-5544";

on_both_databases! {
    operators_add_read_change_and_remove_them,
    nobody_but_operators_sees_or_changes_them,
    workspaces_get_what_is_for_them_and_know_what_another_plan_has,
    a_key_is_sealed_and_nowhere_else,
    a_key_that_does_not_open_keeps_nobody_from_their_own,
    another_master_key_seals_them_again,
    every_change_is_in_the_platforms_trail_and_told_without_a_workspace,
    what_is_wrong_is_said_at_once,
    a_key_does_not_follow_to_another_server,
    a_repeated_creation_is_the_same_one,
    routing_settings_may_name_what_is_offered,
}

fn operator(house: &House, person: Person) -> Call {
    let scopes = Scopes::NONE.with(Permission::PlatformRead).with(Permission::PlatformWrite);
    Call { workspace: None, scopes, ..house.call(person) }
}

fn house_openai(name: &str) -> CreatePlatformProviderRequest {
    let provider = CreateProviderRequest { api_key: Some(CANARY.into()), models: vec!["gpt".into()], ..openai(name) };
    CreatePlatformProviderRequest { provider: Some(provider), ..CreatePlatformProviderRequest::default() }
}

async fn add(house: &House, call: &Call, request: CreatePlatformProviderRequest) -> PlatformProvider {
    house.workspaces.create_platform_provider(call, request).await.unwrap().provider.unwrap()
}

fn id(provider: &PlatformProvider) -> String {
    provider.provider.as_ref().unwrap().id.clone()
}

async fn open(house: &House, person: Person) -> OpenRoutingResponse {
    let request = OpenRoutingRequest { workspace_id: person.workspace.to_string() };
    house.workspaces.called_by(Role::Gateway).open_routing(&house.service_call(Role::Gateway), request).await.unwrap()
}

async fn offered(house: &House, person: Person) -> Vec<String> {
    open(house, person).await.platform_providers.into_iter().map(|p| p.name).collect()
}

async fn operators_add_read_change_and_remove_them(house: &House) {
    let ana = house.person("Ana").await;
    let (call, workspaces) = (operator(house, ana), &house.workspaces);
    let made =
        add(house, &call, CreatePlatformProviderRequest { plans: vec!["pro".into()], ..house_openai("main") }).await;
    let provider = made.provider.clone().unwrap();
    assert_eq!((provider.key_hint.as_str(), provider.weight, provider.enabled), ("5544", 1, true));
    assert_eq!((provider.base_url.as_str(), made.plans.clone()), ("https://api.openai.com/v1", vec!["pro".to_owned()]));
    let get = || GetPlatformProviderRequest { provider_id: id(&made) };
    let read = workspaces.get_platform_provider(&call, get()).await.unwrap().provider;
    assert_eq!(read, Some(made.clone()));
    let change =
        UpdateProviderRequest { provider_id: id(&made), priority: Some(7), ..UpdateProviderRequest::default() };
    let names = |names: &[&str]| Some(Names { names: names.iter().map(|n| (*n).to_owned()).collect() });
    let update = UpdatePlatformProviderRequest {
        provider: Some(change),
        plans: names(&[]),
        workspaces: names(&[&ana.workspace.to_string()]),
    };
    let changed = workspaces.update_platform_provider(&call, update).await.unwrap().provider.unwrap();
    assert_eq!((changed.plans.len(), changed.workspaces.clone()), (0, vec![ana.workspace.to_string()]));
    let now = changed.provider.clone().unwrap();
    assert_eq!(
        (now.priority, now.key_hint.as_str(), now.models),
        (7, "5544", vec!["gpt".to_owned()]),
        "the rest stays"
    );
    let second = add(house, &call, house_openai("second")).await;
    let first_page = ListPlatformProvidersRequest { page_size: 1, ..ListPlatformProvidersRequest::default() };
    let page = workspaces.list_platform_providers(&call, first_page).await.unwrap();
    assert_eq!(page.providers, std::slice::from_ref(&second), "newest first");
    let next = ListPlatformProvidersRequest { page_size: 1, page_token: page.next_page_token };
    assert_eq!(workspaces.list_platform_providers(&call, next).await.unwrap().providers, [changed]);
    let delete = DeletePlatformProviderRequest { provider_id: id(&made) };
    workspaces.delete_platform_provider(&call, delete.clone()).await.unwrap();
    assert_eq!(refused(workspaces.get_platform_provider(&call, get()).await).reason, Reason::NotFound);
    assert_eq!(refused(workspaces.delete_platform_provider(&call, delete).await).reason, Reason::NotFound);
    assert_eq!(offered(house, ana).await, ["second"]);
}

async fn nobody_but_operators_sees_or_changes_them(house: &House) {
    let ana = house.person("Ana").await;
    let made = add(house, &operator(house, ana), house_openai("main")).await;
    let every = Permission::ALL.iter().copied().filter(|p| p.is_of_workspaces());
    let owner = Call { scopes: every.collect(), ..house.call(ana) };
    let developer = Call { workspace: None, ..house.only(ana, Permission::PlatformRead) };
    let workspaces = &house.workspaces;
    let get = GetPlatformProviderRequest { provider_id: id(&made) };
    workspaces.get_platform_provider(&developer, get.clone()).await.expect("developers read");
    for (call, reads) in [(&owner, false), (&developer, true)] {
        let list = ListPlatformProvidersRequest::default();
        assert_eq!(workspaces.list_platform_providers(call, list).await.is_ok(), reads);
        assert_eq!(workspaces.get_platform_provider(call, get.clone()).await.is_ok(), reads);
        let change = UpdateProviderRequest { provider_id: id(&made), ..UpdateProviderRequest::default() };
        let update =
            UpdatePlatformProviderRequest { provider: Some(change), ..UpdatePlatformProviderRequest::default() };
        let delete = DeletePlatformProviderRequest { provider_id: id(&made) };
        for refusal in [
            refused(workspaces.create_platform_provider(call, house_openai("other")).await),
            refused(workspaces.update_platform_provider(call, update).await),
            refused(workspaces.delete_platform_provider(call, delete).await),
        ] {
            assert_eq!(refusal.reason, Reason::PermissionDenied);
        }
    }
    // As one of the workspace's own it does not exist, neither to be read nor to be changed.
    let as_own = GetProviderRequest { provider_id: id(&made) };
    assert_eq!(refused(workspaces.get_provider(&owner, as_own).await).reason, Reason::NotFound);
    let as_own = UpdateProviderRequest { provider_id: id(&made), ..UpdateProviderRequest::default() };
    assert_eq!(refused(workspaces.update_provider(&owner, as_own).await).reason, Reason::NotFound);
    assert!(workspaces.list_providers(&owner, ListProvidersRequest::default()).await.unwrap().providers.is_empty());
    let open = OpenPlatformProviderRequest { provider_id: id(&made) };
    let refusal =
        refused(workspaces.called_by(Role::Edge).open_platform_provider(&house.service_call(Role::Edge), open).await);
    assert_eq!(refusal.reason, Reason::PermissionDenied, "credentials are opened for the gateway alone");
}

async fn workspaces_get_what_is_for_them_and_know_what_another_plan_has(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let call = operator(house, ana);
    let for_bob = CreatePlatformProviderRequest { workspaces: vec![bob.workspace.to_string()], ..house_openai("bobs") };
    let of_pro = CreatePlatformProviderRequest { plans: vec!["pro".into()], ..house_openai("pros") };
    let mut either = CreatePlatformProviderRequest { plans: vec!["pro".into()], ..for_bob.clone() };
    either.provider.as_mut().unwrap().name = "either".into();
    let mut off = house_openai("off");
    off.provider.as_mut().unwrap().enabled = Some(false);
    let mut first = house_openai("everybodys");
    first.provider.as_mut().unwrap().priority = Some(0);
    for request in [for_bob, of_pro, either, off] {
        add(house, &call, request).await;
    }
    let all = add(house, &call, first).await;
    assert_eq!(offered(house, ana).await, ["everybodys"]);
    assert_eq!(offered(house, bob).await, ["bobs", "either", "everybodys"]);
    let locked: Vec<_> = open(house, ana).await.locked_providers;
    let told: Vec<_> = locked.iter().map(|l| (l.name.as_str(), l.plans.join(","))).collect();
    assert_eq!(
        told,
        [("pros", "pro".to_owned()), ("either", "pro".to_owned())],
        "what is for others only is nobody's business"
    );
    on_plan(house, ana, "pro").await;
    assert_eq!(offered(house, ana).await, ["pros", "either", "everybodys"]);
    assert!(open(house, ana).await.locked_providers.is_empty());
    let change =
        UpdateProviderRequest { provider_id: id(&all), enabled: Some(false), ..UpdateProviderRequest::default() };
    let update = UpdatePlatformProviderRequest { provider: Some(change), ..UpdatePlatformProviderRequest::default() };
    house.workspaces.update_platform_provider(&call, update).await.unwrap();
    assert_eq!(offered(house, ana).await, ["pros", "either"]);
    let opened = open(house, ana).await.platform_providers;
    assert!(opened.iter().all(|p| p.api_key == CANARY && p.models == ["gpt"]), "{opened:?}");
}

async fn a_key_is_sealed_and_nowhere_else(house: &House) {
    let ana = house.person("Ana").await;
    let call = operator(house, ana);
    let request = house_openai("main");
    let mut seen = format!("{request:?}");
    let made = house.workspaces.create_platform_provider(&call, request).await.unwrap();
    seen += &format!("{made:?}");
    let list = ListPlatformProvidersRequest::default();
    seen += &format!("{:?}", house.workspaces.list_platform_providers(&call, list).await);
    seen += &format!("{:?}", open(house, ana).await);
    let acts = platform_audit::acts(&house.db, 10).await.unwrap();
    seen += &format!("{acts:?}");
    assert!(!seen.contains("canary") && seen.contains("5544"), "{seen}");
    let pages = everything_stored(house).await;
    assert!(contains(&pages, b"platform_provider.created"), "the scan sees what is stored");
    assert!(!contains(&pages, CANARY.as_bytes()));
}

async fn a_key_that_does_not_open_keeps_nobody_from_their_own(house: &House) {
    let ana = house.person("Ana").await;
    house
        .add_provider(ana, CreateProviderRequest { api_key: Some("sk-own-key-1234".into()), ..openai("own") })
        .await
        .unwrap();
    let call = operator(house, ana);
    for name in ["a", "b"] {
        add(house, &call, house_openai(name)).await;
    }
    let copy =
        "update platform_providers set sealed_key = (select p.sealed_key from platform_providers p where p.name = 'a')";
    by_hand(house, copy).await;
    assert_eq!(offered(house, ana).await, ["a"], "one that was copied does not open");
    assert_eq!(open(house, ana).await.providers[0].api_key, "sk-own-key-1234");
}

async fn another_master_key_seals_them_again(house: &House) {
    let ana = house.person("Ana").await;
    add(house, &operator(house, ana), house_openai("main")).await;
    let new = MasterKey::generate();
    let ring = new.clone().beside([house.master.clone()]);
    for column in SEALED {
        column.rotate(&house.db, &ring).await.unwrap();
    }
    let (_, workspaces) = house.again(new, Config::default());
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let call = house.service_call(Role::Gateway);
    let opened = workspaces.called_by(Role::Gateway).open_routing(&call, request).await.unwrap();
    assert_eq!(opened.platform_providers[0].api_key, CANARY);
}

async fn every_change_is_in_the_platforms_trail_and_told_without_a_workspace(house: &House) {
    let ana = house.person("Ana").await;
    // Whatever workspace the operator's call names: it is not about that.
    let call = Call { workspace: Some(ana.workspace), ..operator(house, ana) };
    let made =
        add(house, &call, CreatePlatformProviderRequest { plans: vec!["pro".into()], ..house_openai("main") }).await;
    let change = UpdateProviderRequest {
        provider_id: id(&made),
        api_key: Some("sk-canary-new-1".into()),
        enabled: Some(false),
        ..UpdateProviderRequest::default()
    };
    let update =
        UpdatePlatformProviderRequest { provider: Some(change), plans: Some(Names::default()), workspaces: None };
    house.workspaces.update_platform_provider(&call, update).await.unwrap();
    // Nothing changes, so nothing is told.
    let change =
        UpdateProviderRequest { provider_id: id(&made), enabled: Some(false), ..UpdateProviderRequest::default() };
    let update = UpdatePlatformProviderRequest { provider: Some(change), ..UpdatePlatformProviderRequest::default() };
    house.workspaces.update_platform_provider(&call, update).await.unwrap();
    let delete = DeletePlatformProviderRequest { provider_id: id(&made) };
    house.workspaces.delete_platform_provider(&call, delete).await.unwrap();
    let kinds = ["platform_provider.created", "platform_provider.updated", "platform_provider.deleted"];
    let events = told(house, 3).await;
    assert_eq!(events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), kinds);
    assert!(
        events.iter().all(|e| e.workspace_id.is_empty() && e.subject == id(&made) && e.actor == ana.user.to_string())
    );
    assert!(events.iter().all(|e| !e.payload.contains("canary")), "{events:?}");
    let acts = platform_audit::acts(&house.db, 10).await.unwrap();
    assert_eq!(acts.iter().rev().map(|act| act.action.as_str()).collect::<Vec<_>>(), kinds);
    assert!(acts.iter().all(|act| act.actor == ana.user.to_string() && act.request_id == call.request_id.to_string()));
    assert_eq!(acts[1].facts["changed"], serde_json::json!(["enabled", "api_key", "plans"]));
    let own = house.workspaces.list_audit_events(&house.call(ana), ListAuditEventsRequest::default()).await.unwrap();
    assert!(own.events.iter().all(|event| !event.action.starts_with("platform")), "{own:?}");
}

async fn what_is_wrong_is_said_at_once(house: &House) {
    let ana = house.person("Ana").await;
    let (call, workspaces) = (operator(house, ana), &house.workspaces);
    let mut bad = house_openai("a/b");
    (bad.plans, bad.workspaces) = (vec![" ".into()], vec!["nobody".into()]);
    let refusal = refused(workspaces.create_platform_provider(&call, bad).await);
    let mut fields: Vec<_> = refusal.fields.iter().map(|(field, _)| field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!((refusal.reason, fields), (Reason::RefusedValue, vec!["name", "plans", "workspaces"]));
    let simulator = CreateProviderRequest { provider: "simulator".into(), ..CreateProviderRequest::default() };
    let simulator = CreatePlatformProviderRequest { provider: Some(simulator), ..Default::default() };
    assert_eq!(refused(workspaces.create_platform_provider(&call, simulator).await).reason, Reason::RefusedValue);
    let none = CreatePlatformProviderRequest::default();
    assert_eq!(refused(workspaces.create_platform_provider(&call, none).await).reason, Reason::InvalidArgument);
    let mut inside = house_openai("inside");
    inside.provider.as_mut().unwrap().base_url = "http://169.254.169.254/v1".into();
    assert_eq!(refused(workspaces.create_platform_provider(&call, inside).await).reason, Reason::EgressRefused);
    add(house, &call, house_openai("main")).await;
    let taken = refused(workspaces.create_platform_provider(&call, house_openai("MAIN")).await);
    assert_eq!((taken.reason, taken.fields.len()), (Reason::Conflict, 1));
    house.add_provider(ana, openai("main")).await.expect("a workspace's own may be called the same");
    let (_, small) = house.again(house.master.clone(), Config { max_providers: 1, ..Config::default() });
    assert_eq!(refused(small.create_platform_provider(&call, house_openai("more")).await).reason, Reason::RefusedValue);
}

async fn a_key_does_not_follow_to_another_server(house: &House) {
    let ana = house.person("Ana").await;
    let call = operator(house, ana);
    let made = add(house, &call, house_openai("main")).await;
    let to = |key: Option<&str>| {
        let change = UpdateProviderRequest {
            provider_id: id(&made),
            base_url: Some("https://evil.example/v1".into()),
            api_key: key.map(str::to_owned),
            ..UpdateProviderRequest::default()
        };
        UpdatePlatformProviderRequest { provider: Some(change), ..UpdatePlatformProviderRequest::default() }
    };
    let refusal = refused(house.workspaces.update_platform_provider(&call, to(None)).await);
    assert_eq!((refusal.reason, refusal.fields[0].0.as_str()), (Reason::RefusedValue, "api_key"));
    house.workspaces.update_platform_provider(&call, to(Some("sk-other-0001"))).await.expect("a key of its own");
    assert_eq!(open(house, ana).await.platform_providers[0].api_key, "sk-other-0001");
}

async fn a_repeated_creation_is_the_same_one(house: &House) {
    let ana = house.person("Ana").await;
    let call = Call { idempotency_key: Some("once".into()), ..operator(house, ana) };
    let made = house.workspaces.create_platform_provider(&call, house_openai("main")).await.unwrap();
    let again = house.workspaces.create_platform_provider(&call, house_openai("main")).await.unwrap();
    assert_eq!(again, CreatePlatformProviderResponse { replayed: true, ..made });
    let other = house.workspaces.create_platform_provider(&call, house_openai("other")).await;
    assert_eq!(refused(other).reason, Reason::IdempotencyMismatch);
}

async fn routing_settings_may_name_what_is_offered(house: &House) {
    let ana = house.person("Ana").await;
    let (call, workspaces) = (house.call(ana), &house.workspaces);
    let settings = |platform: PlatformUse| {
        let target = Target { model: "gpt".into(), provider: "platform".into(), ..Target::default() };
        let aliases = [("smart".to_owned(), Alias { targets: vec![target], policy: None })].into();
        let routing = Settings { aliases, platform: platform.into(), ..Settings::default() };
        PutRoutingRequest { routing: Some(routing) }
    };
    let wanted = || settings(PlatformUse::Fallback);
    assert_eq!(
        refused(workspaces.put_routing(&call, wanted()).await).reason,
        Reason::RefusedValue,
        "nothing is offered"
    );
    add(
        house,
        &operator(house, ana),
        CreatePlatformProviderRequest { plans: vec!["pro".into()], ..house_openai("main") },
    )
    .await;
    assert_eq!(refused(workspaces.put_routing(&call, wanted()).await).reason, Reason::RefusedValue, "not to this plan");
    on_plan(house, ana, "pro").await;
    workspaces.put_routing(&call, wanted()).await.unwrap();
    let kept = workspaces.get_routing(&call, GetRoutingRequest {}).await.unwrap().routing.unwrap();
    assert_eq!(kept.platform(), PlatformUse::Fallback);
    let off = refused(workspaces.put_routing(&call, settings(PlatformUse::Off)).await);
    assert_eq!(off.fields[0].0, "aliases.smart.targets[0].model", "nobody is there any more whom it names");
}

async fn on_plan(house: &House, person: Person, plan: &'static str) {
    let text = "update workspaces set plan = $2 where workspace_id = $1";
    let mut tx = WorkspaceTx::begin(&house.db, person.workspace).await.unwrap();
    let sql = Sql { name: "by hand", postgres: text, sqlite: text };
    assert_eq!(tx.execute(sql, &[person.workspace.into(), plan.into()]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

/// What somebody with the database in hand could do.
async fn by_hand(house: &House, text: &'static str) {
    let mut tx = GlobalTx::begin(&house.db).await.unwrap();
    assert!(tx.execute(Sql { name: "by hand", postgres: text, sqlite: text }, &[]).await.unwrap() > 0);
    tx.commit().await.unwrap();
}

/// What the feed says of providers of the platform, once it says so much.
async fn told(house: &House, count: usize) -> Vec<Event> {
    let call = house.service_call(Role::Gateway);
    let gateway = house.workspaces.called_by(Role::Gateway);
    let mut batches = gateway.watch(&call, WatchRequest { after: Some(0) }).await.unwrap();
    let mut events: Vec<Event> = vec![];
    let read = async {
        while events.len() < count {
            let batch = batches.next().await.unwrap().unwrap().events;
            events.extend(batch.into_iter().filter(|event| event.kind.starts_with("platform_provider.")));
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("the feed says it within ten seconds");
    events
}
