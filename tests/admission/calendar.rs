//! Days and months of a workspace, over HTTP, while the clock of all services is moved.

use crate::{Gate, House, Person, routes::Sent};
use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use host::{Clock, ClockHand};
use serde_json::{Value, json};
use std::time::Duration;

struct Moved {
    house: House,
    clock: Clock,
    hand: ClockHand,
}

impl Moved {
    async fn to(now: &str) -> anyhow::Result<Self> {
        let (clock, hand) = Clock::manual(now.parse()?);
        Ok(Self { house: House::at(Gate::open(), clock.clone()).await?, clock, hand })
    }

    /// Somebody whose workspace is there, with a key that may use so much.
    async fn person(&self, time_zone: &str, limits: Value) -> anyhow::Result<Person> {
        let person = self.house.person().await?;
        let path = person.fill("/api/v1/workspaces/{workspace_id}");
        let (status, answer) =
            person.send("PUT", &path, false, Some(Sent::Json(json!({"time_zone": time_zone})))).await?;
        ensure!(status == 200, "{}", String::from_utf8_lossy(&answer));
        person.with_limits(limits).await
    }

    fn until(&self, time: &str) -> anyhow::Result<TimeDelta> {
        Ok(time.parse::<DateTime<Utc>>()? - self.clock.now())
    }
}

/// It may use 60 tokens and a few for its words.
async fn chat(person: &Person) -> anyhow::Result<(u16, Value)> {
    let messages = json!([{"role": "user", "content": "hi"}]);
    let body = json!({"model": "any/model", "messages": messages, "max_tokens": 60});
    person.ask("POST", "/v1/chat/completions", Some(body)).await
}

/// Asks until a quota is used up, and not only reserved; the error.
async fn until_refused(person: &Person) -> anyhow::Result<Value> {
    let mut refused = 0;
    for _ in 0..100 {
        let (status, answer) = chat(person).await?;
        if status == 200 {
            refused = 0;
            continue;
        }
        ensure!(status == 402, "{status} {answer}");
        refused += 1;
        if refused == 3 {
            return Ok(answer["error"].clone());
        }
        // What runs is settled by then.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    anyhow::bail!("nothing was refused")
}

/// What `GET /v1/limits` says of some periods, in one answer: of what runs, a later one may say that it is settled.
async fn standing<const N: usize>(person: &Person, periods: [&str; N]) -> anyhow::Result<[Value; N]> {
    let (_, limits) = person.ask("GET", "/v1/limits", None).await?;
    let all = limits["data"].as_array().cloned().unwrap_or_default();
    let found = periods.map(|p| all.iter().find(|l| l["layer"] == "api_key" && l["period"] == p).cloned());
    ensure!(found.iter().all(Option::is_some), "not all of {periods:?} in {limits}");
    Ok(found.map(Option::unwrap_or_default))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_ends_at_midnight_of_the_workspace_and_a_month_with_its_last_day() -> anyhow::Result<()> {
    let moved = Moved::to("2026-11-30T20:00:00Z").await?;
    let limits = json!({"tokens_per_day": 300, "tokens_per_month": 1000});
    let person = moved.person("America/Sao_Paulo", limits).await?;
    let error = until_refused(&person).await?;
    ensure!(error["period"] == "day" && error["limit"] == 300, "{error}");
    let [day, month] = standing(&person, ["day", "month"]).await?;
    // Midnight there is three hours later than in Greenwich, and the first of December as well.
    ensure!(day["resets_at"] == "2026-12-01T03:00:00Z" && month["resets_at"] == day["resets_at"], "{day} {month}");
    ensure!(day["used"] == month["used"] && day["used"].as_i64().is_some_and(|used| used > 100), "{day} {month}");
    moved.hand.advance(moved.until("2026-12-01T02:59:59Z")?);
    ensure!(chat(&person).await?.0 == 402, "it is November there for another second");
    moved.hand.advance(TimeDelta::seconds(1));
    ensure!(chat(&person).await?.0 == 200, "another day");
    let [day, month] = standing(&person, ["day", "month"]).await?;
    ensure!(day["used"].as_i64().is_some_and(|used| used < 100) && month["used"] == day["used"], "{day} {month}");
    ensure!(month["resets_at"] == "2027-01-01T03:00:00Z", "{month}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_on_which_clocks_are_set_have_their_own_length() -> anyhow::Result<()> {
    // In Lisbon the 25th of October 2026 has 25 hours, and the 28th of March 2027 has 23.
    for (begin, last, end) in [
        ("2026-10-24T23:00:00Z", "2026-10-25T23:59:59Z", "2026-10-26T00:00:00Z"),
        ("2027-03-28T00:00:00Z", "2027-03-28T22:59:59Z", "2027-03-28T23:00:00Z"),
    ] {
        let moved = Moved::to(begin).await?;
        let person = moved.person("Europe/Lisbon", json!({"tokens_per_day": 300})).await?;
        until_refused(&person).await?;
        let [day] = standing(&person, ["day"]).await?;
        ensure!(day["resets_at"] == end, "{day} {end}");
        moved.hand.advance(moved.until(last)?);
        ensure!(chat(&person).await?.0 == 402, "{last} is the same day");
        moved.hand.advance(TimeDelta::seconds(1));
        ensure!(chat(&person).await?.0 == 200, "{end} is another");
    }
    Ok(())
}
