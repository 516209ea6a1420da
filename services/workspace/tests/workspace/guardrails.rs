//! What a workspace lets pass, as its members set it.

use crate::house::{House, Person, on_both_databases, refused};
use proto::{
    Permission, Reason, Role,
    guardrails::{Action, Detector, Moderation, Rule, Settings},
    routing::{Cache, Policy},
    workspace::*,
};
use store::{Sql, SystemTx};

on_both_databases! {
    what_is_put_is_read_and_opened_for_the_gateway,
    everything_that_is_wrong_is_named_at_once_and_nothing_changes,
    the_trail_names_rules_and_not_what_they_look_for,
    a_key_for_answers_is_given_only_where_some_are_kept,
}

fn rule(name: &str, action: Action) -> Rule {
    Rule { name: name.to_owned(), action: action.into(), ..Rule::default() }
}

async fn put(house: &House, person: Person, rules: Vec<Rule>) -> Result<Option<Settings>, tonic::Status> {
    let request = PutGuardrailsRequest { guardrails: Some(Settings { rules }) };
    Ok(house.workspaces.put_guardrails(&house.call(person), request).await?.guardrails)
}

async fn get(house: &House, person: Person) -> Settings {
    let answer = house.workspaces.get_guardrails(&house.call(person), GetGuardrailsRequest {}).await;
    answer.unwrap().guardrails.unwrap()
}

async fn opened(house: &House, person: Person) -> OpenRoutingResponse {
    let gateway = house.workspaces.called_by(Role::Gateway);
    let request = OpenRoutingRequest { workspace_id: person.workspace.to_string() };
    gateway.open_routing(&house.service_call(Role::Gateway), request).await.unwrap()
}

async fn what_is_put_is_read_and_opened_for_the_gateway(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    assert_eq!(get(house, ana).await, Settings::default());
    let judge = Moderation { model: "simulator/moderation".to_owned(), ..Moderation::default() };
    let rules = vec![
        Rule { detect: vec![Detector::Cpf.into()], ..rule("pii", Action::Redact) },
        Rule { patterns: vec!["sk-[a-z]{8}".to_owned()], ..rule("keys", Action::Block) },
        Rule { moderation: Some(judge), ..rule("judge", Action::Flag) },
    ];
    let wanted = Settings { rules: rules.clone() };
    assert_eq!(put(house, ana, rules).await.unwrap().as_ref(), Some(&wanted));
    assert_eq!(get(house, ana).await, wanted);
    assert_eq!(opened(house, ana).await.guardrails, Some(wanted));
    assert_eq!(get(house, bob).await, Settings::default());
    let read = house.only(ana, Permission::WorkspaceRead);
    let request = PutGuardrailsRequest { guardrails: None };
    assert_eq!(refused(house.workspaces.put_guardrails(&read, request).await).reason, Reason::PermissionDenied);
}

async fn everything_that_is_wrong_is_named_at_once_and_nothing_changes(house: &House) {
    let ana = house.person("Ana").await;
    let good = vec![Rule { words: vec!["acme".to_owned()], ..rule("rivals", Action::Flag) }];
    put(house, ana, good.clone()).await.unwrap();
    let judge = Moderation { model: "nobody/judge".to_owned(), ..Moderation::default() };
    let bad = vec![
        Rule { patterns: vec![r"(\w{100}){100}".to_owned(), "(?=a)".to_owned()], ..rule("big", Action::Block) },
        Rule { moderation: Some(judge), ..rule("judge", Action::Block) },
    ];
    let failure = refused(put(house, ana, bad).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
    let fields: Vec<_> = failure.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["rules[0].patterns[0]", "rules[0].patterns[1]", "rules[1].moderation.model"]);
    assert_eq!(get(house, ana).await, Settings { rules: good });
}

async fn the_trail_names_rules_and_not_what_they_look_for(house: &House) {
    let ana = house.person("Ana").await;
    let rules = vec![Rule { words: vec!["projeto onix".to_owned()], ..rule("secrets", Action::Block) }];
    put(house, ana, rules.clone()).await.unwrap();
    put(house, ana, rules).await.unwrap();
    let mut tx = SystemTx::read(&house.db, "test").await.unwrap();
    let text = "select payload from outbox where kind = 'workspace.guardrails_changed'";
    let told: Vec<(String,)> = tx.fetch_all(Sql { name: "told", postgres: text, sqlite: text }, &[]).await.unwrap();
    assert_eq!(told.len(), 1, "the same again is no change");
    assert!(told[0].0.contains("secrets") && !told[0].0.contains("onix"), "{told:?}");
}

async fn a_key_for_answers_is_given_only_where_some_are_kept(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    assert!(opened(house, ana).await.answer_key.is_empty());
    let cache = Cache { ttl_seconds: 60, ..Cache::default() };
    let policy = Some(Policy { cache: Some(cache), ..Policy::default() });
    let routing = proto::routing::Settings { policy, ..Default::default() };
    for person in [ana, bob] {
        let request = PutRoutingRequest { routing: Some(routing.clone()) };
        house.workspaces.put_routing(&house.call(person), request).await.unwrap();
    }
    let (first, again, other) =
        (opened(house, ana).await.answer_key, opened(house, ana).await.answer_key, opened(house, bob).await.answer_key);
    assert_eq!((first.len(), &first), (32, &again));
    assert_ne!(first, other);
    house.workspaces.erase_answers(&house.call(ana), EraseAnswersRequest {}).await.unwrap();
    assert_ne!(opened(house, ana).await.answer_key, first, "what was sealed before is closed for ever");
    assert_eq!(opened(house, bob).await.answer_key, other);
}
