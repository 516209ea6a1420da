//! An operator acts for a customer: with a second factor and a reason, within bounds, and seen by the customer.

use crate::{operators::operator, scenarios};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    Cluster, Person,
    client::{Answer, Client, PASSWORD},
    cluster::Shape,
    eventually, in_one_of_three,
};

scenarios! {
    shared: an_operator_acts_for_a_customer_within_bounds_and_the_customer_sees_it, it_ends_on_every_process_with_the_role_of_the_operator;
}

const WHY: &str = "Ticket 4711: the usage page stays empty";

/// An admin who has just shown a second factor: acting for somebody needs one also where operators need none.
async fn admin_of(cluster: &Cluster, staff: &Person) -> anyhow::Result<Client> {
    let admin = operator(cluster, staff, "admin").await?;
    if cluster.shape != Shape::Many {
        let person = json!({"user_id": staff.account["user"]["id"], "reason": WHY});
        refused(admin.post("/admin/impersonations", &person).await?, "STEP_UP_REQUIRED").await?;
        staff.second_factor().await?;
    }
    Ok(admin)
}

/// Begins to act for somebody.
async fn begin(admin: &Client, customer: &Person, fields: &Value) -> anyhow::Result<(Value, Client)> {
    let mut wish = json!({"user_id": customer.account["user"]["id"], "reason": WHY});
    for (name, value) in fields.as_object().context("fields")? {
        wish[name] = value.clone();
    }
    let begun = admin.post("/admin/impersonations", &wish).await?.expect(201)?.json()?;
    let client = admin.with(begun["access_token"].as_str().context("a token")?);
    Ok((begun, client))
}

async fn refused(answer: Answer, reason: &str) -> anyhow::Result<()> {
    let problem = answer.expect(403)?.json()?;
    ensure!(problem["code"] == reason, "{problem}");
    Ok(())
}

async fn an_operator_acts_for_a_customer_within_bounds_and_the_customer_sees_it(
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let (staff, customer) = (cluster.person().await?, cluster.person().await?);
    customer.key().await?.chat("simulator/chat", "count me").await?.expect(200)?;
    let wish = json!({"user_id": customer.account["user"]["id"], "reason": WHY});
    refused(staff.client.post("/admin/impersonations", &wish).await?, "PERMISSION_DENIED").await?;
    let admin = admin_of(cluster, &staff).await?;
    let own = json!({"user_id": staff.account["user"]["id"], "reason": WHY});
    let yourself = admin.post("/admin/impersonations", &own).await?.expect(409)?.json()?;
    ensure!(yourself["code"] == "IMPERSONATION_REFUSED" && yourself["why"] == "yourself", "{yourself}");
    admin.post("/admin/impersonations", &json!({"user_id": wish["user_id"], "reason": "x"})).await?.expect(422)?;
    let (begun, reader) = begin(&admin, &customer, &json!({})).await?;
    ensure!(begun["operator_id"] == staff.account["user"]["id"] && begun["write"] == false, "{begun}");
    ensure!(begun.get("refresh_token").is_none() && begun["workspace_id"] == customer.workspace, "{begun}");

    reads(&reader, &customer).await?;
    changes_nothing(&reader, &customer).await?;
    // Who may write renames the workspace, and gets no further.
    let (_, writer) = begin(&admin, &customer, &json!({"write": true, "minutes": 5})).await?;
    writer.put(&customer.path(""), &json!({"name": "Repaired"})).await?.expect(200)?;
    never(&writer, &customer).await?;
    let other = cluster.person().await?;
    refused(writer.get(&other.path("")).await?, "IMPERSONATION_FORBIDDEN").await?;

    seen(&customer, &staff, &begun).await?;
    // Either ends it: the customer among their sessions, and the operator.
    let session = format!("/api/v1/me/sessions/{}", begun["id"].as_str().unwrap_or_default());
    customer.client.delete(&session).await?.expect(204)?;
    writer.post("/auth/logout", &json!({})).await?.expect(204)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for client in [&reader, &writer] {
        client.get("/me").await?.expect(401)?;
    }
    customer.client.get("/me").await?.expect(200)?;
    let listed = admin.get("/admin/impersonations?limit=200").await?.expect(200)?.json()?;
    let mut all = listed["data"].as_array().into_iter().flatten();
    let ours = all.find(|one| one["id"] == begun["id"]).context("it is listed")?;
    ensure!(ours["end_reason"] == "revoked" && ours["ended_at"].is_string() && ours["reason"] == WHY, "{ours}");
    Ok(())
}

