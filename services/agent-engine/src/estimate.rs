//! How long will it take? From how long the last ones took; before there are enough, from how long the model's answers take.

use crate::{Error, domain::depth::Depth, plan::Plan, service::Inner};
use chrono::{DateTime, Utc};
use store::{GlobalTx, sql};

/// As few are enough to speak of a median.
const ENOUGH: usize = 5;

/// In seconds, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// The median.
    pub seconds: i64,
    /// What nine of ten stay below.
    pub seconds_p90: i64,
}

store::row! {
    struct Took {
        started_at: Option<DateTime<Utc>>,
        finished_at: Option<DateTime<Utc>>,
    }
}

/// Errors: the database failed.
pub(crate) async fn estimate(inner: &Inner, plan: &Plan, depth: Depth, model: &str) -> Result<Estimate, Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    let values = [depth.as_str().into(), model.into()];
    let took: Vec<Took> = tx.fetch_all(sql!("execution/durations"), &values).await?;
    let took = took.iter().filter_map(|row| Some((row.finished_at? - row.started_at?).num_milliseconds())).collect();
    if let Some(estimate) = of(took, 1) {
        return Ok(estimate);
    }
    let calls: Vec<(i64,)> = tx.fetch_all(sql!("call/durations"), &[model.into()]).await?;
    let hops = i64::try_from(plan.hops()).unwrap_or(1);
    Ok(of(calls.into_iter().map(|(ms,)| ms).collect(), hops).unwrap_or(first(depth)))
}

/// Of enough samples in milliseconds, each so many times.
fn of(mut samples: Vec<i64>, times: i64) -> Option<Estimate> {
    samples.sort_unstable();
    let at =
        |percent: usize| samples.get((samples.len() * percent / 100).min(samples.len().saturating_sub(1))).copied();
    let seconds = |ms: i64| ms.saturating_mul(times).saturating_add(999) / 1_000;
    (samples.len() >= ENOUGH)
        .then(|| Some(Estimate { seconds: seconds(at(50)?).max(1), seconds_p90: seconds(at(90)?).max(1) }))
        .flatten()
}

/// Where nothing is known: what hosted models took when the depths were made.
const fn first(depth: Depth) -> Estimate {
    match depth {
        Depth::Quick => Estimate { seconds: 20, seconds_p90: 45 },
        Depth::Standard => Estimate { seconds: 30, seconds_p90: 100 },
        Depth::Deep => Estimate { seconds: 150, seconds_p90: 360 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_samples_say_nothing_and_many_their_median() {
        assert_eq!(of(vec![1_000; 4], 1), None);
        let estimate = of((1..=100).map(|n| n * 1_000).collect(), 1).unwrap();
        assert_eq!(estimate, Estimate { seconds: 51, seconds_p90: 91 });
        assert_eq!(of(vec![10; 5], 6).unwrap().seconds, 1, "never nothing");
    }
}
