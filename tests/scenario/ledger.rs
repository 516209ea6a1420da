//! The ledger adds up. What it holds after processes were killed: the suite `crash`.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use tests::{Cluster, Upstream, eventually, upstream::Script};

scenarios! {
    shared: ten_thousand_tokens_add_up;
}

async fn ten_thousand_tokens_add_up(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let upstream = Upstream::start().await?;
    upstream.on("m", Script::text("one two three four five"));
    person.provider(&upstream.url, &json!({})).await?;
    let key = person.key().await?;
    for _ in 0..10 {
        let requests = (0..20).map(|n| {
            let key = key.clone();
            async move { if n % 2 == 0 { key.chat("m", "hi").await } else { key.chat_stream("m", "hi").await } }
        });
        for answer in futures::future::try_join_all(requests).await? {
            answer.expect(200)?;
        }
    }
    eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == 200, "{usage}");
        ensure!(usage["total_input_tokens"] == 200 * 7 && usage["total_output_tokens"] == 200 * 5, "{usage}");
        Ok(())
    })
    .await?;
    ensure!(upstream.received().len() == 200, "{}", upstream.received().len());
    Ok(())
}