/// They read what the customer reads.
async fn reads(reader: &Client, customer: &Person) -> anyhow::Result<()> {
    let me = reader.get("/me").await?.expect(200)?;
    ensure!(me.text.contains(&customer.email), "{}", me.text);
    for path in ["", "/members", "/api-keys", "/providers", "/usage", "/audit", "/logs", "/webhooks", "/routing"] {
        reader.get(&customer.path(path)).await?.expect(200)?;
    }
    reader.get("/v1/models").await?.expect(200)?;
    reader.get("/billing/status").await?.expect(200)?;
    Ok(())
}

async fn changes_nothing(reader: &Client, customer: &Person) -> anyhow::Result<()> {
    let read_only = "IMPERSONATION_READ_ONLY";
    refused(reader.put(&customer.path(""), &json!({"name": "Taken over"})).await?, read_only).await?;
    refused(reader.delete(&customer.path("/routing/cache")).await?, read_only).await?;
    never(reader, customer).await
}

/// What is nobody's but the customer's, also for who may write.
async fn never(client: &Client, customer: &Person) -> anyhow::Result<()> {
    let (id, workspace) = (customer.account["user"]["id"].as_str().unwrap_or_default(), |rest| customer.path(rest));
    let posts = [
        (workspace("/api-keys"), json!({"name": "mine"})),
        (workspace("/providers"), json!({"name": "p", "provider": "openai", "api_key": "sk-1"})),
        (workspace("/invitations"), json!({"email": "thief@example.com", "role": "admin"})),
        (workspace("/transfer"), json!({"user_id": id})),
        (workspace("/webhooks"), json!({"url": "https://example.com/hook"})),
        ("/me/password".to_owned(), json!({"current_password": PASSWORD, "password": "crimson-walrus-lantern-9"})),
        ("/me/email".to_owned(), json!({"email": "thief@example.com", "password": PASSWORD})),
        ("/me/mfa/totp".to_owned(), json!({"password": PASSWORD})),
        ("/auth/switch".to_owned(), json!({"workspace_id": customer.workspace})),
        ("/workspaces".to_owned(), json!({"name": "another"})),
        ("/billing/portal".to_owned(), json!({})),
        ("/admin/impersonations".to_owned(), json!({"user_id": id, "reason": WHY})),
    ];
    for (path, body) in posts {
        let answer = client.post(&path, &body).await?;
        ensure!(answer.status != 400, "{path}: {}", answer.text);
        refused(answer, "IMPERSONATION_FORBIDDEN").await.with_context(|| path.clone())?;
    }
    refused(client.put("/me", &json!({"name": "Somebody"})).await?, "IMPERSONATION_FORBIDDEN").await?;
    refused(client.delete(&workspace("")).await?, "IMPERSONATION_FORBIDDEN").await?;
    refused(client.get(&workspace("/data-export")).await?, "IMPERSONATION_FORBIDDEN").await?;
    refused(client.get("/me/data-export").await?, "IMPERSONATION_FORBIDDEN").await?;
    refused(client.get("/admin/users").await?, "IMPERSONATION_FORBIDDEN").await?;
    let chat = client.chat("simulator/chat", "for free").await?.expect(403)?.json()?;
    ensure!(chat["error"]["code"] == "impersonation_forbidden", "{chat}");
    Ok(())
}

