//! Plans: anybody reads them, operators publish them and put workspaces on them, and what they allow is in force soon after.

use crate::{operators::operator, scenarios};
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{
    Cluster,
    client::{Client, Person},
    cluster::{Options, Shape},
    eventually, in_one_of_three, within,
};

scenarios! {
    shared: what_is_sold_is_what_was_asked_for, a_plan_is_in_force_at_the_gateway_within_two_seconds, people_see_what_another_plan_costs_and_change_what_costs_nothing,
        a_new_version_of_a_plan_reaches_who_is_on_it;
    own: models_answer_and_plans_hold_while_billing_is_away;
}

async fn put(operator: &Client, person: &Person, plan: &str) -> anyhow::Result<Value> {
    let path = format!("/admin/workspaces/{}/subscription", person.workspace);
    operator.put(&path, &json!({"plan": plan, "currency": "BRL"})).await?.expect(200)?.json()
}

/// What a key may use of a resource in a month, by its plan, as `/v1/limits` says.
async fn allowed(key: &Client, resource: &str) -> anyhow::Result<Option<i64>> {
    let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
    let all = limits["data"].as_array().context("no list")?;
    let one = all.iter().find(|limit| limit["layer"] == "plan" && limit["resource"] == resource);
    Ok(one.and_then(|limit| limit["limit"].as_i64()))
}

/// Every limit of every shipped plan, as anybody reads it. Free and Pro have those of executions and tokens; Basic inherits them of Free.
async fn what_is_sold_is_what_was_asked_for(cluster: &Cluster) -> anyhow::Result<()> {
    let free = json!({
        "ai_insights": false, "campaign_platforms": 0, "domains": 1, "executions_concurrency": 1, "executions_per_month": 10,
        "executions_rpm": 60, "performance_monitoring": "basic", "projects": 1, "sla": "none", "storage_gb": 5, "team_members": 1,
        "tickets_per_month": 15, "white_label": false, "workspaces": 5,
    });
    let basic = json!({
        "ai_insights": false, "campaign_platforms": 1, "domains": 3, "executions_concurrency": 1, "executions_per_month": 10,
        "executions_rpm": 60, "performance_monitoring": "advanced", "projects": 3, "sla": "24h", "storage_gb": 25, "team_members": 3,
        "tickets_per_month": 30, "white_label": false, "workspaces": 10,
    });
    // "Unlimited", and yet so many tokens a day: it is what was asked for.
    let pro = json!({
        "ai_insights": true, "campaign_platforms": 2, "domains": 10, "executions_concurrency": 5,
        "executions_per_month": "unlimited", "executions_rpm": 60, "performance_monitoring": "real_time", "projects": 10,
        "sla": "4h", "storage_gb": 100, "team_members": 10, "tickets_per_month": 60, "tokens_per_day": 100_000,
        "white_label": false, "workspaces": 25,
    });
    let enterprise = json!({
        "ai_insights": "priority", "campaign_platforms": "unlimited", "domains": "unlimited", "executions_per_month": "unlimited",
        "performance_monitoring": "custom", "projects": "unlimited", "sla": "1h", "storage_gb": "unlimited",
        "team_members": "unlimited", "tickets_per_month": "unlimited", "tokens_per_day": "unlimited", "white_label": true, "workspaces": "unlimited",
    });
    let plans = eventually(async || {
        let plans = cluster.anybody().get("/api/v1/plans").await?.expect(200)?.json()?;
        ensure!(plans["data"].as_array().is_some_and(|plans| plans.len() >= 4), "{plans}");
        Ok(plans)
    })
    .await?;
    let listed = plans["data"].as_array().context("no plans")?;
    for (name, entitlements, prices) in [
        ("free", free, json!([["BRL", 0], ["USD", 0]])),
        ("basic", basic, json!([["BRL", 29_700]])),
        ("pro", pro, json!([["BRL", 89_700], ["USD", 9_900]])),
        ("enterprise", enterprise, json!([])),
    ] {
        let plan = listed.iter().find(|plan| plan["name"] == name).with_context(|| format!("no {name}: {plans}"))?;
        ensure!(plan["entitlements"] == entitlements, "{name}: {}", plan["entitlements"]);
        let sold = plan["prices"].as_array().context("no prices")?.iter();
        let sold: Vec<Value> = sold.map(|price| json!([price["currency"], price["unit_amount"]])).collect();
        ensure!(json!(sold) == prices, "{name}: {sold:?}");
        ensure!(
            plan["prices"].as_array().is_some_and(|all| all.iter().all(|one| one["interval"] == "month")),
            "{plan}"
        );
    }
    Ok(())
}

