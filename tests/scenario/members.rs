//! People who come to a workspace, become something else there, and go.

use crate::{
    mail::{Sink, token},
    operators::operator,
    scenarios,
};
use anyhow::{Context as _, ensure};
use http::uri::PathAndQuery;
use proto::{
    Permission, Reason, Role,
    rpc::{Auth, Rpc},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tests::{
    Answer, Cluster, Person,
    client::{Client, PASSWORD},
    cluster::Shape,
    eventually, in_one_of_three, within,
};
use tonic::transport::{Channel, Endpoint};

scenarios! {
    own: somebody_is_invited_comes_and_goes, whoever_is_invited_to_a_workspace_may_sign_up_where_that_needs_it,
        a_workspace_is_given_away_and_never_without_an_owner, each_role_may_call_what_it_is_promised_and_nothing_else,
        a_workspace_has_room_for_as_many_as_its_plan_says;
}

const YES: bool = true;
const NOT: bool = false;
const ROLES: [&str; 4] = ["owner", "admin", "member", "viewer"];

/// What the documents promise to owners, admins, members and viewers. Not made from the table in the service: it is what
/// that table is tried against.
const PROMISED: &[(&str, [bool; 4])] = &[
    ("account", [YES, YES, YES, YES]),
    ("inference", [YES, YES, YES, NOT]),
    ("workspace.read", [YES, YES, YES, YES]),
    ("workspace.write", [YES, YES, NOT, NOT]),
    ("workspace.own", [YES, NOT, NOT, NOT]),
    ("members.read", [YES, YES, YES, YES]),
    ("members.write", [YES, YES, NOT, NOT]),
    ("providers.read", [YES, YES, YES, YES]),
    ("providers.write", [YES, YES, NOT, NOT]),
    ("keys.read", [YES, YES, YES, YES]),
    ("keys.write", [YES, YES, YES, NOT]),
    ("logs.read", [YES, YES, YES, YES]),
    ("usage.read", [YES, YES, YES, YES]),
    ("usage.write", [YES, YES, NOT, NOT]),
    ("exports.read", [YES, YES, YES, YES]),
    ("exports.write", [YES, YES, NOT, NOT]),
    ("audit.read", [YES, YES, NOT, NOT]),
    ("billing.read", [YES, YES, YES, YES]),
    ("billing.write", [YES, YES, NOT, NOT]),
    ("executions.read", [YES, YES, YES, YES]),
    ("executions.write", [YES, YES, YES, NOT]),
    ("webhooks.read", [YES, YES, NOT, NOT]),
    ("webhooks.write", [YES, YES, NOT, NOT]),
    ("platform.read", [NOT, NOT, NOT, NOT]),
    ("platform.write", [NOT, NOT, NOT, NOT]),
];

/// A cluster that sends letters, in which an account works at once.
pub async fn cluster(sink: &Sink, shape: Shape) -> anyhow::Result<Cluster> {
    sink.cluster_with(shape, &[("PERPETUO__IDENTITY__VERIFY_EMAIL", "false"), TEAMS]).await
}

/// Plans of which the free one has room for everybody: the shipped one is for one person.
pub(crate) const TEAMS: (&str, &str) =
    ("PERPETUO__BILLING__PLANS_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/scenario/teams.json"));

/// What the n-th invitation to an address holds.
pub(crate) async fn invited(sink: &Sink, address: &str, n: usize) -> anyhow::Result<Value> {
    sink.letter_to(address, "/invitations/accept?token=", n).await
}

/// The first account of an installation where sign-ups need an invitation, and its workspace.
async fn by_the_operators(cluster: &Cluster, email: &str) -> anyhow::Result<(Client, String)> {
    let said = cluster.operate(&["admin", "invite", email, "--json"]).await?;
    let json = &said[said.find('{').unwrap_or_default()..];
    let invited = serde_json::Deserializer::from_str(json).into_iter::<Value>().next().context("no invitation")??;
    let account = sign_up(cluster, email, invited["invitation"].as_str()).await?.expect(201)?.json()?;
    let client = cluster.anybody().with(account["access_token"].as_str().unwrap_or_default());
    let me = client.get("/auth/me").await?.expect(200)?.json()?;
    let workspace = me["workspaces"][0]["id"].as_str().context("no workspace")?.to_owned();
    Ok((client, workspace))
}

async fn sign_up(cluster: &Cluster, email: &str, invitation: Option<&str>) -> anyhow::Result<Answer> {
    let body = json!({"email": email, "password": PASSWORD, "name": "Somebody", "invitation": invitation});
    cluster.anybody().post("/auth/signup", &body).await
}

