//! What executions of the agent engine ask for, on behalf of whoever began them.

use crate::{
    ask::{Answer, body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, piece, stream, stream_head},
    world::{World, eventually, quick, settings},
};
use futures::StreamExt as _;
use proto::{
    Call, Failure, Reason, Role,
    gateway::{
        COMPLETE_FOR_EXECUTION, CompleteForExecutionRequest, CompleteRequest, CompleteResponse, Operation,
        complete_response::Part,
    },
    guardrails::{Action, Rule},
    id::{KeyId, RequestId, SessionId, UserId},
    limits::Limits,
    routing::{Policy, Settings, Shadow},
    rpc::Caller,
    usage::{LayerKind, Outcome},
    workspace::OpenBudgetResponse,
};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use uuid::Uuid;

const JSON: &str = "application/json";
const STREAM: &str = ",\"stream\":true";
const TOKEN: &str = "bt_of_a_key";

/// A world with one provider, in which an execution of an API key is open.
async fn world(book: Book, script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = World::with(quick(), Book { providers, ..book }).await;
    allow(&world, TOKEN, &key(), "", "exec_1");
    (world, provider)
}

fn key() -> String {
    KeyId::from_uuid(Uuid::from_u128(7)).to_string()
}

fn allow(world: &World, token: &str, principal: &str, session: &str, execution: &str) {
    let budget = OpenBudgetResponse {
        workspace_id: world.workspace.to_string(),
        principal: principal.to_owned(),
        session_id: session.to_owned(),
        execution_id: execution.to_owned(),
    };
    world.book().budgets.insert(Sha256::digest(token.as_bytes()).to_vec().into(), budget);
}

fn request(body: &str) -> CompleteRequest {
    CompleteRequest { operation: Operation::ChatCompletions.into(), body: body.to_owned().into(), ..Default::default() }
}

async fn ask_as(world: &World, token: &str, key: Option<&str>, body: &str) -> Result<Answer, Failure> {
    let call = Call::service(Role::AgentEngine, RequestId::from_uuid(world.ids.uuid()));
    let call = Call { idempotency_key: key.map(Into::into), ..call };
    let asked = CompleteForExecutionRequest { budget_token: token.to_owned(), request: Some(request(body)) };
    let engine = world.gateway.called_by(Role::AgentEngine);
    let mut parts = engine.complete_for_execution(&call, asked).await.map_err(|status| Failure::from(&status))?;
    match parts.next().await {
        Some(Ok(CompleteResponse { part: Some(Part::Head(head)) })) => Ok(read(head, parts).await),
        other => panic!("the first message is not the head: {other:?}"),
    }
}

async fn ask(world: &World, key: Option<&str>, body: &str) -> Result<Answer, Failure> {
    ask_as(world, TOKEN, key, body).await
}

