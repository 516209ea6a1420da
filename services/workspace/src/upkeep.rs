//! What happens without a request or an event.

use crate::Workspace;
use host::Tasks;
use std::time::Duration;
use store::replay;

const ANSWERS: Duration = Duration::from_secs(3600);

/// Starts it. It may run in several processes at once.
pub(crate) fn start(service: &Workspace, tasks: &Tasks) {
    let of = service.clone();
    tasks.every("workspace.answers", ANSWERS, move || {
        let service = of.clone();
        async move {
            // The next round tries again: a warning is all that is needed.
            if let Err(error) = replay::prune(&service.db, service.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "answers that are not given again were not removed");
            }
        }
    });
}
