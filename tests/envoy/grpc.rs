//! gRPC for internal teams through the proxy, and the same as JSON.

use crate::{
    cases,
    front::{Front, World, trusting},
};
use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proto::{
    gateway::{CompleteRequest, CompleteResponse, Operation, complete_response::Part},
    identity::{GetMeRequest, GetMeResponse},
    workspace::{ListMembershipsRequest, ListMembershipsResponse},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{Answer, Cluster, Person, client::Client, cluster::Shape, in_one_of_three};
use tonic::{Code, Request, Status, Streaming, client::Grpc, transport::Channel};
use tonic_prost::ProstCodec;

cases! {
    shared: a_unary_rpc_answers, a_stream_arrives_message_by_message, what_is_for_peers_stays_closed,
        json_becomes_grpc_and_back, a_refusal_says_in_json_what_grpc_says, services_that_are_not_there_are_unimplemented;
    own: only_reads_are_asked_again;
}

async fn connect(front: &Front) -> anyhow::Result<Grpc<Channel>> {
    let channel = Channel::from_shared(format!("http://127.0.0.1:{}", front.grpc))?.connect().await?;
    Ok(Grpc::new(channel))
}

fn with<T>(message: T, metadata: &[(&'static str, &str)]) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    for (name, value) in metadata {
        request.metadata_mut().insert(*name, value.parse()?);
    }
    Ok(request)
}

async fn unary<Q, A>(grpc: &mut Grpc<Channel>, path: &'static str, request: Request<Q>) -> Result<A, Status>
where
    Q: prost::Message + Default + 'static,
    A: prost::Message + Default + 'static,
{
    let path = http::uri::PathAndQuery::from_static(path);
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    Ok(grpc.unary(request, path, ProstCodec::<Q, A>::default()).await?.into_inner())
}

fn bearer(person: &Person) -> String {
    format!("Bearer {}", person.account["access_token"].as_str().unwrap_or_default())
}

const GET_ME: &str = "/perpetuo.identity.v1.Identity/GetMe";
const COMPLETE: &str = "/perpetuo.gateway.v1.Gateway/Complete";

fn slow() -> CompleteRequest {
    let body = json!({"model": "simulator/chat", "stream": true, "messages": [{"role": "user", "content": "hi"}],
        "simulator": {"tokens": 8, "chunk_delay_ms": 100}});
    CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body.to_string().into(),
        ..CompleteRequest::default()
    }
}

async fn a_unary_rpc_answers(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let mut grpc = connect(&world.front).await?;
    let request = with(GetMeRequest::default(), &[("authorization", &bearer(&person))])?;
    let me: GetMeResponse = unary(&mut grpc, GET_ME, request).await?;
    ensure!(me.user.as_ref().is_some_and(|user| user.email == person.email), "{me:?}");
    let refused = unary::<_, GetMeResponse>(&mut grpc, GET_ME, Request::new(GetMeRequest::default())).await;
    ensure!(refused.as_ref().is_err_and(|status| status.code() == Code::Unauthenticated), "{refused:?}");
    Ok(())
}

async fn a_stream_arrives_message_by_message(world: &World) -> anyhow::Result<()> {
    let (_, key) = world.cluster.person().await?.key_with(&json!({})).await?;
    let key = format!("Bearer {}", key["key"].as_str().context("a key")?);
    in_one_of_three(async || {
        let mut grpc = connect(&world.front).await?;
        let request = with(slow(), &[("authorization", &key)])?;
        let path = http::uri::PathAndQuery::from_static(COMPLETE);
        let codec = ProstCodec::<CompleteRequest, CompleteResponse>::default();
        grpc.ready().await?;
        let mut stream: Streaming<CompleteResponse> = grpc.server_streaming(request, path, codec).await?.into_inner();
        let (start, mut times, mut text) = (Instant::now(), vec![], vec![]);
        while let Some(message) = stream.message().await? {
            if let Some(Part::Data(data)) = message.part {
                times.push(start.elapsed());
                text.extend_from_slice(&data);
            }
        }
        ensure!(String::from_utf8_lossy(&text).contains("[DONE]"), "{}", String::from_utf8_lossy(&text));
        let spread = times.last().copied().unwrap_or_default().saturating_sub(times[0]);
        ensure!(spread >= Duration::from_millis(500), "everything came within {spread:?}: {times:?}");
        Ok(())
    })
    .await
}

/// Whatever is claimed in the metadata: it does not get past the proxy.
async fn what_is_for_peers_stays_closed(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let mut grpc = connect(&world.front).await?;
    let path = "/perpetuo.workspace.v1.Workspaces/ListMemberships";
    let token = bearer(&person);
    let claims = [("authorization", token.as_str()), ("x-peer-token", "eyJhbGciOiJFZERTQSJ9.e30.AAAA")];
    let mut request = with(ListMembershipsRequest::default(), &claims)?;
    request.metadata_mut().insert_bin("x-call-bin", tonic::metadata::MetadataValue::from_bytes(b"\x0a\x00"));
    let refused = unary::<_, ListMembershipsResponse>(&mut grpc, path, request).await;
    // A peer's token that arrived would be looked at, and refused as one that is none.
    ensure!(refused.as_ref().is_err_and(|status| status.code() == Code::PermissionDenied), "{refused:?}");
    let direct = Channel::from_shared(world.cluster.grpc(proto::Role::Workspace))?.connect().await?;
    let mut direct = Grpc::new(direct);
    let request = with(ListMembershipsRequest::default(), &claims)?;
    let seen = unary::<_, ListMembershipsResponse>(&mut direct, path, request).await;
    ensure!(seen.as_ref().is_err_and(|status| status.code() == Code::Unauthenticated), "{seen:?}");
    Ok(())
}

fn json_client(front: &Front) -> Client {
    Client::new(format!("http://127.0.0.1:{}", front.grpc))
}

async fn json_becomes_grpc_and_back(world: &World) -> anyhow::Result<()> {
    let person = world.cluster.person().await?;
    let client = json_client(&world.front).with(person.account["access_token"].as_str().context("a token")?);
    let me = client.post(GET_ME, &json!({})).await?.expect(200)?;
    ensure!(me.header("content-type") == "application/json" && me.json()?["user"]["email"] == person.email, "{me:?}");
    let (key, _) = person.key_with(&json!({})).await?;
    drop(key);
    let listed = client.post("/perpetuo.identity.v1.Identity/ListApiKeys", &json!({})).await?.expect(200)?.json()?;
    ensure!(listed["api_keys"][0]["workspace_id"] == person.workspace, "{listed}");
    // A stream is a line of JSON for each message.
    let (_, made) = person.key_with(&json!({})).await?;
    let key = json_client(&world.front).with(made["key"].as_str().context("a key")?);
    let body = json!({"operation": "OPERATION_CHAT_COMPLETIONS", "body": STANDARD.encode(slow().body)});
    let streamed = key.post(COMPLETE, &body).await?.expect(200)?;
    let lines: Vec<Value> = streamed.text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let data = lines.iter().filter_map(|line| STANDARD.decode(line["data"].as_str()?).ok()).flatten().collect();
    ensure!(lines.len() > 5 && String::from_utf8(data)?.contains("[DONE]"), "{}", streamed.text);
    Ok(())
}

async fn a_refusal_says_in_json_what_grpc_says(world: &World) -> anyhow::Result<()> {
    let refused = json_client(&world.front).post(GET_ME, &json!({})).await?.expect(401)?.json()?;
    ensure!(
        refused["code"] == 16 && refused["message"].as_str().is_some_and(|text| text.contains("authorization")),
        "{refused}"
    );
    ensure!(refused["details"][0]["reason"] == "CREDENTIALS_MISSING", "{refused}");
    let broken = json_client(&world.front).post_raw(GET_ME, "{").await?;
    ensure!(broken.status == 400, "{broken:?}");
    Ok(())
}

async fn services_that_are_not_there_are_unimplemented(world: &World) -> anyhow::Result<()> {
    let mut grpc = connect(&world.front).await?;
    let path = "/perpetuo.nowhere.v1.Nothing/Do";
    let answer = unary::<_, GetMeResponse>(&mut grpc, path, Request::new(GetMeRequest::default())).await;
    ensure!(answer.as_ref().is_err_and(|status| status.code() == Code::Unimplemented), "{answer:?}");
    Ok(())
}

/// While nobody answers, the access log says how often Envoy tried.
async fn only_reads_are_asked_again() -> anyhow::Result<()> {
    let mut cluster = Cluster::start(Shape::One, &trusting()).await?;
    let front = Front::start(&cluster, &["health_ms=600000", "rate.total=1000/s"]).await?;
    cluster.process(proto::Role::Identity).kill().await?;
    let mut grpc = connect(&front).await?;
    let read = unary::<_, GetMeResponse>(&mut grpc, GET_ME, Request::new(GetMeRequest::default())).await;
    let login = "/perpetuo.identity.v1.Identity/Login";
    let wrote =
        unary::<_, GetMeResponse>(&mut grpc, login, Request::new(proto::identity::LoginRequest::default())).await;
    for answer in [read, wrote] {
        let refused = answer.err().context("nobody is there to answer")?;
        let tells = refused.message().contains("127.0.0.1") || refused.message().contains("upstream");
        ensure!(refused.code() == Code::Unavailable && !tells, "{refused:?}");
    }
    let http = Client::new(front.url());
    let shown = http.get("/v1/models").await?.expect(503)?;
    ensure!(
        shown.json()?["error"]["code"] == "service_unavailable" && !shown.text.contains("127.0.0.1"),
        "{}",
        shown.text
    );
    Answer::of(http.request(reqwest::Method::POST, "/v1/chat/completions").body("{}")).await?.expect(503)?;
    tests::eventually(async || {
        let log = front.access_log()?;
        for (path, more) in [(GET_ME, true), (login, false), ("/v1/models", true), ("/v1/chat/completions", false)] {
            let line = log.iter().rev().find(|line| line["path"] == path).with_context(|| format!("no {path}"))?;
            let attempts = line["attempts"].as_u64().context("attempts")?;
            ensure!(if more { attempts > 1 } else { attempts == 1 }, "{path}: {line}");
        }
        Ok(())
    })
    .await
}