#[tokio::test]
async fn an_execution_asks_as_whoever_began_it_and_its_rows_say_so() {
    let (world, _) = world(Book::default(), answer(200, JSON, COMPLETION)).await;
    assert_eq!(ask(&world, None, &body("gpt", "")).await.expect("an answer").body, COMPLETION);
    let settled = world.settled(1).await;
    let end = settled[0].request_end.clone().expect("an end");
    assert_eq!((settled[0].outcome(), end.status_code), (Outcome::Completed, 200));
    assert_eq!(end.explanation_json, r#"{"execution_id":"exec_1","source":"execution"}"#);
    let subject = world.book().admits[0].subject.clone().expect("a subject");
    assert_eq!(subject.operation, "chat.completions.execution");
    assert_eq!((subject.workspace_id, subject.api_key_id), (world.workspace.to_string(), key()));
    let (person, session) = (UserId::from_uuid(Uuid::from_u128(8)), SessionId::from_uuid(Uuid::from_u128(9)));
    allow(&world, "bt_of_a_person", &person.to_string(), &session.to_string(), "exec_2");
    world.book().per_user = Limits { rpm: Some(4), ..Limits::default() };
    world.tell("workspace.updated", "");
    tokio::time::sleep(Duration::from_millis(200)).await;
    ask_as(&world, "bt_of_a_person", None, &body("gpt", "")).await.expect("an answer");
    let admit = world.book().admits[1].clone();
    let layers: Vec<_> = admit.layers.iter().map(|layer| (layer.kind(), layer.id.clone())).collect();
    assert_eq!(layers, [(LayerKind::User, person.to_string())]);
    assert_eq!(
        admit.subject.map(|subject| (subject.user_id, subject.api_key_id)),
        Some((person.to_string(), "".into()))
    );
}

#[tokio::test]
async fn a_token_that_is_none_any_more_pays_for_nothing() {
    let (world, provider) = world(Book::default(), answer(200, JSON, COMPLETION)).await;
    for token in ["", "bt_of_nobody", &key()] {
        let failure = ask_as(&world, token, None, &body("gpt", "")).await.expect_err("refused");
        assert_eq!(failure.reason, Reason::NotFound);
    }
    ask(&world, None, &body("gpt", "")).await.expect("an answer");
    world.book().budgets.clear();
    assert_eq!(ask(&world, None, &body("gpt", "")).await.expect_err("it has ended").reason, Reason::NotFound);
    assert_eq!((provider.received().len(), world.book().admits.len()), (1, 1));
}

#[tokio::test]
async fn what_a_key_began_ends_with_the_key() {
    let (world, provider) = world(Book::default(), answer(200, JSON, COMPLETION)).await;
    ask(&world, None, &body("gpt", "")).await.expect("an answer");
    let person = UserId::from_uuid(Uuid::from_u128(8)).to_string();
    let session = SessionId::from_uuid(Uuid::from_u128(9)).to_string();
    allow(&world, "bt_of_a_person", &person, &session, "exec_2");
    world.book().key_ends_at = Some(host::Clock::system().now() - chrono::TimeDelta::seconds(1));
    world.tell("api_key.revoked", &key());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let failure = ask(&world, None, &body("gpt", "")).await.expect_err("it was revoked");
    assert_eq!(failure.reason, Reason::NotFound);
    ask_as(&world, "bt_of_a_person", None, &body("gpt", "")).await.expect("a person has no key");
    assert_eq!(provider.received().len(), 2);
}

#[tokio::test]
async fn the_same_call_again_gets_the_same_answer_and_costs_nothing() {
    for (more, script) in [("", answer(200, JSON, COMPLETION)), (STREAM, stream(&[ROLE, HELLO, STOP, DONE]))] {
        let (world, provider) = world(Book::default(), script).await;
        let asked = body("gpt", more);
        let first = ask(&world, Some("k"), &asked).await.expect("an answer");
        let again = ask(&world, Some("k"), &asked).await.expect("an answer");
        assert_eq!((first.head.replayed, again.head.replayed), (false, true));
        assert_eq!((&first.body, &first.head.content_type), (&again.body, &again.head.content_type));
        assert_eq!((provider.received().len(), world.settled(1).await.len(), world.book().admits.len()), (1, 1, 1));
        eventually("it is logged", || world.book().refusals.len() == 1).await;
        let replayed = world.book().refusals[0].clone();
        assert_eq!(replayed.request_end.map(|end| end.outcome()), Some(Outcome::Replayed));
        assert_eq!(replayed.subject.map(|subject| subject.operation).as_deref(), Some("chat.completions.execution"));
        let other = ask(&world, Some("k"), &body("gpt", ",\"n\":1")).await.expect_err("another request");
        assert_eq!(other.reason, Reason::IdempotencyMismatch);
        // Neither a client with the same API key nor another of its executions has it.
        for theirs in ["k", "execution:k", "execution:exec_1:k"] {
            let call = Call { idempotency_key: Some(theirs.into()), ..world.call() };
            let (head, rest) = world.send(&call, request(&asked)).await.expect("an answer");
            assert!(!read(head, rest).await.head.replayed, "{theirs}");
        }
        allow(&world, "bt_of_another", &key(), "", "exec_2");
        assert!(!ask_as(&world, "bt_of_another", Some("k"), &asked).await.expect("an answer").head.replayed);
        assert!(ask(&world, Some("k"), &asked).await.expect("an answer").head.replayed);
    }
}

#[tokio::test]
async fn while_a_call_is_under_way_the_same_is_a_conflict() {
    let slow = [vec![Step::Pause(Duration::from_millis(400))], answer(200, JSON, COMPLETION)].concat();
    let (world, provider) = world(Book::default(), slow).await;
    let asked = body("gpt", "");
    let (first, second) = tokio::join!(ask(&world, Some("k"), &asked), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(&world, Some("k"), &asked).await
    });
    assert!(first.is_ok());
    assert_eq!(second.expect_err("under way").reason, Reason::Conflict);
    assert_eq!(provider.received().len(), 1);
}