async fn whoever_is_invited_to_a_workspace_may_sign_up_where_that_needs_it(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let env = [("PERPETUO__IDENTITY__VERIFY_EMAIL", "false"), ("PERPETUO__IDENTITY__SIGNUP", "invite"), TEAMS];
    let cluster = sink.cluster_with(shape, &env).await?;
    let (ada, workspace) = by_the_operators(&cluster, "ada@example.com").await?;
    let body = json!({"email": "Bob@example.com", "role": "member"});
    ada.post(&format!("/workspaces/{workspace}/invitations"), &body).await?.expect(201)?;
    let link = token(&invited(&sink, "bob@example.com", 1).await?);
    sign_up(&cluster, "eve@example.com", Some(&link)).await?.expect(403)?;
    sign_up(&cluster, "bob@example.com", None).await?.expect(403)?;
    let account = sign_up(&cluster, "bob@example.com", Some(&link)).await?.expect(201)?.json()?;
    let bob = cluster.anybody().with(account["access_token"].as_str().unwrap_or_default());
    // The person's address spreads from service to service.
    let joined =
        eventually(async || bob.post("/invitations/accept", &json!({"token": link})).await?.expect(200)?.json());
    ensure!(joined.await?["id"] == workspace.as_str(), "another workspace");
    sign_up(&cluster, "bob@example.com", Some(&link)).await?.expect(403)?;
    Ok(())
}