async fn a_plan_is_in_force_at_the_gateway_within_two_seconds(cluster: &Cluster) -> anyhow::Result<()> {
    let plans = eventually(async || {
        let plans = cluster.anybody().get("/api/v1/plans").await?.expect(200)?.json()?;
        ensure!(plans["data"].as_array().is_some_and(|plans| plans.len() >= 4), "{plans}");
        Ok(plans)
    })
    .await?;
    let free = &plans["data"][0];
    ensure!(free["name"] == "free" && free["entitlements"]["executions_per_month"] == 10, "{free}");
    ensure!(free["entitlements"]["white_label"] == false, "{free}");
    let someone = cluster.person().await?;
    let operator = operator(cluster, &someone, "admin").await?;
    someone.client.post("/admin/seed-plans", &json!({})).await?.expect(403)?;
    in_one_of_three(async || {
        let person = cluster.person().await?;
        let key = person.key().await?;
        ensure!(allowed(&key, "tickets").await? == Some(15), "{:?}", allowed(&key, "tickets").await?);
        let set = put(&operator, &person, "pro").await?;
        ensure!(set["plan"] == "pro" && set["price"]["unit_amount"] == 89_700, "{set}");
        let since = Instant::now();
        within(Duration::from_secs(10), async || {
            let now = allowed(&key, "tickets").await?;
            ensure!(now == Some(60), "{now:?}");
            Ok(())
        })
        .await?;
        ensure!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
        let workspace = person.client.get(&format!("/workspaces/{}", person.workspace)).await?.expect(200)?.json()?;
        ensure!(workspace["plan"] == "pro", "{workspace}");
        Ok(())
    })
    .await
}

async fn people_see_what_another_plan_costs_and_change_what_costs_nothing(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let me = &person.client;
    let status = me.get("/api/v1/billing/status").await?.expect(200)?.json()?;
    ensure!(
        status["plan"] == "free" && status["status"] == "active" && status["subscription_id"].is_null(),
        "{status}"
    );
    let refused = me.post("/v1/subscription/upgrade", &json!({"plan": "pro"})).await?.expect(503)?;
    ensure!(refused.header("content-type").starts_with("application/problem+json"), "{:?}", refused.headers);
    ensure!(refused.json()?["code"] == "PAYMENTS_NOT_CONFIGURED", "{:?}", refused.json()?);
    let preview = me.post("/api/v1/billing/preview", &json!({"plan": "pro"})).await?.expect(200)?.json()?;
    ensure!(preview["total"] == 9_900 && preview["currency"] == "USD", "{preview}");
    let operator = operator(cluster, &cluster.person().await?, "admin").await?;
    put(&operator, &person, "pro").await?;
    let preview = me.post("/api/v1/billing/preview", &json!({"plan": "basic"})).await?.expect(200)?.json()?;
    ensure!(preview["lines"][0]["kind"] == "period" && preview["total"] == 29_700, "{preview}");
    let less = me.post("/v1/subscription/upgrade", &json!({"plan": "basic"})).await?.expect(200)?.json()?;
    ensure!(less["scheduled_plan"] == "basic" && less["plan"] == "pro", "{less}");
    let ends = me.post("/api/v1/billing/cancel", &json!({})).await?.expect(200)?.json()?;
    ensure!(ends["cancel_at_period_end"] == true && ends["scheduled_plan"].is_null(), "{ends}");
    let goes_on = me.post("/api/v1/billing/resume", &json!({})).await?.expect(200)?.json()?;
    ensure!(goes_on["cancel_at_period_end"] == false, "{goes_on}");
    // What happened is in the trail of the workspace, with who did it.
    eventually(async || {
        let trail = me.get(&person.path("/audit?action=subscription.changed")).await?.expect(200)?.json()?;
        let actors: Vec<_> =
            trail["data"].as_array().into_iter().flatten().map(|entry| entry["actor"].clone()).collect();
        ensure!(actors.len() == 4 && actors.contains(&person.account["user"]["id"]), "{trail}");
        Ok(())
    })
    .await
}

