//! Roles that a workspace makes for itself: who gets one, what they may then do, and how soon a change is felt.

use crate::{
    mail::Sink,
    members::{cluster, denied_by, id_of, invited, join},
    scenarios,
};
use anyhow::{Context as _, ensure};
use proto::{
    Permission, Reason, Role,
    id::ExecutionId,
    rpc::{Auth, Rpc},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tests::{Cluster, Person, cluster::Shape, eventually, in_one_of_three, within};
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

scenarios! {
    own: an_auditor_may_what_the_role_says_and_a_change_is_felt_within_a_second, who_may_write_members_makes_nobody_more_than_they_are,
        each_permission_alone_opens_what_needs_it_and_nothing_else;
}

/// How long a change may take to be felt.
const SOON: Duration = Duration::from_secs(1);

async fn channels(cluster: &Cluster) -> anyhow::Result<BTreeMap<&'static str, Channel>> {
    let mut channels = BTreeMap::new();
    for &role in Role::ALL.iter().filter(|role| **role != Role::Edge) {
        channels.insert(role.as_str(), Endpoint::try_from(cluster.grpc(role))?.connect().await?);
    }
    Ok(channels)
}

fn rpc(method: &str) -> anyhow::Result<&'static Rpc> {
    proto::rpcs().find(|rpc| rpc.method == method).with_context(|| format!("no rpc {method}"))
}

/// Makes the role, once however often it is asked for, and nothing that may not be made.
async fn make_auditor(ada: &Person, permissions: &Value) -> anyhow::Result<()> {
    let roles = ada.path("/roles");
    let body = json!({"name": "auditor", "description": "Reads the books", "permissions": permissions});
    let made = ada.client.post_once("make", &roles, &body).await?.expect(201)?.json()?;
    let again = ada.client.post_once("make", &roles, &body).await?.expect(201)?;
    ensure!(again.header("idempotent-replayed") == "true" && again.json()? == made, "{}", again.text);
    ada.client.post(&roles, &body).await?.expect(409)?;
    ada.client.post(&roles, &json!({"name": "owner", "permissions": ["audit.read"]})).await?.expect(422)?;
    ada.client.post(&roles, &json!({"name": "boss", "permissions": ["workspace.own"]})).await?.expect(422)?;
    let listed = ada.client.get(&roles).await?.expect(200)?.json()?;
    let names: Vec<&str> = listed["data"].as_array().into_iter().flatten().filter_map(|r| r["name"].as_str()).collect();
    ensure!(names == ["owner", "admin", "member", "viewer", "auditor"], "{listed}");
    Ok(())
}