async fn a_workspace_has_room_for_as_many_as_its_plan_says(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster_with(shape, &[("PERPETUO__IDENTITY__VERIFY_EMAIL", "false")]).await?;
    let (ada, root) = (cluster.person().await?, cluster.person().await?);
    let operator = operator(&cluster, &root, "admin").await?;
    let invite = async |n: usize| {
        let body = json!({"email": format!("guest-{n}@example.com"), "role": "member"});
        ada.client.post(&ada.path("/invitations"), &body).await
    };
    // The shipped plan is for one person, as soon as the workspace service has heard of it.
    let mut asked = 0;
    let refused = loop {
        let answer = invite(asked).await?;
        if answer.status == 402 {
            break answer.json()?;
        }
        asked += 1;
        ensure!(asked < 50, "nobody is refused");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    ensure!(refused["code"] == "QUOTA_EXCEEDED" && refused["plan"] == "free", "{refused}");
    ensure!(refused["team_members_limit"] == 1 && refused["team_members_used"].is_i64(), "{refused}");
    ensure!(refused["upgrade_url"].as_str().is_some_and(|url| url.ends_with("/plans")), "{refused}");
    ensure!(refused["error"].as_str().is_some_and(|text| text.len() > 10), "{refused}");
    let plan = format!("/admin/workspaces/{}/subscription", ada.workspace);
    operator.put(&plan, &json!({"plan": "enterprise"})).await?.expect(200)?;
    within(Duration::from_secs(5), async || invite(99).await?.expect(201)).await?;
    Ok(())
}

/// Makes somebody a member of another one's workspace.
pub async fn join(sink: &Sink, owner: &Person, person: &Person, role: &str) -> anyhow::Result<()> {
    let body = json!({"email": person.email, "role": role});
    owner.client.post(&owner.path("/invitations"), &body).await?.expect(201)?;
    let letter = invited(sink, &person.email, 1).await?;
    person.client.post("/invitations/accept", &json!({"token": token(&letter)})).await?.expect(200)?;
    Ok(())
}

pub fn id_of(person: &Person) -> &str {
    person.account["user"]["id"].as_str().unwrap_or_default()
}

async fn somebody_is_invited_comes_and_goes(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let (ada, bob, eve) = (cluster.person().await?, cluster.person().await?, cluster.person().await?);
    let invitations = ada.path("/invitations");
    let body = json!({"email": bob.email.to_uppercase(), "role": "admin", "locale": "pt-BR"});
    let made = ada.client.post(&invitations, &body).await?.expect(201)?.json()?;
    ensure!(made["email"] == bob.email && made["status"] == "pending" && made["role"] == "admin", "{made}");
    // An address without an account is answered alike.
    let unknown = ada.client.post(&invitations, &json!({"email": "nobody@example.com", "role": "admin"})).await?;
    let keys = |answer: &Value| answer.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>());
    ensure!(keys(&unknown.expect(201)?.json()?) == keys(&made), "{made}");

    let letter = invited(&sink, &bob.email, 1).await?;
    ensure!(letter["subject"].as_str().is_some_and(|s| s.starts_with("Convite para Ada Lovelace")), "{letter}");
    let link = token(&letter);
    ensure!(!cluster.output().contains(&link), "the link is in a log");
    let list = ada.client.get(&invitations).await?.expect(200)?;
    ensure!(list.json()?["data"].as_array().map(Vec::len) == Some(2) && !list.text.contains(&link), "{}", list.text);

    // Whoever finds the letter gains nothing, and learns nothing.
    let theirs = eve.client.post("/invitations/accept", &json!({"token": link})).await?.expect(404)?.json()?;
    let garbage = format!("it_{}", "x".repeat(43));
    let nothing = eve.client.post("/invitations/accept", &json!({"token": garbage})).await?.expect(404)?.json()?;
    ensure!(theirs["code"] == "INVITATION_INVALID" && theirs["detail"] == nothing["detail"], "{theirs} {nothing}");
    cluster.anybody().post("/invitations/accept", &json!({"token": link})).await?.expect(401)?;

    let joined = bob.client.post("/invitations/accept", &json!({"token": link})).await?.expect(200)?.json()?;
    ensure!(joined["id"] == ada.workspace && joined["role"] == "admin", "{joined}");
    bob.client.post("/invitations/accept", &json!({"token": link})).await?.expect(404)?;
    eventually(async || bob.client.get(&ada.path("/audit")).await?.expect(200).map(drop)).await?;
    let me = bob.client.get("/auth/me").await?.expect(200)?.json()?;
    ensure!(me["workspaces"].as_array().map(Vec::len) == Some(2), "{me}");

    // What Bob's keys may do follows what Bob may do, and ends with it; the workspace's own keys stay.
    let keys = ada.path("/api-keys");
    let scopes = json!(["inference", "workspace.write", "workspace.read"]);
    let own = bob.client.post(&keys, &json!({"name": "Bob's", "scopes": scopes})).await?.expect(201)?.json()?;
    let service = json!({"name": "service", "scopes": scopes, "service_account": true});
    let service = bob.client.post(&keys, &service).await?.expect(201)?.json()?;
    ensure!(own["user_id"] == id_of(&bob) && service["user_id"].is_null(), "{own} {service}");
    let [own_key, service_key] =
        [&own, &service].map(|key| cluster.anybody().with(key["key"].as_str().unwrap_or_default()));
    for key in [&own_key, &service_key] {
        key.put(&ada.path(""), &json!({"name": "Ada & Bob"})).await?.expect(200)?;
    }
    let member = ada.path(&format!("/members/{}", id_of(&bob)));
    in_one_of_three(async || {
        ada.client.patch(&member, &json!({"role": "admin"})).await?.expect(200)?;
        eventually(async || own_key.put(&ada.path(""), &json!({"name": "A"})).await?.expect(200).map(drop)).await?;
        ada.client.patch(&member, &json!({"role": "member"})).await?.expect(200)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        own_key.put(&ada.path(""), &json!({"name": "B"})).await?.expect(403)?;
        bob.client.get(&ada.path("/audit")).await?.expect(403).map(drop)
    })
    .await?;
    own_key.chat("simulator/chat", "hi").await?.expect(200)?;
    ada.client.delete(&member).await?.expect(204)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    eventually(async || bob.client.get(&ada.path("")).await?.expect(404).map(drop)).await?;
    eventually(async || own_key.chat("simulator/chat", "hi").await?.expect(401).map(drop)).await?;
    service_key.chat("simulator/chat", "hi").await?.expect(200)?;
    // For good: who comes back finds no key that works again.
    eventually(async || {
        let list = ada.client.get(&keys).await?.expect(200)?.json()?;
        let active: BTreeMap<_, _> = list["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|key| (key["name"].to_string(), &key["active"]))
            .collect();
        ensure!(active["\"Bob's\""] == false && active["\"service\""] == true, "{list}");
        Ok(())
    })
    .await
}

async fn a_workspace_is_given_away_and_never_without_an_owner(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let leave = |person: &Person| ada.path(&format!("/members/{}", id_of(person)));
    let refused = ada.client.delete(&leave(&ada)).await?.expect(409)?.json()?;
    ensure!(refused["code"] == "LAST_OWNER", "{refused}");
    join(&sink, &ada, &bob, "viewer").await?;
    ada.client.patch(&leave(&ada), &json!({"role": "admin"})).await?.expect(409)?;
    bob.client.post(&ada.path("/transfer"), &json!({"user_id": id_of(&bob)})).await?.expect(403)?;
    let given = ada.client.post(&ada.path("/transfer"), &json!({"user_id": id_of(&bob)})).await?.expect(200)?.json()?;
    ensure!(given["user_id"] == id_of(&bob) && given["role"] == "owner", "{given}");
    eventually(async || {
        let seen = ada.client.get(&ada.path("")).await?.expect(200)?.json()?;
        ensure!(seen["role"] == "admin", "{seen}");
        Ok(())
    })
    .await?;
    // Within a second nobody takes her for an owner any more; until then he is still the last one.
    eventually(async || {
        let refused = ada.client.patch(&leave(&bob), &json!({"role": "viewer"})).await?.expect(403)?.json()?;
        ensure!(refused["permission"] == "workspace.own", "{refused}");
        Ok(())
    })
    .await?;
    eventually(async || bob.client.patch(&leave(&ada), &json!({"role": "owner"})).await?.expect(200).map(drop)).await?;
    // Both at once.
    let (of_ada, of_bob) = (leave(&ada), leave(&bob));
    let (one, other) = futures::try_join!(ada.client.delete(&of_ada), bob.client.delete(&of_bob))?;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    ensure!(statuses == [204, 409], "{statuses:?}");
    let stays = if one.status == 409 { &ada } else { &bob };
    let listed = stays.client.get(&ada.path("/members")).await?.expect(200)?.json()?;
    ensure!(listed["data"].as_array().map(Vec::len) == Some(1) && listed["data"][0]["role"] == "owner", "{listed}");
    Ok(())
}

/// Whoever calls: each role, somebody of another workspace, nobody.
async fn each_role_may_call_what_it_is_promised_and_nothing_else(shape: Shape) -> anyhow::Result<()> {
    for permission in Permission::ALL {
        let rows = PROMISED.iter().filter(|(name, _)| *name == permission.as_str()).count();
        ensure!(rows == 1, "{} has {rows} rows: say which roles hold it", permission.as_str());
    }
    let sink = Sink::start().await?;
    let cluster = cluster(&sink, shape).await?;
    let owner = cluster.person().await?;
    let mut people = vec![owner.clone()];
    for role in &ROLES[1..] {
        let person = cluster.person().await?;
        join(&sink, &owner, &person, role).await?;
        people.push(person);
    }
    let stranger = cluster.person().await?;
    let mut channels = BTreeMap::new();
    for &role in Role::ALL.iter().filter(|role| **role != Role::Edge) {
        channels.insert(role.as_str(), Endpoint::try_from(cluster.grpc(role))?.connect().await?);
    }
    // What ends a membership comes last: until then the callers are what they are.
    let mut rpcs: Vec<&Rpc> = proto::rpcs().filter(|rpc| matches!(rpc.auth, Auth::Permission(_))).collect();
    rpcs.sort_by_key(|rpc| rpc.method == "LeaveWorkspace");
    ensure!(rpcs.len() > 40, "only {} rpcs", rpcs.len());
    for rpc in rpcs {
        let Auth::Permission(permission) = &rpc.auth else { continue };
        let (_, promised) = PROMISED.iter().find(|(name, _)| *name == permission.as_str()).context("a row")?;
        let channel = &channels[rpc.audience.as_str()];
        for ((person, holds), role) in people.iter().zip(promised).zip(ROLES) {
            let denied =
                denied_by(channel, rpc, Some(person), &owner.workspace).await? == Some(Reason::PermissionDenied);
            ensure!(denied != *holds, "{} as {role}: denied is {denied}", rpc.method);
        }
        let seen = denied_by(channel, rpc, Some(&stranger), &owner.workspace).await?;
        ensure!(seen == Some(Reason::NotFound), "{} of another workspace: {seen:?}", rpc.method);
        let seen = denied_by(channel, rpc, None, &owner.workspace).await?;
        ensure!(seen == Some(Reason::CredentialsMissing), "{} of nobody: {seen:?}", rpc.method);
    }
    Ok(())
}

/// Why a call with an empty message fails, if it does; whatever is wrong with that message comes after who may call.
pub(crate) async fn denied_by(
    channel: &Channel,
    rpc: &Rpc,
    person: Option<&Person>,
    workspace: &str,
) -> anyhow::Result<Option<Reason>> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await?;
    let mut request = tonic::Request::new(());
    request.metadata_mut().insert("x-perpetuo-workspace", workspace.parse()?);
    if let Some(person) = person {
        let token = person.account["access_token"].as_str().unwrap_or_default();
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    }
    let path: PathAndQuery = format!("/{}/{}", rpc.service, rpc.method).parse()?;
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let answer = match grpc.server_streaming(request, path, codec).await {
        Ok(mut stream) => stream.get_mut().message().await.map(drop),
        Err(status) => Err(status),
    };
    Ok(answer.err().map(|status| Reason::of(&status)))
}
