//! Teams inside a workspace: members who share budgets, with keys of their own.

use crate::{
    mail::Sink,
    members::{cluster, id_of, join},
    scenarios,
};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    Answer, Cluster, Upstream,
    client::{Client, Person, chat},
    cluster::Shape,
    eventually, in_one_of_three,
    upstream::Script,
};

scenarios! {
    own: a_budget_of_a_team_stops_its_keys_and_nobody_elses, who_leaves_a_team_leaves_its_keys,
        a_team_that_goes_takes_its_keys_along, a_team_is_told_of_everywhere;
}

/// In the catalogue of prices: 0.15 USD for a million tokens of input, 0.60 USD for a million of output.
const PRICED: &str = "gpt-4o-mini";
/// What the provider answers: a request costs about 13 millionths of a dollar.
const WORDS: &str = "a b c d e f g h i j k l m n o p q r s t";

/// A workspace with an owner and a member who share a team, and a provider.
struct House {
    cluster: Cluster,
    ada: Person,
    bob: Person,
    team: String,
    _upstream: Upstream,
}

impl House {
    async fn start(shape: Shape, limits: Value) -> anyhow::Result<Self> {
        let sink = Sink::start().await?;
        let cluster = cluster(&sink, shape).await?;
        let (ada, bob, upstream) = (cluster.person().await?, cluster.person().await?, Upstream::start().await?);
        upstream.on(PRICED, Script::text(WORDS));
        ada.provider(&upstream.url, &json!({})).await?;
        join(&sink, &ada, &bob, "member").await?;
        let body = json!({"name": "Research", "limits": limits});
        let made = ada.client.post(&ada.path("/teams"), &body).await?.expect(201)?.json()?;
        let team = made["id"].as_str().context("no id")?.to_owned();
        let user_ids = json!({"user_ids": [id_of(&ada), id_of(&bob)]});
        let changed = ada.client.put(&ada.path(&format!("/teams/{team}/members")), &user_ids).await?.expect(200)?;
        ensure!(changed.json()?["added"] == 2, "{changed:?}");
        eventually(async || bob.client.get(&ada.path("/teams")).await?.expect(200).map(drop)).await?;
        Ok(Self { cluster, ada, bob, team, _upstream: upstream })
    }

    fn path(&self, rest: &str) -> String {
        self.ada.path(&format!("/teams/{}{rest}", self.team))
    }

    /// A key of the workspace that this person makes.
    async fn key(&self, who: &Person, fields: Value) -> anyhow::Result<(Client, Value)> {
        let mut body = json!({"name": "a key"});
        body.as_object_mut().context("an object")?.extend(fields.as_object().cloned().unwrap_or_default());
        let made = who.client.post(&self.ada.path("/api-keys"), &body).await?.expect(201)?.json()?;
        Ok((self.cluster.anybody().with(made["key"].as_str().unwrap_or_default()), made))
    }

    async fn team_key(&self, who: &Person) -> anyhow::Result<Client> {
        Ok(self.key(who, json!({"team_id": self.team})).await?.0)
    }
}

/// At most a hundred tokens of output: about 60 millionths of a dollar.
async fn ask(key: &Client) -> anyhow::Result<Answer> {
    let mut body = chat(PRICED, "hi");
    body["max_tokens"] = json!(100);
    key.post("/v1/chat/completions", &body).await
}

/// The answer about the budget: where the counters are too busy for one, SDKs ask again, and so does this.
async fn answered(key: &Client) -> anyhow::Result<Answer> {
    eventually(async || {
        let answer = ask(key).await?;
        ensure!(answer.status != 503, "{answer:?}");
        Ok(answer)
    })
    .await
}

async fn a_budget_of_a_team_stops_its_keys_and_nobody_elses(shape: Shape) -> anyhow::Result<()> {
    let house = House::start(shape, json!({"budgets": [{"amount_micros": 900, "period": "day"}]})).await?;
    let keys = [house.team_key(&house.ada).await?, house.team_key(&house.bob).await?];
    let (own, _) = house.key(&house.bob, json!({})).await?;
    let answers = futures::future::try_join_all((0..200).map(|n| answered(&keys[n % 2]))).await?;
    let strange = answers.iter().find(|a| ![200, 402].contains(&a.status));
    ensure!(strange.is_none(), "neither passed nor refused: {strange:?}");
    let passed = answers.iter().filter(|a| a.status == 200).count();
    ensure!((1..200).contains(&passed), "{passed} of 200 passed");
    let refused = answers.iter().find(|a| a.status == 402).context("no 402")?.json()?["error"].clone();
    ensure!(refused["layer"] == "team" && refused["period"] == "day", "{refused}");
    for key in &keys {
        // A smaller one may still have found room; in the end there is none.
        eventually(async || ask(key).await?.expect(402).map(drop)).await?;
    }
    ask(&own).await?.expect(200)?;
    let by_team = eventually(async || {
        let used = house.ada.client.get(&house.ada.path("/usage/by-team")).await?.expect(200)?.json()?;
        let of =
            |team: Value| used["data"].as_array().into_iter().flatten().find(move |group| group["team_id"] == team);
        let (team, none) = (of(json!(house.team)).cloned(), of(Value::Null).cloned());
        let (team, none) = (team.context("no usage of the team")?, none.context("no usage of no team")?);
        ensure!(none["requests"] == 1 && team["requests"].as_u64() >= Some(passed as u64), "{used}");
        Ok(team)
    })
    .await?;
    let cost = by_team["cost_micros"].as_i64().with_context(|| by_team.to_string())?;
    ensure!((1..=900).contains(&cost), "{cost} were spent of 900");
    // Where it stands, for whoever has a key of it.
    let limits = keys[1].get(&house.ada.path("/limits")).await?;
    let limits = if limits.status == 200 { limits } else { keys[1].get("/v1/limits").await?.expect(200)? }.json()?;
    let shown = limits["data"].as_array().into_iter().flatten().find(|limit| limit["layer"] == "team");
    let shown = shown.with_context(|| limits.to_string())?;
    ensure!(
        shown["limit"] == 900 && shown["used"].as_i64() >= Some(cost) && shown["id"] == house.team.as_str(),
        "{shown}"
    );
    let logs = house.ada.path(&format!("/logs?limit=200&team_id={}", house.team));
    let logs = house.ada.client.get(&logs).await?.expect(200)?.json()?;
    let listed = logs["data"].as_array().context("no logs")?;
    ensure!(!listed.is_empty() && listed.iter().all(|log| log["team_id"] == house.team.as_str()), "{logs}");
    Ok(())
}