async fn an_auditor_may_what_the_role_says_and_a_change_is_felt_within_a_second(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let auditor = ada.path("/roles/auditor");
    let permissions = json!(["workspace.read", "audit.read", "keys.read", "keys.write", "usage.read"]);
    make_auditor(&ada, &permissions).await?;
    join(&sink, &ada, &bob, "auditor").await?;
    let letter = invited(&sink, &bob.email, 1).await?;
    ensure!(letter["text"].as_str().is_some_and(|text| text.contains("“auditor”")), "{letter}");
    let used = ada.client.delete(&auditor).await?.expect(409)?.json()?;
    ensure!(used["members"] == 1 && used["invitations"] == 0, "{used}");
    eventually(async || bob.client.get(&ada.path("/audit")).await?.expect(200).map(drop)).await?;
    bob.client.get(&ada.path("/api-keys")).await?.expect(200)?;
    let denied = bob.client.get(&ada.path("/members")).await?.expect(403)?.json()?;
    ensure!(denied["permission"] == "members.read", "{denied}");
    bob.client.put(&ada.path(""), &json!({"name": "Mine"})).await?.expect(403)?;
    let me = bob.client.get("/auth/me").await?.expect(200)?.json()?;
    ensure!(me.to_string().contains("\"auditor\""), "{me}");

    // A key may do what its member may, and no more.
    let keys = ada.path("/api-keys");
    bob.client.post(&keys, &json!({"name": "more", "scopes": ["inference"]})).await?.expect(403)?;
    let key = bob.client.post(&keys, &json!({"name": "own", "scopes": ["audit.read"]})).await?.expect(201)?.json()?;
    let key = cluster.anybody().with(key["key"].as_str().unwrap_or_default());
    key.get(&ada.path("/audit")).await?.expect(200)?;

    let channels = channels(&cluster).await?;
    // Identity, usage-metering and workspace: a process each, where there is one per role.
    let asked = [
        (rpc("ListApiKeys")?, true),
        (rpc("GetUsage")?, true),
        (rpc("ListAuditEvents")?, true),
        (rpc("ListMembers")?, false),
    ];
    let seen = async |was: bool| {
        for (rpc, before) in asked {
            let denied = denied_by(&channels[rpc.audience.as_str()], rpc, Some(&bob), &ada.workspace).await?;
            let is_denied = denied == Some(Reason::PermissionDenied);
            ensure!(is_denied != (before == was), "{}: {denied:?}", rpc.method);
        }
        Ok(())
    };
    in_one_of_three(async || {
        ada.client.patch(&auditor, &json!({"permissions": permissions})).await?.expect(200)?;
        within(Duration::from_secs(10), async || seen(true).await).await?;
        ada.client.patch(&auditor, &json!({"permissions": ["members.read"]})).await?.expect(200)?;
        tokio::time::sleep(SOON).await;
        seen(false).await?;
        bob.client.get(&ada.path("/members")).await?.expect(200)?;
        key.get(&ada.path("/audit")).await?.expect(403).map(drop)
    })
    .await?;

    ada.client.patch(&ada.path(&format!("/members/{}", id_of(&bob))), &json!({"role": "viewer"})).await?.expect(200)?;
    ada.client.delete(&auditor).await?.expect(204)?;
    ada.client.get(&auditor).await?.expect(404)?;
    let trail = ada.client.get(&ada.path("/audit?limit=200")).await?.expect(200)?.json()?;
    for action in ["role.created", "role.updated", "role.deleted"] {
        let mut events = trail["data"].as_array().into_iter().flatten();
        ensure!(events.any(|event| event["action"] == action && event["actor"] == id_of(&ada)), "{action}: {trail}");
    }
    Ok(())
}

async fn who_may_write_members_makes_nobody_more_than_they_are(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let roles = ada.path("/roles");
    let people = json!({"name": "people", "permissions": ["members.read", "members.write"]});
    ada.client.post(&roles, &people).await?.expect(201)?;
    ada.client.post(&roles, &json!({"name": "auditor", "permissions": ["audit.read"]})).await?.expect(201)?;
    join(&sink, &ada, &bob, "people").await?;
    eventually(async || bob.client.get(&roles).await?.expect(200).map(drop)).await?;
    let member = |person: &Person| ada.path(&format!("/members/{}", id_of(person)));
    let more = json!({"permissions": ["members.read", "members.write", "audit.read"]});
    for refused in [
        bob.client.post(&roles, &json!({"name": "spy", "permissions": ["audit.read"]})).await?,
        bob.client.patch(&ada.path("/roles/people"), &more).await?,
        bob.client.patch(&ada.path("/roles/auditor"), &json!({"permissions": ["members.read"]})).await?,
        bob.client.delete(&ada.path("/roles/auditor")).await?,
        bob.client.patch(&member(&bob), &json!({"role": "auditor"})).await?,
        bob.client.post(&ada.path("/invitations"), &json!({"email": "eve@example.com", "role": "auditor"})).await?,
    ] {
        let refused = refused.expect(403)?.json()?;
        ensure!(refused["permission"] == "audit.read", "{refused}");
    }
    bob.client.patch(&member(&ada), &json!({"role": "people"})).await?.expect(403)?;
    bob.client.delete(&member(&ada)).await?.expect(403)?;
    bob.client.patch(&member(&bob), &json!({"role": "viewer"})).await?.expect(403)?;
    bob.client.post(&roles, &json!({"name": "greeter", "permissions": ["members.read"]})).await?.expect(201)?;
    bob.client.patch(&member(&bob), &json!({"role": "greeter"})).await?.expect(200)?;
    Ok(())
}