async fn a_new_version_of_a_plan_reaches_who_is_on_it(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let operator = operator(cluster, &cluster.person().await?, "admin").await?;
    let name = format!("deal-{}", &person.workspace[20..]).to_lowercase();
    let publish = async |tickets: Value| {
        let entitlements = json!({"tickets_per_month": tickets, "v1_rpm": 2, "support": "phone"});
        let plan = json!({"name": name, "titles": {"en": "Deal"}, "hidden": true, "entitlements": entitlements});
        operator.post("/admin/seed-plans", &json!({"plans": [plan]})).await
    };
    let refused = publish(json!(-1)).await?.expect(422)?.json()?;
    ensure!(refused.to_string().contains("plans[0].entitlements.tickets_per_month"), "{refused}");
    let published = publish(json!(3)).await?.expect(200)?.json()?;
    ensure!(published["published"][0] == name.as_str() && published["data"][0]["version"] == 1, "{published}");
    put(&operator, &person, &name).await?;
    let key = person.key().await?;
    let in_force = async |tickets: i64| {
        eventually(async || {
            let now = allowed(&key, "tickets").await?;
            ensure!(now == Some(tickets), "{now:?}");
            Ok(())
        })
        .await
    };
    in_force(3).await?;
    publish(json!(7)).await?.expect(200)?;
    in_force(7).await?;
    if cluster.shape == Shape::Many {
        // Apart from the embedded mode the simulator is charged, and the plan's rate holds.
        let mut answers = vec![];
        for _ in 0..4 {
            answers.push(key.chat("simulator/chat", "hi").await?);
        }
        let refused = answers.into_iter().find(|answer| answer.status == 429).context("nobody is refused")?.json()?;
        ensure!(refused["error"]["layer"] == "plan", "{refused}");
    }
    let hidden = cluster.anybody().get("/api/v1/plans").await?.expect(200)?;
    ensure!(!hidden.text.contains(&name), "it is not offered");
    Ok(())
}

async fn models_answer_and_plans_hold_while_billing_is_away(shape: Shape) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &Options::default()).await?;
    let person = cluster.person().await?;
    let operator = operator(&cluster, &cluster.person().await?, "admin").await?;
    put(&operator, &person, "pro").await?;
    let key = person.key().await?;
    eventually(async || {
        ensure!(allowed(&key, "tickets").await? == Some(60), "not yet");
        Ok(())
    })
    .await?;
    cluster.process(Role::Billing).kill().await?;
    if shape == Shape::Many {
        key.chat("simulator/chat", "hi").await?.expect(200)?;
        let away = person.client.get("/api/v1/billing/status").await?.expect(503)?.json()?;
        ensure!(away["code"] == "SERVICE_UNAVAILABLE", "{away}");
        // Who counts has kept what the plan allows, also over a restart of its own.
        cluster.process(Role::UsageMetering).kill().await?;
        cluster.respawn(Role::UsageMetering, &Options::default())?;
        eventually(async || {
            let now = allowed(&key, "tickets").await?;
            ensure!(now == Some(60), "{now:?}");
            Ok(())
        })
        .await?;
    }
    cluster.restart(Role::Billing, &Options::default()).await?;
    let status = person.client.get("/api/v1/billing/status").await?.expect(200)?.json()?;
    ensure!(status["plan"] == "pro", "{status}");
    key.chat("simulator/chat", "hi").await?.expect(200)?;
    Ok(())
}
