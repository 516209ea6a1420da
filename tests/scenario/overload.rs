//! Far more is asked than can be answered.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use serde_json::json;
use std::time::Duration;
use tests::{
    Answer, Cluster, Upstream,
    client::chat,
    cluster::{Options, Shape},
    flood::{self, Flood},
    upstream::Script,
};

scenarios! {
    once: three_times_too_much_is_answered_as_far_as_it_goes_and_the_rest_is_turned_away;
}

async fn three_times_too_much_is_answered_as_far_as_it_goes_and_the_rest_is_turned_away() -> anyhow::Result<()> {
    let overload = ("PERPETUO__OVERLOAD__MAX_WAIT_MS".to_owned(), "50".to_owned());
    let cluster = Cluster::start(Shape::One, &Options { env: vec![overload], ..Options::default() }).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let secret = person.key_with(&json!({})).await?.1;
    let request = flood::chat(secret["key"].as_str().unwrap_or_default(), &chat("simulator/chat", "hi"))?;
    let upstream = Upstream::start().await?;
    upstream.on("slow", Script::Text { text: "word ".repeat(60), pause: Duration::from_millis(200) });
    person.provider(&upstream.url, &json!({})).await?;

    let port = cluster.url().rsplit(':').next().unwrap_or_default().parse()?;
    let (time, warm_up) = (Duration::from_secs(3), Duration::ZERO);
    let all = Flood { port, request: &request, connections: 16, rate: None, time, warm_up };
    let peak = all.send().await?;
    ensure!(peak.turned_away == 0, "what 16 clients ask for is not too much: {}", peak.turned_away);

    let mut body = chat("slow", "hi");
    body["stream"] = json!(true);
    #[expect(clippy::disallowed_methods, reason = "joined below")]
    let stream = tokio::spawn(Answer::of(key.request(reqwest::Method::POST, "/v1/chat/completions").json(&body)));
    tests::eventually(async || {
        ensure!(upstream.under_way() == 1, "not started");
        Ok(())
    })
    .await?;

    // It takes a moment until it is believed that this is no burst, and another until all that was let in by then is done.
    let (time, warm_up) = (Duration::from_secs(12), Duration::from_secs(5));
    // So many that they could ask for it although each waits for its answer.
    let excess = Flood { connections: 400, rate: Some(3.0 * peak.goodput()), time, warm_up, ..all };
    let ready = format!("{}/readyz", cluster.ops(Role::Edge));
    let (flood, probe) = tokio::join!(excess.send(), async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        reqwest::get(ready).await
    });
    let flood = flood?;
    let told = format!(
        "{:.0}/s at peak; of {:.0}/s then {:.0}/s were good, with a p99 of {:?}",
        peak.goodput(),
        flood.rate(),
        flood.goodput(),
        flood.p99()
    );
    ensure!(probe?.status() == 200, "an overloaded process is no dead one");
    ensure!(flood.turned_away > 0, "nobody was turned away: {told}");
    // The loader takes most of the processors that it shares with the server, so what is left is little: `make bench` has figures.
    ensure!(flood.goodput() > 0.1 * peak.goodput(), "it has collapsed: {told}");
    ensure!(flood.p99() < Duration::from_secs(3), "who is let in waits: {told}");
    let streamed = stream.await??.expect(200)?;
    ensure!(streamed.events().last() == Some(&"[DONE]"), "a stream under way was cut: {}", streamed.text);

    // Every good answer is in the ledger, and nothing of those that were turned away.
    let good = u64::try_from(peak.all_good + flood.all_good + 1)?;
    tests::eventually(async || {
        let counted = person.usage().await?["total_requests"].clone();
        ensure!(counted == good, "{counted} of {good} are counted");
        Ok(())
    })
    .await?;
    tests::eventually(async || key.chat("simulator/chat", "all is well again").await?.expect(200).map(drop)).await
}
