//! Plans limit how many requests a minute come to executions, of whatever kind.

use anyhow::ensure;
use std::sync::Arc;
use tests::Cluster;

/// Of the free plan.
const RPM: usize = 60;

pub(super) async fn so_many_requests_a_minute_as_the_plan_says(cluster: &Arc<Cluster>) -> anyhow::Result<()> {
    let (ada, bob) = (cluster.person().await?, cluster.person().await?);
    let absent = "/api/v1/executions/exec_00000000000000000000000000/events";
    let first = ada.client.get("/api/v1/executions").await?.expect(200)?;
    ensure!(first.header("x-ratelimit-limit-requests") == "60", "{:?}", first.headers);
    let mut passed = 1;
    let refused = loop {
        // Also what finds nothing was asked for.
        let answer = ada.client.get(if passed % 2 == 0 { "/api/v1/executions" } else { absent }).await?;
        if answer.status == 429 {
            break answer;
        }
        passed += 1;
        ensure!(passed < 3 * RPM, "nobody is refused");
    };
    // Some drain while they are made.
    ensure!((RPM..2 * RPM).contains(&passed), "{passed}");
    let told = refused.json()?;
    ensure!(told["code"] == "RATE_LIMITED" && told["layer"] == "plan" && told["limit"] == 60, "{told}");
    ensure!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    ensure!(refused.header("x-ratelimit-remaining-requests") == "0", "{:?}", refused.headers);
    ensure!(ada.client.get("/api/v1/me").await?.status == 200, "other things are not limited by it");
    bob.client.get("/api/v1/executions").await?.expect(200)?;
    Ok(())
}
