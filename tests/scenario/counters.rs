//! Who counts: several processes that share each limit, and resources that are recorded as events.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use host::Clock;
use proto::Role;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tests::{
    Answer, Cluster, Upstream,
    client::{Client, Person, chat},
    cluster::{Options, Shape},
    eventually,
    upstream::Script,
};

scenarios! {
    shared: events_that_do_not_fit_into_a_limit_are_refused_and_what_is_left_is_shown;
    once: three_processes_that_count_and_three_gateways_share_each_limit;
}

/// So many at once, in the order in which they were sent, and how often one was turned away: where the counters are too
/// busy for an answer, SDKs ask again, and so does this. What was reserved for those may stay reserved.
async fn at_once(key: &Client, count: usize, model: &str, max_tokens: u32) -> anyhow::Result<(Vec<Answer>, usize)> {
    let mut body = chat(model, "hi");
    body["max_tokens"] = json!(max_tokens);
    let turned_away = AtomicUsize::new(0);
    let ask = async || {
        let answer = key.post("/v1/chat/completions", &body).await?;
        if answer.status == 503 {
            turned_away.fetch_add(1, Relaxed);
        }
        ensure!(answer.status != 503, "{answer:?}");
        Ok(answer)
    };
    let answers = futures::future::try_join_all((0..count).map(|_| eventually(ask))).await?;
    Ok((answers, turned_away.into_inner()))
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// Within one in a hundred of what is configured, with what has come back of it meanwhile; nobody was neither admitted nor
/// refused.
async fn requests_per_minute(person: &Person) -> anyhow::Result<()> {
    const LIMIT: u32 = 200;
    let (key, _) = person.key_with(&json!({"limits": {"rpm": LIMIT}})).await?;
    let (mut passed, mut turned_away, since) = (0, 0, Instant::now());
    for round in 0.. {
        let (answers, away) = at_once(&key, 50, "simulator/chat", 5).await?;
        (passed, turned_away) = (passed + count(&answers, 200), turned_away + away);
        ensure!(count(&answers, 200) + count(&answers, 429) == answers.len(), "{answers:?}");
        // A few come back with every second.
        if count(&answers, 429) * 10 >= answers.len() * 9 {
            break;
        }
        ensure!(round < 60, "{passed} passed, and still nearly nobody is refused");
    }
    let most = f64::from(LIMIT) * (1.0 + since.elapsed().as_secs_f64() / 60.0) * 1.01;
    ensure!(
        passed + turned_away >= LIMIT as usize * 99 / 100 && passed as f64 <= most,
        "{passed} passed a limit of {LIMIT}"
    );
    Ok(())
}

/// Of 200 at once exactly as many run as may.
async fn concurrency(person: &Person) -> anyhow::Result<()> {
    let upstream = Upstream::start().await?;
    upstream.on("slow", Script::Text { text: "done".to_owned(), pause: Duration::from_secs(15) });
    upstream.on("quick", Script::Text { text: "done".to_owned(), pause: Duration::ZERO });
    person.provider(&upstream.url, &json!({})).await?;
    let (key, _) = person.key_with(&json!({"limits": {"concurrency": 17}})).await?;
    // Until each gateway has heard of it, with a key of which nothing is held.
    let other = person.key().await?;
    eventually(async || {
        let heard = futures::future::try_join_all((0..12).map(|_| other.chat("quick", "hi"))).await?;
        ensure!(count(&heard, 200) == heard.len(), "{heard:?}");
        Ok(())
    })
    .await?;
    let before = upstream.received().len();
    // Those that run hold what there is until all have been answered.
    let (answers, turned_away) = at_once(&key, 200, "slow", 5).await?;
    let passed = count(&answers, 200);
    ensure!(passed <= 17 && passed + turned_away >= 17 && passed + count(&answers, 429) == 200, "{answers:?}");
    let seen = upstream.received().len() - before;
    ensure!(seen == passed, "the provider saw {seen}");
    Ok(())
}

/// Of 200 at once never more than may be spent, and in the end nearly all of it.
async fn tokens_of_a_day(person: &Person) -> anyhow::Result<()> {
    let (key, _) = person.key_with(&json!({"limits": {"tokens_per_day": 4_000}})).await?;
    let limit = async || {
        let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
        let all = limits["data"].as_array().context("no data")?;
        all.iter().find(|l| l["layer"] == "api_key").cloned().with_context(|| format!("{limits}"))
    };
    let mut used = 0;
    for round in 0.. {
        let (answers, _) = at_once(&key, 200, "simulator/chat", 40).await?;
        ensure!(count(&answers, 200) + count(&answers, 402) == answers.len(), "{answers:?}");
        // What was reserved and not used comes back when a request has ended.
        used = limit().await?["used"].as_i64().context("no number")?;
        ensure!(used <= 4_000, "{used} of 4000");
        if count(&answers, 402) == answers.len() {
            break;
        }
        ensure!(round < 60, "{used} used, and still not everybody is refused");
    }
    // Until not even one request fits: it asks for 40 tokens and those of its question.
    ensure!(used > 3_900, "{used} of 4000");
    Ok(())
}

async fn three_processes_that_count_and_three_gateways_share_each_limit() -> anyhow::Result<()> {
    let options = Options { more_gateways: 2, more_counters: 2, ..Options::default() };
    let cluster = Cluster::start(Shape::Many, &options).await?;
    let person = cluster.person().await?;
    requests_per_minute(&person).await?;
    tokens_of_a_day(&person).await?;
    concurrency(&person).await?;
    let counters = cluster.metrics(Role::UsageMetering).await?;
    let took_part = |metrics: &&String| metrics.contains("perpetuo_usage_admissions_total{answer=\"admitted\"}");
    ensure!(
        (counters.len(), counters.iter().filter(took_part).count()) == (3, 3),
        "not all of {} counted",
        counters.len()
    );
    Ok(())
}

async fn events_that_do_not_fit_into_a_limit_are_refused_and_what_is_left_is_shown(
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let resources = json!([
        {"resource": "tickets", "quantity": 10, "period": "month"},
        {"resource": "visits", "quantity": 3, "period": "day", "soft": true},
    ]);
    let changed =
        person.client.put(&person.path(""), &json!({"limits": {"resources": resources}})).await?.expect(200)?;
    ensure!(changed.json()?["limits"]["resources"][0]["quantity"] == 10, "{changed:?}");
    let now = Clock::system().now().to_rfc3339();
    let event = |id: &str, resource: &str, quantity: i64| json!({"source": "shop", "id": id, "resource": resource, "quantity": quantity, "at": now});
    let record = async |events: Value, enforce: bool| {
        let body = json!({"events": events, "enforce_limits": enforce});
        person.client.post(&person.path("/usage/events"), &body).await
    };
    record(json!([event("1", "tickets", 4), event("2", "tickets", 4)]), true).await?.expect(200)?;
    let problem = record(json!([event("3", "tickets", 3)]), true).await?.expect(402)?.json()?;
    ensure!(problem["code"] == "QUOTA_EXCEEDED" && problem["resource"] == "tickets", "{problem}");
    ensure!(problem["layer"] == "workspace" && problem["limit"].to_string().contains("10"), "{problem}");
    // All of them or none, the same again, what is only watched, and what has been used anyway.
    record(json!([event("4", "tickets", 1), event("5", "tickets", 2)]), true).await?.expect(402)?;
    record(json!([event("1", "tickets", 4)]), true).await?.expect(200)?;
    record(json!([event("6", "visits", 5)]), true).await?.expect(200)?;
    record(json!([event("7", "tickets", 3)]), false).await?.expect(200)?;
    let limits = person.client.get(&person.path("/limits")).await?.expect(200)?.json()?;
    let shown = |layer: &str, resource: &str| {
        let mut all = limits["data"].as_array().into_iter().flatten();
        let found = all.find(|limit| limit["layer"] == layer && limit["resource"] == resource);
        found.cloned().with_context(|| format!("no {resource} of {layer} in {limits}"))
    };
    let tickets = shown("workspace", "tickets")?;
    ensure!((&tickets["used"], &tickets["remaining"]) == (&json!(11), &json!(0)), "{tickets}");
    ensure!(tickets["period"] == "month" && tickets["soft"] == false && tickets["resets_at"].is_string(), "{tickets}");
    let visits = shown("workspace", "visits")?;
    ensure!((&visits["used"], &visits["soft"]) == (&json!(5), &json!(true)), "{visits}");
    let executions = shown("plan", "executions")?;
    ensure!((&executions["limit"], &executions["remaining"]) == (&json!(10), &json!(10)), "{executions}");
    // A key, a member or a model has no resources of its own.
    let limits = json!({"resources": [{"resource": "tickets", "quantity": 1, "period": "day"}]});
    let body = json!({"name": "x", "limits": limits});
    person.client.post(&person.path("/api-keys"), &body).await?.expect(422)?;
    let problem = person.client.put(&person.path(""), &json!({"per_user": limits})).await?.expect(422)?.json()?;
    ensure!(problem["errors"][0]["field"] == "per_user.resources", "{problem}");
    eventually(async || {
        let used = person.client.get(&person.path("/usage/resources")).await?.expect(200)?.json()?;
        ensure!(used["data"][0]["resource"] == "tickets" && used["data"][0]["quantity"] == 11, "{used}");
        Ok(())
    })
    .await
}
