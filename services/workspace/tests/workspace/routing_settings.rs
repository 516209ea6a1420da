//! How a workspace routes, as its members set it.

use crate::house::{House, Person, on_both_databases, openai, refused};
use proto::{
    Permission, Reason, Role,
    routing::{Alias, Deadlines, Fallback, Policy, Settings, Target},
    workspace::*,
};
use store::{Sql, SystemTx};

on_both_databases! {
    what_is_put_is_read_and_opened_for_the_gateway,
    everything_that_is_wrong_is_named_at_once_and_nothing_changes,
    a_check_says_the_same_and_changes_nothing,
    the_same_again_is_no_change,
    routing_is_read_by_members_and_written_by_who_may,
}

fn settings(model: &str) -> Settings {
    let target = Target { model: model.to_owned(), ..Target::default() };
    Settings {
        aliases: [("smart".to_owned(), Alias { targets: vec![target], policy: None })].into(),
        fallbacks: [("gpt".to_owned(), Fallback { models: vec!["smart".to_owned()] })].into(),
        ..Settings::default()
    }
}

async fn put(house: &House, person: Person, settings: &Settings) -> Result<Option<Settings>, tonic::Status> {
    let request = PutRoutingRequest { routing: Some(settings.clone()) };
    Ok(house.workspaces.put_routing(&house.call(person), request).await?.routing)
}

async fn get(house: &House, person: Person) -> Settings {
    let answer = house.workspaces.get_routing(&house.call(person), GetRoutingRequest {}).await;
    answer.unwrap().routing.unwrap()
}

async fn what_is_put_is_read_and_opened_for_the_gateway(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    assert_eq!(get(house, ana).await, Settings::default());
    let request = CreateProviderRequest { models: vec!["gpt".into(), "mini".into()], ..openai("own") };
    house.add_provider(ana, request).await.unwrap();
    for model in ["gpt", "own/mini", "simulator/chat"] {
        let wanted = settings(model);
        assert_eq!(put(house, ana, &wanted).await.unwrap().as_ref(), Some(&wanted));
        assert_eq!(get(house, ana).await, wanted);
        let gateway = house.workspaces.called_by(Role::Gateway);
        let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
        let opened = gateway.open_routing(&house.service_call(Role::Gateway), request).await.unwrap();
        assert_eq!(opened.routing, Some(wanted));
    }
    assert_eq!(get(house, bob).await, Settings::default());
}

async fn everything_that_is_wrong_is_named_at_once_and_nothing_changes(house: &House) {
    let ana = house.person("Ana").await;
    house.add_provider(ana, openai("own")).await.unwrap();
    let good = settings("own/gpt");
    put(house, ana, &good).await.unwrap();
    let mut bad = good.clone();
    let target = |model: &str| Target { model: model.to_owned(), ..Target::default() };
    bad.aliases.insert("loop".to_owned(), Alias { targets: vec![target("loop")], policy: None });
    let lost = Target { provider: "lost".to_owned(), ..target("gpt") };
    bad.aliases.insert("lost".to_owned(), Alias { targets: vec![lost], policy: None });
    let deadlines = Deadlines { headers_ms: 10, total_ms: 5, ..Deadlines::default() };
    bad.policy = Some(Policy { deadlines: Some(deadlines), ..Policy::default() });
    let failure = refused(put(house, ana, &bad).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
    let fields: Vec<_> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["aliases.lost.targets[0].provider", "aliases.loop.targets", "policy.deadlines.total_ms"]);
    assert_eq!(get(house, ana).await, good);
}

async fn a_check_says_the_same_and_changes_nothing(house: &House) {
    let ana = house.person("Ana").await;
    let check = |routing: Settings| {
        let request = CheckRoutingRequest { routing: Some(routing) };
        async move { house.workspaces.check_routing(&house.call(ana), request).await }
    };
    let failure = refused(check(settings("nobody/serves")).await);
    assert_eq!((failure.reason, failure.fields.len()), (Reason::RefusedValue, 1));
    check(settings("simulator/chat")).await.unwrap();
    assert_eq!(get(house, ana).await, Settings::default());
}

async fn the_same_again_is_no_change(house: &House) {
    let ana = house.person("Ana").await;
    let wanted = settings("simulator/chat");
    let told = async || {
        let mut tx = SystemTx::read(&house.db, "test").await.unwrap();
        let text = "select count(*) as n from outbox where kind = 'workspace.routing_changed'";
        let (rows,): (i64,) = tx.fetch_one(Sql { name: "told", postgres: text, sqlite: text }, &[]).await.unwrap();
        rows
    };
    put(house, ana, &wanted).await.unwrap();
    let once = told().await;
    put(house, ana, &wanted).await.unwrap();
    assert_eq!((once, told().await), (1, 1));
}

async fn routing_is_read_by_members_and_written_by_who_may(house: &House) {
    let ana = house.person("Ana").await;
    let read = house.only(ana, Permission::WorkspaceRead);
    house.workspaces.get_routing(&read, GetRoutingRequest {}).await.unwrap();
    let request = PutRoutingRequest { routing: Some(Settings::default()) };
    let failure = refused(house.workspaces.put_routing(&read, request).await);
    assert_eq!(failure.reason, Reason::PermissionDenied);
}
