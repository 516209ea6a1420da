//! What the gateway promises.

use crate::{Handles, checks, reason};
use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use proto::{
    Call, Reason,
    gateway::{
        CompleteRequest, DeleteResponseRequest, DryRunRoutingRequest, GetLimitsRequest, GetModelRequest,
        GetResponseRequest, Head, Limit, ListModelsRequest, ListResponseInputRequest, Operation, TestProviderRequest,
        complete_response::Part,
    },
    id::{ProviderId, RequestId},
};
use serde_json::{Value, json};

checks!(
    an_answer_begins_with_its_head,
    a_stream_arrives_in_parts,
    an_unknown_model_is_refused_before_the_head,
    models_are_listed_and_read,
    nothing_is_limited_by_default,
    an_unknown_provider_cannot_be_tried,
    a_dry_run_replays_the_last_requests,
    a_response_is_read_listed_and_erased,
);

async fn complete(h: &Handles, call: &Call, body: &Value) -> anyhow::Result<(Head, Vec<u8>, usize)> {
    complete_of(h, call, Operation::ChatCompletions, body).await
}

async fn complete_of(
    h: &Handles,
    call: &Call,
    operation: Operation,
    body: &Value,
) -> anyhow::Result<(Head, Vec<u8>, usize)> {
    let call = Call { request_id: RequestId::from_uuid(crate::random()), ..call.clone() };
    let request =
        CompleteRequest { operation: operation.into(), body: body.to_string().into(), ..CompleteRequest::default() };
    let mut stream = h.gateway.complete(&call, request).await?;
    let (mut head, mut data, mut parts) = (None, vec![], 0);
    while let Some(part) = stream.next().await {
        match part?.part.context("an empty part")? {
            Part::Head(first) => ensure!(head.replace(first).is_none() && data.is_empty(), "a head that is not first"),
            Part::Data(bytes) => {
                data.extend_from_slice(&bytes);
                parts += 1;
            }
        }
    }
    Ok((head.context("no head")?, data, parts))
}

fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}]})
}

async fn an_answer_begins_with_its_head(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let (head, data, _) = complete(h, &call, &chat("simulator/chat")).await?;
    ensure!(head.status == 200 && head.content_type.starts_with("application/json") && head.attempts == 1, "{head:?}");
    ensure!(head.provider == "simulator", "{head:?}");
    let answer: Value = serde_json::from_slice(&data)?;
    ensure!(answer["object"] == "chat.completion", "{answer}");
    Ok(())
}

async fn a_stream_arrives_in_parts(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let mut body = chat("simulator/chat");
    body["stream"] = json!(true);
    body["simulator"] = json!({"tokens": 5, "chunk_delay_ms": 20});
    let (head, data, parts) = complete(h, &call, &body).await?;
    ensure!(head.content_type.starts_with("text/event-stream") && parts >= 3, "{head:?} in {parts} parts");
    ensure!(String::from_utf8(data)?.trim_end().ends_with("data: [DONE]"), "no end mark");
    Ok(())
}

async fn an_unknown_model_is_refused_before_the_head(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let request =
        |body: &[u8]| CompleteRequest { operation: 1, body: body.to_vec().into(), ..CompleteRequest::default() };
    let unknown = h.gateway.complete(&call, request(chat("nothing").to_string().as_bytes())).await.err();
    ensure!(unknown.map(|s| Reason::of(&s)) == Some(Reason::ModelNotFound), "not refused");
    let broken = h.gateway.complete(&call, request(b"{")).await.err();
    ensure!(broken.map(|s| Reason::of(&s)) == Some(Reason::MalformedRequest), "not refused");
    Ok(())
}

async fn models_are_listed_and_read(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let models = h.gateway.list_models(&call, ListModelsRequest {}).await?.models;
    ensure!(models.iter().any(|m| m.id == "simulator/chat"), "{models:?}");
    let request = GetModelRequest { model: "simulator/chat".to_owned() };
    ensure!(h.gateway.get_model(&call, request).await?.model.is_some(), "not found");
    let refused = reason(h.gateway.get_model(&call, GetModelRequest { model: "nothing".to_owned() }).await)?;
    ensure!(refused == Reason::ModelNotFound, "{refused:?}");
    Ok(())
}

async fn nothing_is_limited_by_default(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let limits = h.gateway.get_limits(&call, GetLimitsRequest {}).await?.limits;
    // What the plan counts is no request to a model.
    let counted = |limit: &Limit| limit.layer == "plan" && ["executions", "tickets"].contains(&limit.resource.as_str());
    ensure!(limits.iter().all(counted), "limits without having set any: {limits:?}");
    Ok(())
}

async fn an_unknown_provider_cannot_be_tried(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let request = TestProviderRequest { provider_id: ProviderId::from_uuid(crate::random()).to_string() };
    let refused = reason(h.gateway.test_provider(&call, request).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");
    Ok(())
}

async fn a_dry_run_replays_the_last_requests(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let body = json!({"model": "simulator/chat", "messages": [{"role": "user", "content": "hi"}]});
    complete(h, &ada.call, &body).await?;
    let dry = tests::eventually(async || {
        let dry = h.gateway.dry_run_routing(&ada.call, DryRunRoutingRequest::default()).await?;
        ensure!(dry.requests.len() == 1, "{dry:?}");
        Ok(dry)
    })
    .await?;
    let now = &dry.requests[0].now;
    ensure!(now.len() == 1 && now[0].model == "chat" && *now == dry.requests[0].then && dry.changed == 0, "{dry:?}");
    Ok(())
}

async fn a_response_is_read_listed_and_erased(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let asked = json!({"model": "simulator/chat", "input": "hi"});
    let (_, made, _) = complete_of(h, &call, Operation::Responses, &asked).await?;
    let id = serde_json::from_slice::<Value>(&made)?["id"].as_str().context("an id")?.to_owned();
    let get = GetResponseRequest { response_id: id.clone(), ..GetResponseRequest::default() };
    ensure!(h.gateway.get_response(&call, get.clone()).await?.response == made, "it is not what was answered");
    let events = GetResponseRequest { stream: true, starting_after: Some(0), ..get.clone() };
    let events = h.gateway.get_response(&call, events).await?.response;
    ensure!(events.starts_with(b"event: response.in_progress"), "{events:?}");
    let list = ListResponseInputRequest { response_id: id.clone(), ..ListResponseInputRequest::default() };
    let listed = h.gateway.list_response_input(&call, list).await?;
    ensure!(listed.items.len() == 1 && !listed.has_more && listed.first_id == listed.last_id, "{listed:?}");
    let stranger = h.somebody().await?.call;
    ensure!(reason(h.gateway.get_response(&stranger, get.clone()).await)? == Reason::NotFound, "a stranger reads it");
    h.gateway.delete_response(&call, DeleteResponseRequest { response_id: id }).await?;
    ensure!(reason(h.gateway.get_response(&call, get).await)? == Reason::NotFound, "it is there still");
    Ok(())
}
