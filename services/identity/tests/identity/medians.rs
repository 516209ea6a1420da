//! Do two things take the same time? By their medians over many tries in turn.

use std::time::{Duration, Instant};

/// Tries of the ordinary run. `make timing` makes more of an optimised build, and holds their medians to what is promised.
const FEW: usize = 200;
const MANY: usize = 1_000;

/// How far medians may be apart: this part of them, or this long.
struct Bound {
    part: u32,
    least: Duration,
    /// So often it is measured until it holds: something else may have had the machine just then.
    attempts: usize,
}

/// What is promised: 2 % or 1 ms.
const PROMISED: Bound = Bound { part: 50, least: Duration::from_millis(1), attempts: 1 };
/// A build without optimisation, beside other tests: work that is left out on one side is seen all the same.
const ORDINARY: Bound = Bound { part: 5, least: Duration::from_millis(2), attempts: 3 };

/// How many tries `PERPETUO_TIMING_TRIES` asks for.
fn tries() -> usize {
    let asked = host::config::environment().get("PERPETUO_TIMING_TRIES").map(str::to_owned);
    asked.map_or(FEW, |tries| tries.parse().expect("PERPETUO_TIMING_TRIES is a number"))
}

/// Fails unless both take the same time. Each is told the how manyeth try it is, counted over all attempts.
pub async fn alike(what: &str, known: impl AsyncFn(usize), unknown: impl AsyncFn(usize)) {
    let tries = tries();
    let bound = if tries < MANY { ORDINARY } else { PROMISED };
    let mut seen = vec![];
    for attempt in 0..bound.attempts {
        let [known, unknown] = medians(attempt * tries, tries, &known, &unknown).await;
        let apart = known.abs_diff(unknown);
        eprintln!("{what}: {known:?} of the known, {unknown:?} of the unknown, {apart:?} apart in {tries} tries");
        if apart <= bound.least || apart <= known.max(unknown) / bound.part {
            return;
        }
        seen.push((known, unknown));
    }
    panic!("{what} takes another time for the known than for the unknown: {seen:?}");
}

async fn medians(
    first: usize,
    tries: usize,
    known: &impl AsyncFn(usize),
    unknown: &impl AsyncFn(usize),
) -> [Duration; 2] {
    let mut times = [vec![], vec![]];
    for n in first..first + tries {
        // Which is first changes, too.
        for which in if n % 2 == 0 { [0, 1] } else { [1, 0] } {
            let start = Instant::now();
            if which == 0 {
                known(n).await;
            } else {
                unknown(n).await;
            }
            times[which].push(start.elapsed());
        }
    }
    times.map(|mut all| {
        all.sort_unstable();
        all[all.len() / 2]
    })
}
