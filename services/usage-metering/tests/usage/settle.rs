use crate::world::*;
use proto::{Reason, id::*, usage::*};

#[tokio::test]
async fn a_settled_request_is_in_logs_and_usage_within_a_second() {
    for world in everywhere().await {
        let id = world.complete(&world.ask()).await;
        let log = eventually(SECOND, async || world.log(&id).await).await;
        assert_eq!((log.status_code, log.outcome.as_str(), log.stream), (200, "completed", true));
        assert_eq!(
            (log.input_tokens, log.cached_input_tokens, log.output_tokens, log.reasoning_tokens),
            (50, 20, 7, 3)
        );
        assert_eq!(
            (log.provider.as_str(), log.model.as_str(), log.requested_model.as_str()),
            ("openai", "gpt-5-2026", "gpt-5")
        );
        assert_eq!(
            (log.duration_ms, log.ttft_ms, log.cost_micros, log.currency.as_str()),
            (120, Some(30), None, "USD")
        );
        assert_eq!(log.api_key_id, world.key.to_string());
        let total = world.total().await;
        assert_eq!((total.total_requests, total.total_input_tokens, total.total_output_tokens), (1, 50, 7));
    }
}

#[tokio::test]
async fn settling_twice_changes_nothing_and_with_other_numbers_is_a_conflict() {
    for world in everywhere().await {
        let ask = world.ask();
        world.admit(&ask).await.unwrap();
        assert!(!world.settle(ask.completed()).await.unwrap().already_settled);
        assert!(world.settle(ask.completed()).await.unwrap().already_settled);
        let more = SettleRequest { tokens: Some(Tokens { input: 9_999, ..Tokens::default() }), ..ask.completed() };
        assert_eq!(world.settle(more).await.unwrap_err().reason, Reason::EventConflict, "the first one stands");
        assert_eq!(world.total().await.total_input_tokens, 50);
        assert_eq!((world.rows("usage").await, world.rows("correction").await), (1, 0));
    }
}

#[tokio::test]
async fn a_grant_that_was_never_given_cannot_be_settled() {
    for world in everywhere().await {
        let ask = world.ask();
        assert_eq!(world.settle(ask.completed()).await.unwrap_err().reason, Reason::SettleUnknown);
        world.admit(&ask).await.unwrap();
        let foreign = WorkspaceId::from_uuid(world.ids.uuid()).to_string();
        let foreign = SettleRequest { workspace_id: foreign, ..ask.completed() };
        assert_eq!(world.settle(foreign).await.unwrap_err().reason, Reason::SettleUnknown);
        let other = SettleRequest { grant_id: format!("{}/2", ask.request_id()), ..ask.completed() };
        assert_eq!(world.settle(other).await.unwrap_err().reason, Reason::SettleUnknown);
        assert!(world.settle(ask.completed()).await.is_ok(), "the real one can");
    }
}

#[tokio::test]
async fn the_same_grant_again_is_the_same_answer_and_one_row() {
    for world in everywhere().await {
        let ask = world.ask().limited(LayerKind::Workspace, world.workspace, |l| l.rpm = Some(10));
        let first = world.admit(&ask).await.unwrap();
        assert_eq!(first.grant_id, ask.grant_id());
        assert_eq!(world.admit(&ask).await.unwrap(), first);
        world.settle(ask.completed()).await.unwrap();
        world.admit(&ask).await.unwrap();
        world.service.flush().await.unwrap();
        assert_eq!(world.rows("usage").await, 1);
        assert!(world.settle(ask.completed()).await.unwrap().already_settled || world.dir.is_some());
        assert_eq!((world.rows("usage").await, world.total().await.total_input_tokens), (1, 50));
    }
}

#[tokio::test]
async fn a_request_that_fell_back_is_one_request_with_two_attempts() {
    for world in everywhere().await {
        let first = world.ask();
        let second = first.clone().with(|ask| {
            ask.attempt = 2;
            ask.provider = "backup".into();
            ask.free = true;
        });
        world.admit(&first).await.unwrap();
        world.settle(first.failed()).await.unwrap();
        assert!(world.log(&first.request_id()).await.is_none(), "it has not ended");
        world.complete(&second).await;
        let log = eventually(SECOND, async || world.log(&first.request_id()).await).await;
        let attempts: Vec<_> =
            log.attempts.iter().map(|a| (a.attempt, a.provider.as_str(), a.outcome.as_str())).collect();
        assert_eq!(attempts, [(1, "openai", "upstream_error"), (2, "backup", "completed")]);
        assert_eq!(
            (log.attempts[0].provider_status, log.attempts[0].error_code.as_str()),
            (503, "UPSTREAM_OVERLOADED")
        );
        assert_eq!((log.provider.as_str(), log.cost_micros), ("backup", Some(0)), "what failed used nothing");
        assert_eq!((world.total().await.total_requests, world.rows("usage").await), (1, 2));
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let world = World::embedded().await;
    let refused = async |ask: Ask| {
        let failure = world.admit(&ask).await.unwrap_err();
        assert_eq!(failure.reason, Reason::InvalidArgument, "{failure}");
        failure.fields[0].0.clone()
    };
    assert_eq!(refused(world.ask().with(|a| a.subject = None)).await, "subject");
    assert_eq!(refused(world.ask().with(|a| a.attempt = 0)).await, "attempt");
    assert_eq!(refused(world.ask().with(|a| a.instance_id = String::new())).await, "instance_id");
    assert_eq!(refused(world.ask().with(|a| a.estimated_tokens = -1)).await, "estimated_tokens");
    assert_eq!(refused(world.ask().limited(LayerKind::Workspace, "ws_x", |l| l.rpm = Some(1))).await, "layers");
    assert_eq!(refused(world.ask().limited(LayerKind::ApiKey, world.key, |l| l.tpm = Some(0))).await, "layers");
    let ask = world.ask();
    world.admit(&ask).await.unwrap();
    let negative = SettleRequest { tokens: Some(Tokens { output: -1, ..Tokens::default() }), ..ask.completed() };
    assert_eq!(world.settle(negative).await.unwrap_err().fields[0].0, "tokens");
    let nothing = SettleRequest { outcome: 0, ..ask.completed() };
    assert_eq!(world.settle(nothing).await.unwrap_err().fields[0].0, "outcome");
}

#[tokio::test]
async fn hostile_text_is_kept_as_far_as_a_database_can() {
    for world in everywhere().await {
        let ask = world.ask().with(|ask| {
            let subject = ask.subject.as_mut().unwrap();
            subject.requested_model = format!("a\0b\"'\\\u{1}{}", "é".repeat(1_000));
        });
        let id = world.complete(&ask).await;
        let log = eventually(SECOND, async || world.log(&id).await).await;
        assert!(log.requested_model.starts_with("ab\"'\\\u{1}é"), "{}", log.requested_model);
        assert!(log.requested_model.len() <= 256);
    }
}