#[tokio::test]
async fn what_limits_the_key_limits_its_executions() {
    let limits = Limits { tpm: Some(1_000), ..Limits::default() };
    let book = Book { key_limits: limits, key_models: vec!["gpt".into()], ..Book::default() };
    let (world, provider) = world(book, answer(200, JSON, COMPLETION)).await;
    ask(&world, None, &body("gpt", "")).await.expect("an answer");
    let layers = world.book().admits[0].layers.clone();
    assert_eq!((layers.len(), layers[0].kind(), layers[0].tpm), (1, LayerKind::ApiKey, Some(1_000)));
    let failure = ask(&world, None, &body("gpt-large", "")).await.expect_err("not allowed");
    assert_eq!(failure.reason, Reason::ModelNotAllowed);
    let limited = Reason::RateLimited.with("too many").fact("layer", "api_key").retry_after(Duration::from_secs(2));
    world.book().refuse_admits = vec![Some(limited.clone().into())];
    assert_eq!(ask(&world, Some("k"), &body("gpt", "")).await.expect_err("refused"), limited);
    assert_eq!(provider.received().len(), 1);
    eventually("the place is given back", || world.book().answers.is_empty()).await;
}

#[tokio::test]
async fn guardrails_look_at_what_executions_ask_and_shadows_do_not() {
    let words = Rule { name: "secret".into(), words: vec!["elbow".into()], ..Rule::default() };
    let rules = vec![Rule { action: Action::Block.into(), ..words }];
    let shadow = Shadow { model: "one/other".to_owned(), percent: 100.0 };
    let routing =
        Settings { policy: Some(Policy { shadow: Some(shadow), ..Policy::default() }), ..Settings::default() };
    let book = Book { guardrails: proto::guardrails::Settings { rules }, routing, ..Book::default() };
    let (world, provider) = world(book, answer(200, JSON, COMPLETION)).await;
    let asked = body("gpt", "").replace("Hello", "Hello elbow");
    assert_eq!(ask(&world, None, &asked).await.expect_err("blocked").reason, Reason::GuardrailBlocked);
    ask(&world, None, &body("gpt", "")).await.expect("an answer");
    world.settled(1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((provider.received().len(), world.book().admits.len()), (1, 1));
    world.ask(&body("gpt", "")).await.expect("an answer");
    eventually("what a client asks has one", || provider.received().len() == 3).await;
}

#[tokio::test]
async fn an_execution_that_leaves_ends_the_attempt_and_gives_its_place_back() {
    let begun = || vec![stream_head(), piece(ROLE), piece(HELLO), Step::Hang];
    // In the middle of a stream, before its beginning, while a head waits for it, and while a whole answer is made.
    for (more, script, heartbeat_ms) in [
        (STREAM, begun(), 5_000),
        (STREAM, vec![Step::Hang], 5_000),
        (STREAM, vec![Step::Hang], 50),
        ("", vec![Step::Hang], 5_000),
    ] {
        let provider = Provider::start(script).await;
        let book = Book { providers: vec![settings("one", 0, provider.base_url())], ..Book::default() };
        let world = World::with(gateway::Config { heartbeat_ms, ..quick() }, book).await;
        allow(&world, TOKEN, &key(), "", "exec_1");
        let asked = body("gpt", more);
        let left = tokio::time::timeout(Duration::from_millis(300), ask(&world, Some("k"), &asked)).await;
        assert!(left.is_err(), "it hangs");
        eventually("the provider's call ends", || provider.gone() == 1).await;
        let settled = world.settled(1).await;
        assert_eq!((settled.len(), settled[0].outcome()), (1, Outcome::ClientGone), "{more} {heartbeat_ms}");
        eventually("the place is given back", || world.book().answers.is_empty()).await;
        provider.now(if more.is_empty() { answer(200, JSON, COMPLETION) } else { stream(&[ROLE, HELLO, STOP, DONE]) });
        assert!(!ask(&world, Some("k"), &asked).await.expect("an answer").head.replayed);
    }
}

#[tokio::test]
async fn nobody_but_the_engine_may_ask_with_a_token() {
    let (world, provider) = world(Book::default(), answer(200, JSON, COMPLETION)).await;
    let asked = || CompleteForExecutionRequest { budget_token: TOKEN.into(), request: Some(request(&body("gpt", ""))) };
    for role in [Role::Edge, Role::Gateway] {
        let refused = world.gateway.called_by(role).complete_for_execution(&world.call(), asked()).await;
        assert_eq!(Reason::of(&refused.err().expect("refused")), Reason::PermissionDenied);
    }
    let refused = COMPLETE_FOR_EXECUTION.check(Caller::Client, &world.call());
    assert_eq!(Reason::of(&refused.expect_err("refused")), Reason::PermissionDenied);
    assert!(provider.received().is_empty());
}
