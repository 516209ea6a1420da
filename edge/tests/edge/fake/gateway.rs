//! A gateway that does what `model` of the request says.

use super::Fakes;
use bytes::Bytes;
use complete_response::Part;
use futures::{Stream, StreamExt as _, stream};
use proto::{Call, Reason, gateway::*, usage::Guarded};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};
use tonic::{Status, codegen::BoxStream};

fn head(content_type: &str) -> Result<CompleteResponse, Status> {
    let limit = |kind: &str| RateLimit { kind: kind.into(), limit: 600, remaining: 599, reset_ms: 60_000 };
    part(Part::Head(Head {
        status: 200,
        content_type: content_type.into(),
        provider: "acme-openai".into(),
        model: "gpt-5-mini".into(),
        attempts: 2,
        overhead_us: 321,
        rate_limits: vec![limit("requests"), limit("tokens")],
        retry_after: None,
        dropped: vec!["seed".into(), "logit_bias".into()],
        guardrails: vec![Guarded { name: "pii".into(), stage: "input".into(), action: "redact".into(), count: 2 }],
        cache: "hit".into(),
        replayed: true,
    }))
}

fn data(text: &'static str) -> Result<CompleteResponse, Status> {
    part(Part::Data(Bytes::from_static(text.as_bytes())))
}

fn part(part: Part) -> Result<CompleteResponse, Status> {
    Ok(CompleteResponse { part: Some(part) })
}

fn cut() -> Result<CompleteResponse, Status> {
    Err(Reason::UpstreamIncomplete.with("the provider's answer was cut off").into())
}

/// Tells when it is dropped.
struct Watched<S>(S, Arc<AtomicBool>);

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.1.store(true, SeqCst);
    }
}

impl<S: Stream + Unpin> Stream for Watched<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

fn limited() -> Status {
    let limited = Reason::RateLimited.with("600 requests a minute are used up").fact("layer", "workspace");
    let limited = limited.fact("kind", "requests_per_minute").fact("limit", 600).fact("used", 600);
    limited.fact("remaining", 0).fact("reset_ms", 1500).retry_after(Duration::from_millis(1500)).into()
}

