//! The feed of this service: `plan.published` and `subscription.changed`.

use host::Tasks;
use store::{Db, outbox::Feed};

/// Serves the outbox of this service to all who watch.
pub(crate) fn serve(db: Db, tasks: &Tasks) -> Feed {
    Feed::start(db, tasks.stopping(), &tasks.tracker())
}