async fn who_leaves_a_team_leaves_its_keys(shape: Shape) -> anyhow::Result<()> {
    let house = House::start(shape, json!({})).await?;
    let (of_ada, of_bob) = (house.team_key(&house.ada).await?, house.team_key(&house.bob).await?);
    let (own, _) = house.key(&house.bob, json!({})).await?;
    let seat = house.path(&format!("/members/{}", id_of(&house.bob)));
    in_one_of_three(async || {
        house.ada.client.put(&seat, &json!({})).await?.expect(200)?;
        let key = house.team_key(&house.bob).await?;
        eventually(async || ask(&key).await?.expect(200).map(drop)).await?;
        house.ada.client.delete(&seat).await?.expect(204)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        ask(&key).await?.expect(401).map(drop)
    })
    .await?;
    ask(&of_bob).await?.expect(401)?;
    ask(&of_ada).await?.expect(200)?;
    ask(&own).await?.expect(200)?;
    // Who is not in it makes no key of it.
    let body = json!({"name": "again", "team_id": house.team});
    house.bob.client.post(&house.ada.path("/api-keys"), &body).await?.expect(422)?;
    // For good: who comes back finds no key that works again.
    house.ada.client.put(&seat, &json!({})).await?.expect(200)?;
    eventually(async || {
        let keys = house.ada.path(&format!("/api-keys?team_id={}", house.team));
        let keys = house.ada.client.get(&keys).await?.expect(200)?.json()?;
        let keys = keys["data"].as_array().context("no list")?;
        ensure!(keys.iter().all(|key| key["team_id"] == house.team.as_str()), "{keys:?}");
        let active: Vec<_> = keys.iter().filter(|key| key["active"] == true).map(|key| &key["user_id"]).collect();
        ensure!(active == [id_of(&house.ada)], "{keys:?}");
        Ok(())
    })
    .await?;
    ask(&of_bob).await?.expect(401).map(drop)
}

async fn a_team_that_goes_takes_its_keys_along(shape: Shape) -> anyhow::Result<()> {
    let house = House::start(shape, json!({})).await?;
    let of_bob = house.team_key(&house.bob).await?;
    let service = json!({"team_id": house.team, "service_account": true});
    let (service, _) = house.key(&house.ada, service).await?;
    let (own, _) = house.key(&house.bob, json!({})).await?;
    for key in [&of_bob, &service, &own] {
        eventually(async || ask(key).await?.expect(200).map(drop)).await?;
    }
    house.bob.client.delete(&house.path("")).await?.expect(403)?;
    let gone = house.ada.client.delete(&house.path("")).await?.expect(200)?.json()?;
    ensure!(gone["revoked_api_keys"] == 2, "{gone}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    for key in [&of_bob, &service] {
        eventually(async || ask(key).await?.expect(401).map(drop)).await?;
    }
    ask(&own).await?.expect(200)?;
    house.ada.client.get(&house.path("")).await?.expect(404)?;
    // Identity has heard of it: they are revoked, and the trail says why.
    eventually(async || {
        let trail = house.ada.client.get(&house.ada.path("/audit?limit=200")).await?.expect(200)?.json()?;
        let revoked =
            trail["data"].as_array().into_iter().flatten().filter(|event| event["action"] == "api_key.revoked");
        let revoked = revoked.filter(|event| event["details"]["reason"] == "team.deleted").count();
        ensure!(revoked == 2, "{trail}");
        Ok(())
    })
    .await
}

async fn a_team_is_told_of_everywhere(shape: Shape) -> anyhow::Result<()> {
    let house = House::start(shape, json!({"rpm": 1_000})).await?;
    let file = house.ada.client.get(&house.ada.path("/data-export")).await?.expect(200)?;
    let lines = file.text.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
    let team = lines.iter().find(|line| line["kind"] == "team").context("no team in the export")?;
    ensure!(team["data"]["name"] == "Research" && team["data"]["limits"]["rpm"] == 1_000, "{team}");
    ensure!(team["data"]["member_ids"].as_array().map(Vec::len) == Some(2), "{team}");
    let trail = house.ada.client.get(&house.ada.path("/audit?limit=200")).await?.expect(200)?.json()?;
    for action in ["team.created", "team.member_added"] {
        let found = trail["data"].as_array().into_iter().flatten().any(|event| event["action"] == action);
        ensure!(found, "{action} is not in the trail: {trail}");
    }
    // Who leaves the workspace leaves its teams.
    let member = house.ada.path(&format!("/members/{}", id_of(&house.bob)));
    house.ada.client.delete(&member).await?.expect(204)?;
    let team = house.ada.client.get(&house.path("")).await?.expect(200)?.json()?;
    ensure!(team["members"] == 1, "{team}");
    Ok(())
}
