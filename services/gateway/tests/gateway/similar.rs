//! Answers that are given again to a request that means the same.

use crate::{
    ask::{Answer, read},
    fake::Book,
    provider::{COMPLETION, Provider, answer},
    world::{World, quick, settings},
};
use proto::{
    Call, Principal,
    gateway::{CompleteRequest, Operation},
    id::{KeyId, WorkspaceId},
    routing::{Cache, Policy, Semantic, Settings, Shared},
    usage::Outcome,
};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

fn semantic(model: &str, shared: Shared) -> Settings {
    let semantic = Semantic { model: model.to_owned(), threshold: 0.0, shared: shared.into() };
    let cache = Some(Cache { ttl_seconds: 60, max_bytes: 0, semantic: Some(semantic) });
    Settings { policy: Some(Policy { cache, ..Policy::default() }), ..Settings::default() }
}

async fn with(routing: Settings) -> (World, Provider) {
    let provider = Provider::start(answer(200, "application/json", COMPLETION)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    (World::with(quick(), Book { providers, routing, ..Book::default() }).await, provider)
}

fn asking(text: &str, more: Value) -> Value {
    let mut body = json!({"model": "gpt", "messages": [{"role": "user", "content": text}]});
    body.as_object_mut().expect("fields").extend(more.as_object().cloned().unwrap_or_default());
    body
}

async fn as_caller(world: &World, call: &Call, body: &Value) -> Answer {
    let call = Call { request_id: world.call().request_id, ..call.clone() };
    let body = body.to_string().into();
    let request = CompleteRequest { operation: Operation::ChatCompletions.into(), body, ..Default::default() };
    let (head, stream) = world.send(&call, request).await.expect("an answer");
    read(head, stream).await
}

async fn how(world: &World, text: &str, more: Value) -> String {
    as_caller(world, &world.call(), &asking(text, more)).await.head.cache
}

#[tokio::test]
async fn who_asks_the_same_in_other_words_gets_the_answer_and_the_embedding_has_a_row_of_its_own() {
    let (world, provider) = with(semantic("simulator/embed", Shared::Unspecified)).await;
    assert_eq!(how(&world, "How do I reset my password?", json!({})).await, "miss");
    let again = as_caller(&world, &world.call(), &asking("Please tell me how to reset the password", json!({}))).await;
    assert_eq!((again.head.cache.as_str(), again.body.as_str(), provider.received().len()), ("similar", COMPLETION, 1));
    assert_eq!(how(&world, "How do I reset my password?", json!({})).await, "hit", "the same needs no embedding");
    world.settled(5).await;
    let operations: Vec<_> =
        world.book().admits.iter().map(|a| a.subject.clone().expect("a subject").operation).collect();
    let (chat, embedding) = ("chat.completions", "embeddings.cache");
    assert_eq!(operations, [embedding, chat, embedding, chat, chat]);
    let admits = world.book().admits.clone();
    let settles = world.book().settles.clone();
    let of = |at: usize| {
        let id = format!("{}/1", admits[at].subject.clone().expect("a subject").request_id);
        settles.iter().find(|settle| settle.grant_id == id).expect("a settlement").clone()
    };
    assert_eq!((of(3).outcome(), of(2).outcome()), (Outcome::Cached, Outcome::Completed));
    assert!(of(2).tokens.is_some_and(|tokens| tokens.input > 0) && !admits[3].provider.is_empty());
}

#[tokio::test]
async fn near_misses_are_asked_for_themselves() {
    let (world, provider) = with(semantic("simulator/embed", Shared::Unspecified)).await;
    let asked = [
        "Is the price of Basic 5 dollars in March?",
        "Is the price of Basic 6 dollars in March?",
        "Is the price of Basic not 5 dollars in March?",
        "Is the price of Premium 5 dollars in March?",
        "Is the price of Basic 5 dollars in May?",
    ];
    for text in asked {
        assert_eq!(how(&world, text, json!({})).await, "miss", "{text}");
    }
    assert_eq!(provider.received().len(), asked.len());
}

#[tokio::test]
async fn nobody_gets_the_answer_of_another_workspace_key_user_model_system_prompt_or_tool() {
    let (world, _provider) = with(semantic("simulator/embed", Shared::Unspecified)).await;
    let first = "How do I reset my password?";
    let again = "How can I reset the password?";
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    assert_eq!(how(&world, first, json!({"user": "ana"})).await, "miss");
    for other in [
        json!({}),
        json!({"user": "bob"}),
        json!({"user": "ana", "model": "gpt-2"}),
        json!({"user": "ana", "tools": tools}),
    ] {
        assert_eq!(how(&world, again, other.clone()).await, "miss", "{other}");
    }
    let system =
        json!({"user": "ana", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": again}]});
    assert_eq!(how(&world, again, system).await, "miss");
    let other_key = Call { principal: Principal::Key { id: KeyId::from_uuid(Uuid::from_u128(8)) }, ..world.call() };
    let other_house = Call { workspace: Some(WorkspaceId::from_uuid(world.ids.uuid())), ..world.call() };
    for call in [other_key, other_house] {
        let body = asking("What is the way to reset my password?", json!({"user": "ana"}));
        assert_eq!(as_caller(&world, &call, &body).await.head.cache, "miss");
    }
    assert_eq!(how(&world, again, json!({"user": "ana"})).await, "similar");
}

#[tokio::test]
async fn a_workspace_may_share_answers_among_its_callers() {
    let (world, _provider) = with(semantic("simulator/embed", Shared::Workspace)).await;
    assert_eq!(how(&world, "How do I reset my password?", json!({"user": "ana"})).await, "miss");
    let call = Call { principal: Principal::Key { id: KeyId::from_uuid(Uuid::from_u128(8)) }, ..world.call() };
    let body = asking("How can I reset the password?", json!({"user": "bob"}));
    assert_eq!(as_caller(&world, &call, &body).await.head.cache, "similar");
}

#[tokio::test]
async fn what_is_erased_or_whose_provider_is_gone_is_not_given_again() {
    let (world, provider) = with(semantic("simulator/embed", Shared::Unspecified)).await;
    assert_eq!(how(&world, "How do I reset my password?", json!({})).await, "miss");
    world.tell("workspace.answers_erased", "");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(how(&world, "How can I reset the password?", json!({})).await, "miss");
    world.book().providers = vec![settings("two", 0, provider.base_url())];
    world.tell("provider.deleted", "prov_one");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(how(&world, "Please tell me how to reset my password", json!({})).await, "miss");
}

#[tokio::test]
async fn without_an_embedding_the_request_is_answered_all_the_same() {
    let (world, provider) = with(semantic("one/embed", Shared::Unspecified)).await;
    // It answers embeddings with a chat completion.
    for text in ["How do I reset my password?", "How can I reset the password?"] {
        assert_eq!(how(&world, text, json!({})).await, "miss");
    }
    let asked = provider.received().iter().filter(|r| r.line.contains("/chat/completions")).count();
    assert_eq!((asked, provider.received().len()), (2, 4));
}

#[tokio::test]
async fn a_key_that_may_call_one_model_still_has_its_requests_understood() {
    let (world, provider) = with(semantic("simulator/embed", Shared::Unspecified)).await;
    world.book().key_models = vec!["gpt".to_owned()];
    assert_eq!(how(&world, "How do I reset my password?", json!({})).await, "miss");
    assert_eq!(how(&world, "Please tell me how to reset the password", json!({})).await, "similar");
    assert_eq!(provider.received().len(), 1, "the workspace has chosen what understands them");
}