/// They ask for a second permission: a dry run reads the log, and trying a provider calls its models.
const TWO: &[&str] = &["DryRunRouting", "TestProvider"];

/// Tries every rpc that needs something of a workspace, as somebody who may do one thing there. How many needed that.
async fn opened(
    channels: &BTreeMap<&str, Channel>,
    person: &Person,
    workspace: &str,
    permission: Permission,
) -> anyhow::Result<usize> {
    let mut opened = 0;
    for rpc in proto::rpcs() {
        let Auth::Permission(needed) = &rpc.auth else { continue };
        if !needed.is_of_workspaces() {
            continue;
        }
        let wanted = *needed == permission;
        opened += usize::from(wanted);
        let channel = &channels[rpc.audience.as_str()];
        within(SOON * 5, async || {
            let seen = denied_by(channel, rpc, Some(person), workspace).await?;
            let denied = seen == Some(Reason::PermissionDenied);
            let asks_twice = wanted && TWO.contains(&rpc.method);
            ensure!(denied != wanted || asks_twice, "{} with {} alone: {seen:?}", rpc.method, permission.as_str());
            Ok(())
        })
        .await?;
    }
    Ok(opened)
}

/// Roles of one permission each, against every rpc that needs one: those that need another say so.
async fn each_permission_alone_opens_what_needs_it_and_nothing_else(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let one = |permission: Permission| format!("only_{}", permission.as_str().replace('.', "_"));
    let alone = Permission::ALL.iter().filter(|p| p.is_of_workspaces() && **p != Permission::WorkspaceOwn);
    let alone: Vec<Permission> = alone.copied().collect();
    for &permission in &alone {
        let body = json!({"name": one(permission), "permissions": [permission.as_str()]});
        ada.client.post(&ada.path("/roles"), &body).await?.expect(201)?;
    }
    join(&sink, &ada, &bob, &one(alone[0])).await?;
    let (channels, member) = (channels(&cluster).await?, ada.path(&format!("/members/{}", id_of(&bob))));
    let to = json!({"workspace_id": ada.workspace});
    let switched = bob.client.post("/auth/switch", &to).await?.expect(200)?.json()?;
    let switched = cluster.anybody().with(switched["access_token"].as_str().unwrap_or_default());
    for &permission in &alone {
        ada.client.patch(&member, &json!({"role": one(permission)})).await?.expect(200)?;
        tokio::time::sleep(SOON).await;
        let opened = opened(&channels, &bob, &ada.workspace, permission).await?;
        // Executions are asked for at the edge, which says what they need.
        let by_the_edge = [Permission::ExecutionsRead, Permission::ExecutionsWrite];
        ensure!(opened > 0 || by_the_edge.contains(&permission), "no rpc needs {}", permission.as_str());
        let nothing = format!("/executions/{}", ExecutionId::from_uuid(Uuid::from_u128(rand::random())));
        let [read, write] = [switched.get("/executions").await?, switched.delete(&nothing).await?];
        let seen = [read.status == 403, write.status == 403];
        ensure!(
            seen == by_the_edge.map(|needed| needed != permission),
            "{}: {} {}",
            permission.as_str(),
            read.text,
            write.text
        );
    }
    let trail: Value =
        ada.client.get(&ada.path("/audit?action=member.role_changed&limit=50")).await?.expect(200)?.json()?;
    ensure!(trail["data"].as_array().is_some_and(|events| events.len() >= alone.len() - 1), "{trail}");
    Ok(())
}
