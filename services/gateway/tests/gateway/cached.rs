//! Answers that are given again.

use crate::{
    ask::{Answer, body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, answer, stream},
    world::{World, eventually, quick, settings},
};
use proto::{
    Call, Failure, Reason,
    gateway::{CompleteRequest, Operation},
    id::{RequestId, WorkspaceId},
    routing::{Cache, Policy, Settings},
    usage::{Outcome, Tokens},
};
use std::time::Duration;

const STREAM: &str = ",\"stream\":true";
const JSON: &str = "application/json";

fn cache(ttl_seconds: i32, max_bytes: i32) -> Settings {
    let cache = Some(Cache { ttl_seconds, max_bytes, semantic: None });
    Settings { policy: Some(Policy { cache, ..Policy::default() }), ..Settings::default() }
}

async fn with(routing: Settings) -> (World, Provider) {
    let provider = Provider::start(answer(200, JSON, COMPLETION)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    (World::with(quick(), Book { providers, routing, ..Book::default() }).await, provider)
}

async fn ask_with(world: &World, call: &Call, request: CompleteRequest) -> Result<Answer, Failure> {
    let (head, stream) = world.send(call, request).await?;
    Ok(read(head, stream).await)
}

fn request(body: &str) -> CompleteRequest {
    CompleteRequest { operation: Operation::ChatCompletions.into(), body: body.to_owned().into(), ..Default::default() }
}

async fn asked(world: &World, body: &str) -> (String, String) {
    let answer = world.ask(body).await.expect("an answer");
    (answer.head.cache, answer.body)
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_again_marked_free_and_with_a_row_of_its_own() {
    let (world, provider) = with(cache(60, 0)).await;
    let body = body("gpt", ",\"temperature\":1");
    assert_eq!(asked(&world, &body).await, ("miss".to_owned(), COMPLETION.to_owned()));
    assert_eq!(asked(&world, &body).await, ("hit".to_owned(), COMPLETION.to_owned()));
    // In other words the same.
    let reordered = "{ \"temperature\":1, \"messages\":[{\"content\":\"Hello, how are you?\",\"role\":\"user\"}],\"model\":\"gpt\"}";
    assert_eq!(asked(&world, reordered).await.0, "hit");
    assert_eq!(provider.received().len(), 1);
    let settles = world.settled(3).await;
    for (settle, admit) in settles[1..].iter().zip(&world.book().admits[1..]) {
        assert_eq!((settle.outcome(), settle.tokens), (Outcome::Cached, Some(Tokens::default())));
        assert_eq!(
            settle.request_end.as_ref().map(|end| (end.outcome(), end.status_code)),
            Some((Outcome::Cached, 200))
        );
        assert!(admit.free && admit.estimated_tokens == 0 && admit.provider == "one", "{admit:?}");
    }
}

#[tokio::test]
async fn what_was_asked_for_as_a_stream_is_given_again_as_that_stream() {
    let (world, provider) = with(cache(60, 0)).await;
    provider.now(stream(&[ROLE, HELLO, STOP, DONE]));
    let first = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    let again = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    assert_eq!((first.head.cache.as_str(), again.head.cache.as_str()), ("miss", "hit"));
    assert_eq!((again.head.content_type.as_str(), &again.body), ("text/event-stream", &first.body));
    assert!(again.body.ends_with("data: [DONE]\n\n"), "{}", again.body);
    provider.now(answer(200, JSON, COMPLETION));
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss", "a whole answer is another one");
}

#[tokio::test]
async fn nothing_is_kept_unless_the_workspace_wants_it() {
    let (world, provider) = with(Settings::default()).await;
    for _ in 0..2 {
        assert_eq!(asked(&world, &body("gpt", "")).await.0, "");
    }
    assert_eq!(provider.received().len(), 2);
}

#[tokio::test]
async fn who_asks_says_what_may_be_read_and_kept() {
    let (world, provider) = with(cache(60, 0)).await;
    let body = body("gpt", "");
    let fresh = || CompleteRequest { no_cache: true, ..request(&body) };
    let secret = || CompleteRequest { no_store: true, ..request(&body) };
    assert_eq!(ask_with(&world, &world.call(), secret()).await.expect("an answer").head.cache, "");
    assert_eq!(ask_with(&world, &world.call(), fresh()).await.expect("an answer").head.cache, "miss");
    assert_eq!(asked(&world, &body).await.0, "hit", "what was fresh is kept");
    assert_eq!(ask_with(&world, &world.call(), secret()).await.expect("an answer").head.cache, "");
    assert_eq!(ask_with(&world, &world.call(), fresh()).await.expect("an answer").head.cache, "miss");
    assert_eq!(provider.received().len(), 4);
}

#[tokio::test]
async fn another_workspace_gets_an_answer_of_its_own() {
    let (world, provider) = with(cache(60, 0)).await;
    asked(&world, &body("gpt", "")).await;
    let call = Call {
        workspace: Some(WorkspaceId::from_uuid(world.ids.uuid())),
        request_id: RequestId::from_uuid(world.ids.uuid()),
        ..world.call()
    };
    assert_eq!(ask_with(&world, &call, request(&body("gpt", ""))).await.expect("an answer").head.cache, "miss");
    assert_eq!(provider.received().len(), 2);
}

#[tokio::test]
async fn answers_that_failed_broke_or_are_too_long_are_not_kept() {
    let (world, provider) = with(cache(60, 400)).await;
    let long = COMPLETION.replace("\"choices\"", &format!("\"x\":\"{}\",\"choices\"", "y".repeat(500)));
    provider.now(answer(200, JSON, &long));
    for _ in 0..2 {
        assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss");
    }
    provider.now(answer(400, JSON, "{\"error\":{\"message\":\"no\"}}"));
    for _ in 0..2 {
        assert_eq!(world.ask(&body("gpt", "")).await.expect("a refusal").head.status, 400);
    }
    provider.now(stream(&[ROLE, HELLO]));
    for _ in 0..2 {
        assert!(world.ask(&body("gpt", STREAM)).await.expect("a beginning").failure.is_some());
    }
    assert_eq!(provider.received().len(), 6);
}

#[tokio::test]
async fn an_answer_is_not_given_again_after_its_time_nor_once_its_provider_is_gone_nor_after_it_was_erased() {
    let (world, provider) = with(cache(1, 0)).await;
    asked(&world, &body("gpt", "")).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss");
    world.book().routing = cache(600, 0);
    world.tell("workspace.routing_changed", "");
    eventually("the change arrives", || world.book().routing_calls > 0).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    asked(&world, &body("gpt", "")).await;
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "hit");
    world.tell("workspace.answers_erased", "");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss");
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "hit");
    world.book().providers = vec![settings("two", 0, provider.base_url())];
    world.tell("provider.deleted", "prov_one");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss", "nobody who gave it could answer now");
}

#[tokio::test]
async fn a_kept_answer_is_refused_like_any_other_where_a_limit_is_reached() {
    let (world, _provider) = with(cache(60, 0)).await;
    asked(&world, &body("gpt", "")).await;
    world.book().refuse_admits = vec![Some(Reason::RateLimited.with("slow down").into())];
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::RateLimited);
    eventually("the refusal is logged", || world.book().refusals.len() == 1).await;
}

#[tokio::test]
async fn a_key_gets_no_kept_answer_of_a_model_that_it_may_not_call() {
    let (world, provider) = with(cache(60, 0)).await;
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "miss");
    assert_eq!(asked(&world, &body("gpt", "")).await.0, "hit");
    world.book().key_models = vec!["other".to_owned()];
    world.tell("api_key.updated", &proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::ModelNotAllowed);
    assert_eq!(provider.received().len(), 1);
}
