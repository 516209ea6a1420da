//! Limits, refusals, and what is remembered of other services.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, Provider, answer},
    world::{World, eventually, one, quick, settings},
};
use futures::StreamExt as _;
use proto::{
    Call, Principal, Reason,
    gateway::{CompleteRequest, GetLimitsRequest, Operation},
    id::{SessionId, UserId},
    limits::{Budget, Limits, PerModel, Period},
    usage,
    usage::{CredentialOwner, LayerKind, LimitKind, LimitState},
    workspace::TeamLimits,
};
use std::time::Duration;

#[tokio::test]
async fn only_layers_that_limit_something_are_asked_and_the_tightest_is_told() {
    let (world, _) = one(answer(200, "application/json", COMPLETION)).await;
    let asked = body("gpt", ",\"max_completion_tokens\":100,\"n\":2");
    world.ask(&asked).await.expect("an answer");
    assert!(world.book().admits[0].layers.is_empty(), "unlimited");

    world.book().workspace_limits = Limits { rpm: Some(60), ..Limits::default() };
    world.book().key_limits = Limits { tpm: Some(1_000), concurrency: Some(2), ..Limits::default() };
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
        LimitState { soft: true, ..state(LayerKind::User, LimitKind::TokensPerMinute, 500, 0) },
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

/// The settings of the workspace and of the calling key have changed.
async fn changed(world: &World) {
    world.tell("workspace.updated", "");
    world.tell("api_key.updated", &proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string());
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[tokio::test]
async fn limits_can_be_read_without_using_them() {
    let (world, _) = one(vec![]).await;
    let read = async || world.gateway.get_limits(&world.call(), GetLimitsRequest {}).await.expect("limits").limits;
    assert!(read().await.is_empty());
    let budgets = vec![Budget { amount_micros: 4_000_000, period: Period::Total.into(), soft: true }];
    world.book().key_limits = Limits { rpm: Some(10), tokens_per_day: Some(800), budgets, ..Limits::default() };
    let of_model = Limits { rpm: Some(3), soft: true, ..Limits::default() };
    let models = [("gpt".to_owned(), of_model), ("free".to_owned(), Limits::default())].into();
    world.book().per_model = PerModel { models };
    changed(&world).await;
    let limits = read().await;
    let shown: Vec<_> = limits
        .iter()
        .map(|l| {
            (l.layer.as_str(), l.kind.as_str(), l.resource.as_str(), l.period.as_str(), l.limit, l.remaining, l.soft)
        })
        .collect();
    let expected = [
        ("api_key", "requests_per_minute", "", "", 10, 9, false),
        ("api_key", "quota", "tokens", "day", 800, 600, false),
        ("api_key", "budget", "cost", "total", 4_000_000, 3_000_000, true),
        ("model", "requests_per_minute", "", "", 3, 2, true),
    ];
    assert_eq!(shown, expected);
    assert_eq!((limits[2].currency.as_str(), limits[3].id.as_str()), ("USD", "gpt"));
    let peek = world.book().peeks.last().cloned().expect("a question");
    assert_eq!((peek.plan.as_str(), peek.time_zone.as_str()), ("pro", "Europe/Lisbon"));
    assert_eq!(peek.client_address, "203.0.113.9");
}

#[tokio::test]
async fn budgets_quotas_members_and_models_become_layers() {
    let (world, _) = one(answer(200, "application/json", COMPLETION)).await;
    let user = proto::id::UserId::from_uuid(uuid::Uuid::from_u128(8)).to_string();
    let budget = |amount_micros, period: Period, soft| Budget { amount_micros, period: period.into(), soft };
    world.book().workspace_limits = Limits {
        budgets: vec![budget(2_500_000, Period::Month, false)],
        tokens_per_month: Some(9),
        ..Limits::default()
    };
    world.book().key_limits = Limits {
        tokens_per_day: Some(7),
        budgets: vec![budget(1, Period::Day, true), budget(2, Period::Total, false)],
        ..Limits::default()
    };
    world.book().key_user = user.clone();
    world.book().per_user = Limits { concurrency: Some(4), soft: true, ..Limits::default() };
    let models = ["gpt", "one/gpt", "other", "nothing"].map(|name| {
        let rpm = (name != "nothing").then_some(5);
        (name.to_owned(), Limits { rpm, stop_streams_when_spent: name == "one/gpt", ..Limits::default() })
    });
    world.book().per_model = PerModel { models: models.into() };
    changed(&world).await;
    world.ask(&body("gpt", "")).await.expect("an answer");
    // Refused later, because this provider does not stream; only its admission matters here.
    world.refused(&body("gpt", ",\"stream\":true")).await;
    world.ask(&body("one/gpt", "")).await.expect("an answer");
    let book = world.book();
    let cost = |limit, period: usage::Period, soft| usage::Allowance {
        resource: "cost".into(),
        period: period.into(),
        limit,
        currency: "USD".into(),
        soft,
    };
    let tokens = |limit, period: usage::Period| usage::Allowance {
        resource: "tokens".into(),
        period: period.into(),
        limit,
        ..Default::default()
    };
    let layers = &book.admits[0].layers;
    let kinds: Vec<_> = layers.iter().map(|l| (l.kind(), l.id.as_str())).collect();
    let key = proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string();
    let workspace = world.call().workspace.expect("a workspace").to_string();
    let expected = [
        (LayerKind::Workspace, workspace.as_str()),
        (LayerKind::ApiKey, key.as_str()),
        (LayerKind::User, user.as_str()),
        (LayerKind::Model, "gpt"),
        (LayerKind::Model, "one/gpt"),
    ];
    assert_eq!(kinds, expected);
    let of_workspace = [tokens(9, usage::Period::Month), cost(2_500_000_000, usage::Period::Month, false)];
    assert_eq!(layers[0].allowances, of_workspace);
    let of_key = [
        tokens(7, usage::Period::Day),
        cost(1_000, usage::Period::Day, true),
        cost(2_000, usage::Period::Total, false),
    ];
    assert_eq!(layers[1].allowances, of_key);
    assert_eq!((layers[2].concurrency, layers[2].soft), (Some(4), true));
    assert_eq!(book.admits[2].layers, *layers, "whatever name it is asked for by");
    let admit = &book.admits[0];
    assert_eq!(
        (admit.plan.as_str(), admit.time_zone.as_str(), admit.currency.as_str()),
        ("pro", "Europe/Lisbon", "USD")
    );
    assert_eq!((admit.client_address.as_str(), admit.credential_owner()), ("203.0.113.9", CredentialOwner::Workspace));
    assert_eq!(admit.subject.as_ref().expect("a subject").user_id, user);
    assert_eq!((admit.stop_when_spent, book.admits[1].stop_when_spent), (false, true), "only a stream can be stopped");
}

#[tokio::test]
async fn a_person_with_an_access_token_is_limited_as_a_member() {
    let (world, _) = one(answer(200, "application/json", COMPLETION)).await;
    let id = UserId::from_uuid(uuid::Uuid::from_u128(8));
    let session = SessionId::from_uuid(uuid::Uuid::from_u128(9));
    let call = Call { principal: Principal::User { id, session }, ..world.call() };
    world.book().per_user = Limits { rpm: Some(4), ..Limits::default() };
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body("gpt", "").into(),
        ..CompleteRequest::default()
    };
    let answer = world.gateway.complete(&call, request).await.expect("an answer");
    assert_eq!(answer.count().await, 2, "head and body");
    let layers = world.book().admits[0].layers.clone();
    assert_eq!((layers.len(), layers[0].kind(), layers[0].id.as_str()), (1, LayerKind::User, id.to_string().as_str()));
}

#[tokio::test]
async fn a_key_of_a_team_is_limited_as_the_team_is_and_calls_nothing_once_that_is_gone() {
    let (world, provider) = one(answer(200, "application/json", COMPLETION)).await;
    let [team, other] = [1, 2].map(|n| proto::id::TeamId::from_uuid(uuid::Uuid::from_u128(n)).to_string());
    let of = |team: &str, rpm| {
        let limits = Some(Limits { rpm: Some(rpm), stop_streams_when_spent: true, ..Limits::default() });
        TeamLimits { team_id: team.to_owned(), limits }
    };
    world.book().key_team = team.clone();
    // The gateway knows the workspace from before there was the team, and nobody has told it yet.
    world.refused(&body("nothing/there", "")).await;
    world.book().teams = vec![of(&other, 9), of(&team, 5)];
    world.ask(&body("gpt", "")).await.expect("an answer");
    {
        let book = world.book();
        let admit = &book.admits[0];
        let layers: Vec<_> = admit.layers.iter().map(|l| (l.kind(), l.id.as_str(), l.rpm)).collect();
        assert_eq!(layers, [(LayerKind::Team, team.as_str(), Some(5))]);
        assert_eq!(admit.subject.as_ref().expect("a subject").team_id, team);
    }
    world.book().teams = vec![of(&other, 9)];
    world.tell("team.deleted", &team);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let seen = provider.received().len();
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::KeyRevoked);
    assert_eq!(provider.received().len(), seen);
}