/// The customer reads who it was, and why: an id, never an address.
async fn seen(customer: &Person, staff: &Person, begun: &Value) -> anyhow::Result<()> {
    let sessions = customer.client.get("/me/sessions").await?.expect(200)?.json()?;
    let mut all = sessions["data"].as_array().into_iter().flatten();
    let theirs = all.find(|one| one["id"] == begun["id"]).context("it is among their sessions")?;
    ensure!(theirs["impersonation"]["reason"] == WHY, "{sessions}");
    let trail = eventually(async || {
        let trail =
            customer.client.get(&customer.path("/audit?action=impersonation.started")).await?.expect(200)?.json()?;
        ensure!(trail["data"].as_array().is_some_and(|events| events.len() == 2), "{trail}");
        Ok(trail)
    })
    .await?;
    for event in trail["data"].as_array().into_iter().flatten() {
        ensure!(event["actor"] == staff.account["user"]["id"] && event["details"]["reason"] == WHY, "{event}");
    }
    let renamed = customer.client.get(&customer.path("/audit?action=workspace.updated")).await?.expect(200)?.json()?;
    let renamed = &renamed["data"][0];
    ensure!(renamed["actor"] == customer.account["user"]["id"], "{renamed}");
    ensure!(renamed["details"]["impersonator"] == staff.account["user"]["id"], "{renamed}");
    ensure!(![&sessions, &trail].iter().any(|seen| seen.to_string().contains(&staff.email)), "{trail}");
    Ok(())
}

async fn it_ends_on_every_process_with_the_role_of_the_operator(cluster: &Cluster) -> anyhow::Result<()> {
    if cluster.shape == Shape::Many {
        // A session that has shown no code for it begins nothing.
        let staff = cluster.person().await?;
        operator(cluster, &staff, "admin").await?;
        let session = json!({"email": staff.email, "password": PASSWORD});
        let asked = cluster.anybody().post("/auth/login", &session).await?.expect(401)?.json()?;
        ensure!(asked["code"] == "MFA_REQUIRED", "{asked}");
    }
    in_one_of_three(async || {
        let (staff, customer) = (cluster.person().await?, cluster.person().await?);
        let admin = admin_of(cluster, &staff).await?;
        let (_, reader) = begin(&admin, &customer, &json!({})).await?;
        let edges: Vec<Client> = cluster.edges().iter().map(|edge| reader.at(edge)).collect();
        for edge in &edges {
            edge.get("/me").await?.expect(200)?;
        }
        let (other, _) = begin(&admin, &customer, &json!({})).await?;
        direct(cluster, &other, true).await?;
        cluster.operate(&["admin", "revoke", &staff.email]).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        for edge in &edges {
            let ended = edge.get("/me").await?.expect(401)?.json()?;
            ensure!(ended["code"] == "SESSION_ENDED", "{ended}");
        }
        direct(cluster, &other, false).await?;
        admin.get("/me").await?.expect(200)?;
        // Its end is in the trail of the customer, though nobody ended it.
        eventually(async || {
            let trail = customer.client.get(&customer.path("/audit?action=impersonation.ended")).await?.expect(200)?;
            ensure!(trail.text.contains("role_revoked"), "{}", trail.text);
            Ok(())
        })
        .await
    })
    .await
}

/// Whether services that are asked directly let the token in: they have doors of their own.
async fn direct(cluster: &Cluster, begun: &Value, is_let_in: bool) -> anyhow::Result<()> {
    use proto::{Reason, Role, workspace};
    let channel = tonic::transport::Endpoint::try_from(cluster.grpc(Role::Workspace))?.connect().await?;
    let mut client = workspace::workspaces_client::WorkspacesClient::new(channel);
    let mut request = tonic::Request::new(workspace::GetWorkspaceRequest {});
    let token = begun["access_token"].as_str().unwrap_or_default();
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    match client.get_workspace(request).await {
        Ok(_) => ensure!(is_let_in, "the token still works over gRPC"),
        Err(status) => ensure!(!is_let_in && Reason::of(&status) == Reason::SessionEnded, "{status:?}"),
    }
    Ok(())
}
