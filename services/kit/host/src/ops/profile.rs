//! On what does the process spend its processor time? `GET /profile/cpu?seconds=N`, in the format of `pprof`.
//!
//! A signal stops each thread about a hundred times in a second of its work and notes where it is. That costs a hundredth of
//! the processor while it lasts, and nothing otherwise. On Linux only.

use super::{respond, text};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use tokio_util::sync::CancellationToken;

/// Where nobody says for how long.
const USUAL: u64 = 10;
const LONGEST: u64 = 60;

/// For how many seconds. Errors: a sentence.
fn seconds(query: Option<&str>) -> Result<u64, &'static str> {
    const WRONG: &str = "seconds is a whole number from 1 to 60, as in /profile/cpu?seconds=10\n";
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(USUAL) };
    let number = query.strip_prefix("seconds=").and_then(|number| number.parse().ok());
    number.filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or(WRONG)
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn cpu(query: Option<&str>, _stop: &CancellationToken) -> Response<Full<Bytes>> {
    match seconds(query) {
        Ok(_) => text(StatusCode::NOT_FOUND, "processor profiles are taken on Linux only\n"),
        Err(wrong) => text(StatusCode::BAD_REQUEST, wrong),
    }
}

/// Answers when it is done, or cut short when the process stops.
#[cfg(target_os = "linux")]
pub(super) async fn cpu(query: Option<&str>, stop: &CancellationToken) -> Response<Full<Bytes>> {
    let seconds = match seconds(query) {
        Ok(seconds) => seconds,
        Err(wrong) => return text(StatusCode::BAD_REQUEST, wrong),
    };
    let Ok(_only) = linux::ONE.try_lock() else {
        return text(StatusCode::CONFLICT, "a profile is being taken: try again when it is done\n");
    };
    match linux::take(std::time::Duration::from_secs(seconds), stop).await {
        Ok(profile) => respond(StatusCode::OK, "application/octet-stream", profile),
        Err(error) => {
            tracing::warn!(error, "a processor profile could not be taken");
            text(StatusCode::INTERNAL_SERVER_ERROR, "the profile could not be taken: the log says why\n")
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use pprof::{ProfilerGuardBuilder, protos::Message as _};
    use std::time::Duration;
    use tokio::sync::Mutex;
    use tokio_util::sync::CancellationToken;

    /// There is one timer in a process.
    pub(super) static ONE: Mutex<()> = Mutex::const_new(());

    /// No round number, so that it does not keep step with what happens every 10 ms.
    const TIMES_A_SECOND: i32 = 99;
    /// Whoever is stopped inside of these may hold a lock that the unwinder needs.
    const NOT_INSIDE: [&str; 5] = ["libc", "libgcc", "libunwind", "pthread", "vdso"];

    pub(super) async fn take(time: Duration, stop: &CancellationToken) -> Result<Vec<u8>, String> {
        let builder = ProfilerGuardBuilder::default().frequency(TIMES_A_SECOND).blocklist(&NOT_INSIDE);
        let profiler = builder.build().map_err(|error| error.to_string())?;
        // Cut short is better than not at all.
        let _ = stop.run_until_cancelled(tokio::time::sleep(time)).await;
        // Names are looked up in the debug information, which takes its time.
        let read = tokio::task::spawn_blocking(move || {
            let profile =
                profiler.report().build().and_then(|report| report.pprof()).map_err(|error| error.to_string())?;
            let mut bytes = vec![];
            profile.encode(&mut bytes).map_err(|error| error.to_string())?;
            Ok(bytes)
        });
        read.await.unwrap_or_else(|error| Err(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_bounded() {
        assert_eq!((seconds(None), seconds(Some("")), seconds(Some("seconds=60"))), (Ok(10), Ok(10), Ok(60)));
        for wrong in ["seconds=0", "seconds=61", "seconds=-1", "seconds=1.5", "seconds=", "minutes=1"] {
            assert!(seconds(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