#[tonic::async_trait]
impl Service for Fakes {
    async fn complete(&self, call: &Call, request: CompleteRequest) -> Result<BoxStream<CompleteResponse>, Status> {
        self.note("complete", call, &request);
        let model: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let events = "text/event-stream";
        let parts = match model["model"].as_str().unwrap_or_default() {
            "plain" => vec![head("application/json"), data(r#"{"id":"#), data(r#""chatcmpl-1"}"#)],
            "plain-cut" => vec![head("application/json"), data(r#"{"id":"#), cut()],
            "stream" => vec![head(events), data("data: {\"a\":1}\n\n"), data("data: [DONE]\n\n")],
            "stream-cut" => vec![head(events), data("data: {\"a\":1}\n\n"), cut()],
            "endless" => {
                let first = stream::iter([head(events), data("data: {\"a\":1}\n\n")]);
                return Ok(Watched(first.chain(stream::pending()), self.dropped.clone()).boxed());
            }
            "refused" => {
                let mut refused = head("application/json").unwrap();
                if let Some(Part::Head(head)) = &mut refused.part {
                    head.status = 400;
                }
                vec![Ok(refused), data(r#"{"error":{"message":"bad","type":"x","param":null,"code":null}}"#)]
            }
            "limited" => return Err(limited()),
            "headless" => vec![],
            "" => {
                let missing = Reason::InvalidArgument.with("model is missing");
                return Err(missing.field("model", "is missing").into());
            }
            other => {
                let unknown = Reason::ModelNotFound.with(format!("no provider serves {other}"));
                return Err(unknown.field("model", "must be one of GET /v1/models").into());
            }
        };
        Ok(stream::iter(parts).boxed())
    }
    async fn complete_for_execution(
        &self,
        _: &Call,
        _: CompleteForExecutionRequest,
    ) -> Result<BoxStream<CompleteResponse>, Status> {
        super::unused()
    }
    async fn dry_run_routing(
        &self,
        call: &Call,
        request: DryRunRoutingRequest,
    ) -> Result<DryRunRoutingResponse, Status> {
        self.note("dry_run_routing", call, &request);
        let place = || Place { provider: "acme-openai".into(), model: "gpt-5-mini".into() };
        let replay = Replay {
            request_id: super::REQUEST.into(),
            created_at: super::at(1_790_000_000),
            requested_model: "smart".into(),
            logged: Some(place()),
            outcome: "completed".into(),
            now: vec![place()],
            then: vec![],
        };
        let shares = vec![Share { place: Some(place()), now: 1, then: 0 }, Share { place: None, now: 0, then: 1 }];
        Ok(DryRunRoutingResponse { requests: vec![replay], changed: 1, shares })
    }
    async fn list_models(&self, call: &Call, request: ListModelsRequest) -> Result<ListModelsResponse, Status> {
        self.note("list_models", call, &request);
        let model = Model { id: "simulator/chat".into(), owned_by: "simulator".into(), created: 1_790_000_000 };
        Ok(ListModelsResponse { models: vec![model] })
    }
    async fn get_model(&self, call: &Call, request: GetModelRequest) -> Result<GetModelResponse, Status> {
        self.note("get_model", call, &request);
        let model = Model { id: request.model, owned_by: "simulator".into(), created: 1_790_000_000 };
        Ok(GetModelResponse { model: Some(model) })
    }
    async fn get_response(&self, call: &Call, request: GetResponseRequest) -> Result<GetResponseResponse, Status> {
        self.note("get_response", call, &request);
        if request.response_id == "resp_gone" {
            return Err(Reason::NotFound.with("Response with id \"resp_gone\" not found.").into());
        }
        Ok(GetResponseResponse { response: Bytes::from_static(br#"{ "id":"resp_1", "object":"response" }"#) })
    }
    async fn list_response_input(
        &self,
        call: &Call,
        request: ListResponseInputRequest,
    ) -> Result<ListResponseInputResponse, Status> {
        self.note("list_response_input", call, &request);
        let items = vec![Bytes::from_static(br#"{"id":"msg_1","type":"message"}"#)];
        Ok(ListResponseInputResponse { items, has_more: true, first_id: "msg_1".into(), last_id: "msg_1".into() })
    }
    async fn delete_response(
        &self,
        call: &Call,
        request: DeleteResponseRequest,
    ) -> Result<DeleteResponseResponse, Status> {
        self.note("delete_response", call, &request);
        Ok(DeleteResponseResponse {})
    }
    async fn test_provider(&self, call: &Call, request: TestProviderRequest) -> Result<TestProviderResponse, Status> {
        self.note("test_provider", call, &request);
        let error = "the provider refused the key".to_owned();
        Ok(TestProviderResponse { ok: false, latency_ms: 12, models: vec![], error })
    }
    async fn test_platform_provider(
        &self,
        call: &Call,
        request: TestPlatformProviderRequest,
    ) -> Result<TestPlatformProviderResponse, Status> {
        self.note("test_platform_provider", call, &request);
        let result =
            TestProviderResponse { ok: true, latency_ms: 3, models: vec!["m".to_owned()], ..Default::default() };
        Ok(TestPlatformProviderResponse { result: Some(result) })
    }
    async fn get_limits(&self, call: &Call, request: GetLimitsRequest) -> Result<GetLimitsResponse, Status> {
        self.note("get_limits", call, &request);
        let limit = Limit {
            layer: "workspace".into(),
            kind: "requests_per_minute".into(),
            limit: 600,
            used: 1,
            remaining: 599,
            id: super::WORKSPACE.into(),
            resets_at: super::at(1_790_000_000),
            ..Limit::default()
        };
        let budget = Limit {
            layer: "api_key".into(),
            id: super::KEY_ID.into(),
            kind: "budget".into(),
            resource: "cost".into(),
            period: "total".into(),
            limit: 5_000_000,
            used: 1_250_000,
            remaining: 3_750_000,
            resets_at: None,
            soft: true,
            currency: "USD".into(),
        };
        Ok(GetLimitsResponse { limits: vec![limit, budget] })
    }
}
