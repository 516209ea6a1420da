//! Internal teams calling a service directly, with a client that is not ours (`buf curl`).

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use std::{path::PathBuf, process::Stdio};
use tests::{Cluster, Person};
use tokio::process::Command;

scenarios! {
    shared: reflection_lists_services_to_those_who_authenticate, a_token_opens_what_its_owner_may_see,
        without_a_token_it_is_refused, rpcs_for_peers_are_closed_to_tenants, health_is_open;
}

/// For those whom reflection tells nothing.
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto");

fn tool(name: &str) -> anyhow::Result<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/node/node_modules/.bin").join(name);
    ensure!(path.exists(), "{name} is not installed: run `make tools`");
    Ok(path)
}

/// Runs `buf curl` and gives whether it succeeded and everything that it printed.
async fn buf_curl(args: &[&str], token: Option<&str>, workspace: Option<&str>) -> anyhow::Result<(bool, String)> {
    let mut command = Command::new(tool("buf")?);
    command.args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"]).args(args).stdin(Stdio::null());
    let reflects = !args.contains(&"--schema");
    let mut header = |name: &str, value: &str| {
        command.args(["--header", &format!("{name}: {value}")]);
        if reflects {
            command.args(["--reflect-header", &format!("{name}: {value}")]);
        }
    };
    if let Some(token) = token {
        header("authorization", &format!("Bearer {token}"));
    }
    if let Some(workspace) = workspace {
        header("x-perpetuo-workspace", workspace);
    }
    let output = command.kill_on_drop(true).output().await.context("buf curl")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), text))
}

fn token(person: &Person) -> String {
    person.account["access_token"].as_str().unwrap_or_default().to_owned()
}

async fn reflection_lists_services_to_those_who_authenticate(cluster: &Cluster) -> anyhow::Result<()> {
    let token = token(&cluster.person().await?);
    let url = cluster.grpc(Role::Workspace);
    let (ok, listed) = buf_curl(&["--list-methods", &url], Some(&token), None).await?;
    ensure!(ok && listed.contains("perpetuo.workspace.v1.Workspaces/GetWorkspace"), "{listed}");
    let (ok, refused) = buf_curl(&["--list-methods", &url], None, None).await?;
    ensure!(!ok && !refused.contains("Workspaces/GetWorkspace"), "{refused}");
    Ok(())
}

async fn a_token_opens_what_its_owner_may_see(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let url = format!("{}/perpetuo.workspace.v1.Workspaces/GetWorkspace", cluster.grpc(Role::Workspace));
    let (ok, answer) = buf_curl(&["--data", "{}", &url], Some(&token(&person)), None).await?;
    ensure!(ok && answer.contains(&person.workspace), "{answer}");
    let stranger = cluster.person().await?;
    let args = ["--schema", SCHEMA, "--data", "{}", &url];
    let (ok, refused) = buf_curl(&args, Some(&token(&stranger)), Some(&person.workspace)).await?;
    ensure!(!ok && refused.contains("not_found"), "{refused}");
    let (_, made) = person.key_with(&serde_json::json!({"scopes": ["usage.read"]})).await?;
    let key = made["key"].as_str().unwrap_or_default();
    let url = format!("{}/perpetuo.usage.v1.Usage/GetUsage", cluster.grpc(Role::UsageMetering));
    let (ok, answer) = buf_curl(&["--data", "{}", &url], Some(key), None).await?;
    ensure!(ok && answer.contains("\"from\""), "{answer}");
    Ok(())
}

async fn without_a_token_it_is_refused(cluster: &Cluster) -> anyhow::Result<()> {
    for (role, rpc) in [
        (Role::Workspace, "perpetuo.workspace.v1.Workspaces/GetWorkspace"),
        (Role::UsageMetering, "perpetuo.usage.v1.Usage/GetUsage"),
        (Role::Billing, "perpetuo.billing.v1.Billing/GetSubscription"),
        (Role::Gateway, "perpetuo.gateway.v1.Gateway/ListModels"),
        (Role::AgentEngine, "perpetuo.engine.v1.AgentEngine/GetExecution"),
        (Role::Identity, "perpetuo.identity.v1.Identity/GetMe"),
    ] {
        let url = format!("{}/{rpc}", cluster.grpc(role));
        let (ok, refused) = buf_curl(&["--schema", SCHEMA, "--data", "{}", &url], None, None).await?;
        ensure!(!ok && refused.contains("unauthenticated"), "{rpc}: {refused}");
    }
    Ok(())
}

async fn rpcs_for_peers_are_closed_to_tenants(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let token = token(&person);
    let role_of = |rpc: &proto::rpc::Rpc| rpc.audience;
    let closed = proto::rpcs().filter(|r| matches!(r.auth, proto::rpc::Auth::Peer(_)));
    for rpc in closed {
        let url = format!("{}/{}/{}", cluster.grpc(role_of(rpc)), rpc.service, rpc.method);
        let (ok, refused) = buf_curl(&["--schema", SCHEMA, "--data", "{}", &url], Some(&token), None).await?;
        ensure!(!ok && refused.contains("permission_denied"), "{}: {refused}", rpc.method);
    }
    Ok(())
}

async fn health_is_open(cluster: &Cluster) -> anyhow::Result<()> {
    for role in [Role::Identity, Role::Workspace, Role::Gateway, Role::UsageMetering, Role::Billing, Role::AgentEngine]
    {
        let channel = tonic::transport::Endpoint::try_from(cluster.grpc(role))?.connect().await?;
        let mut health = tonic_health::pb::health_client::HealthClient::new(channel);
        let service = proto::rpcs().find(|r| r.audience == role).map(|r| r.service).unwrap_or_default();
        let request = tonic_health::pb::HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await?.into_inner();
        ensure!(answer.status() == tonic_health::pb::health_check_response::ServingStatus::Serving, "{answer:?}");
    }
    Ok(())
}
