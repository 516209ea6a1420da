//! What happens without a request.

use crate::{Error, Parts, directory, domain, erasure, impersonation, letter, passkey, session, sign_in, user};
use chrono::TimeDelta;
use host::Tasks;
use std::{sync::Arc, time::Duration};

const SIGN_UPS: Duration = Duration::from_secs(5);
const LETTERS: Duration = Duration::from_secs(1);
const LINKS: Duration = Duration::from_secs(600);
const SIGN_INS: Duration = Duration::from_secs(60);
const IMPERSONATIONS: Duration = Duration::from_secs(5);
/// Each domain is looked at once a day; this is how soon after its time.
const DOMAINS: Duration = Duration::from_secs(600);
const SIGNING_KEYS: Duration = Duration::from_secs(60);
const SESSIONS: Duration = Duration::from_secs(3600);
const ANSWERS: Duration = Duration::from_secs(3600);
const EVENTS: Duration = Duration::from_secs(3600);
/// Who follows the feed and was away for longer has missed events.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Starts it all. Each piece may run in several processes at once.
pub(crate) fn start(parts: &Arc<Parts>, tasks: &Tasks) {
    let of = Arc::clone(parts);
    tasks.every("identity.sign_ups", SIGN_UPS, move || {
        let parts = Arc::clone(&of);
        async move { report("sign-ups were not completed", user::provision::sweep(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.erasures", SIGN_UPS, move || {
        let parts = Arc::clone(&of);
        async move { report("people who asked for it were not erased", erasure::sweep::round(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.directory", SIGN_UPS, move || {
        let parts = Arc::clone(&of);
        async move { report("memberships that directories wait for were not made", directory::sweep::sweep(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.letters", LETTERS, move || {
        let parts = Arc::clone(&of);
        async move { report("letters were not sent", letter::work::round(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.waiting", mail::waiting::EVERY, move || {
        let parts = Arc::clone(&of);
        async move { report("letters that wait were not counted", letter::work::show(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.links", LINKS, move || {
        let parts = Arc::clone(&of);
        async move { report("old links were not removed", letter::work::prune(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.sign_ins", SIGN_INS, move || {
        let parts = Arc::clone(&of);
        async move { report("old sign-ins were not removed", sign_in::flow::prune(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.passkeys", SIGN_INS, move || {
        let parts = Arc::clone(&of);
        async move { report("old challenges were not removed", passkey::challenge::prune(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.impersonations", IMPERSONATIONS, move || {
        let parts = Arc::clone(&of);
        async move {
            report("operators who act for nobody any more were not noted", impersonation::sweep::sweep(&parts).await);
        }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.domains", DOMAINS, move || {
        let parts = Arc::clone(&of);
        async move { report("domains of workspaces were not looked at", domain::watch::round(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.signing_keys", SIGNING_KEYS, move || {
        let parts = Arc::clone(&of);
        async move { report("signing keys were not rotated", parts.keys.maintain().await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.sessions", SESSIONS, move || {
        let parts = Arc::clone(&of);
        async move { report("dead sessions were not removed", session::prune::prune(&parts).await) }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.answers", ANSWERS, move || {
        let parts = Arc::clone(&of);
        async move {
            let pruned = store::replay::prune(&parts.db, parts.clock.now()).await;
            report("answers that are not given again were not removed", pruned.map(drop).map_err(Error::from));
        }
    });
    let of = Arc::clone(parts);
    tasks.every("identity.events", EVENTS, move || {
        let parts = Arc::clone(&of);
        async move {
            let pruned = store::outbox::prune(&parts.db, parts.clock.now() - EVENTS_KEPT).await;
            report("old events were not removed", pruned.map(drop).map_err(Error::from));
        }
    });
}

/// The next round tries again: a warning is all that is needed.
fn report(what: &'static str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(error = &error as &dyn std::error::Error, "{what}");
    }
}
