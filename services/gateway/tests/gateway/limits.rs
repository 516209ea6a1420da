//! Limits, refusals, and what is remembered of other services.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, Provider, answer},
    world::{World, eventually, one, quick, settings},
};
use proto::{
    Reason,
    gateway::GetLimitsRequest,
    identity, usage,
    usage::{LayerKind, LimitKind, LimitState},
    workspace,
};
use std::time::Duration;

#[tokio::test]
async fn only_layers_that_limit_something_are_asked_and_the_tightest_is_told() {
    let (world, _) = one(answer(200, "application/json", COMPLETION)).await;
    let asked = body("gpt", ",\"max_completion_tokens\":100,\"n\":2");
    world.ask(&asked).await.expect("an answer");
    assert!(world.book().admits[0].layers.is_empty(), "unlimited");

    world.book().workspace_limits = workspace::Limits { rpm: Some(60), ..workspace::Limits::default() };
    world.book().key_limits =
        identity::Limits { tpm: Some(1_000), concurrency: Some(2), ..identity::Limits::default() };
    let state = |layer: LayerKind, kind: LimitKind, limit, remaining| LimitState {
        layer: layer.into(),
        kind: kind.into(),
        limit,
        used: limit - remaining,
        remaining,
        reset_ms: 1_500,
        ..LimitState::default()
    };
    world.book().limits = vec![
        state(LayerKind::Workspace, LimitKind::RequestsPerMinute, 60, 59),
        state(LayerKind::ApiKey, LimitKind::RequestsPerMinute, 10, 3),
        state(LayerKind::ApiKey, LimitKind::TokensPerMinute, 1_000, 700),
    ];
    world.tell("workspace.updated", "");
    world.tell("api_key.updated", &proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = world.ask(&asked).await.expect("an answer");
    let rates: Vec<_> = answer.head.rate_limits.iter().map(|r| (r.kind.as_str(), r.limit, r.remaining)).collect();
    assert_eq!(rates, [("requests", 10, 3), ("tokens", 1_000, 700)]);
    let book = world.book();
    let admit = &book.admits[1];
    let layers: Vec<_> = admit.layers.iter().map(|l| (l.kind(), l.rpm, l.tpm, l.concurrency)).collect();
    let expected = [(LayerKind::Workspace, Some(60), None, None), (LayerKind::ApiKey, None, Some(1_000), Some(2))];
    assert_eq!(layers, expected);
    assert_eq!(admit.estimated_tokens, admit.estimated_input_tokens + 200);
}

#[tokio::test]
async fn refusals_reach_the_caller_and_the_log_and_no_provider() {
    let (world, provider) = one(answer(200, "application/json", COMPLETION)).await;
    let limited = Reason::RateLimited.with("too many").fact("layer", "api_key").retry_after(Duration::from_secs(2));
    world.book().refuse_admits = vec![Some(limited.clone().into())];
    assert_eq!(world.refused(&body("gpt", "")).await, limited);
    assert_eq!(world.refused(&body("simulator/none", "")).await.reason, Reason::ModelNotFound);
    assert_eq!(world.refused("{").await.reason, Reason::MalformedRequest);
    eventually("refusals are logged", || world.book().refusals.len() == 3).await;
    let book = world.book();
    let mut logged: Vec<_> = book
        .refusals
        .iter()
        .map(|r| {
            let (subject, end) = (r.subject.as_ref().expect("a subject"), r.request_end.as_ref().expect("an end"));
            assert_eq!(end.outcome(), usage::Outcome::Rejected);
            (end.status_code, end.error_code.as_str(), subject.requested_model.as_str())
        })
        .collect();
    logged.sort_unstable();
    let expected =
        [(400, "MALFORMED_REQUEST", ""), (404, "MODEL_NOT_FOUND", "simulator/none"), (429, "RATE_LIMITED", "gpt")];
    assert_eq!(logged, expected);
    assert!(provider.received().is_empty() && book.settles.is_empty());
}

#[tokio::test]
async fn a_second_attempt_that_is_not_admitted_leaves_the_first_ones_failure() {
    let (world, _) = one(answer(500, "application/json", "{}")).await;
    let second = Provider::start(answer(200, "application/json", COMPLETION)).await;
    world.book().providers.push(settings("second", 1, second.base_url()));
    world.book().refuse_admits = vec![None, Some(Reason::RateLimited.with("too many").into())];
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!((failure.reason, failure.get("provider_status")), (Reason::UpstreamFailed, Some("500")));
    eventually("the end is logged", || world.book().refusals.len() == 1).await;
    assert!(second.received().is_empty());
}

#[tokio::test]
async fn routing_is_asked_for_once_and_again_after_a_change() {
    let (world, first) = one(answer(200, "application/json", COMPLETION)).await;
    for _ in 0..5 {
        world.ask(&body("gpt", "")).await.expect("an answer");
    }
    assert_eq!((world.book().routing_calls, first.received().len()), (1, 5));
    let other = Provider::start(answer(200, "application/json", COMPLETION)).await;
    world.book().providers = vec![settings("other", 0, other.base_url())];
    world.tell("provider.updated", "prov_one");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "other");
    assert_eq!(world.book().routing_calls, 2);
}

#[tokio::test]
async fn without_the_workspace_service_a_workspace_that_nobody_knows_is_refused() {
    let provider = Provider::start(answer(200, "application/json", COMPLETION)).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let world = World::with(quick(), Book { providers, workspaces_away: true, ..Book::default() }).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::ServiceUnavailable);
    world.book().workspaces_away = false;
    world.ask(&body("gpt", "")).await.expect("an answer as soon as it is back");
}

#[tokio::test]
async fn limits_can_be_read_without_using_them() {
    let (world, _) = one(vec![]).await;
    let read = async || world.gateway.get_limits(&world.call(), GetLimitsRequest {}).await.expect("limits").limits;
    assert!(read().await.is_empty());
    world.book().key_limits = identity::Limits { rpm: Some(10), ..identity::Limits::default() };
    world.tell("api_key.updated", &proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let limits = read().await;
    let shown = limits.iter().map(|l| (l.layer.as_str(), l.kind.as_str(), l.limit, l.remaining)).collect::<Vec<_>>();
    assert_eq!(shown, [("api_key", "requests_per_minute", 10, 9)]);
}
