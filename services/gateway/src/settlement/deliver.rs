//! Brings a settlement to usage-metering, however long that takes.

use crate::spool::Debt;
use fail::fail_point;
use proto::{
    Call, Reason,
    usage::{SettleRequest, Usage},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long one try may take.
const TRY: Duration = Duration::from_secs(10);
/// By then the sweep has taken a grant that nobody confirmed.
const SWEPT: Duration = Duration::from_secs(60);

/// How long to go on trying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// There is a grant: only the end of the process ends this.
    UntilAcknowledged,
    /// There may be none: after a minute it has been swept or never was.
    UntilSwept,
}

/// Sends `request` until usage-metering says that it is durable, or that there is nothing to settle. Then the debt is
/// paid.
pub(super) async fn deliver(
    usage: &Usage,
    call: &Call,
    request: SettleRequest,
    patience: Patience,
    debt: Option<Debt>,
) {
    send(usage, call, request, patience).await;
    if let Some(debt) = debt {
        debt.paid();
    }
}

async fn send(usage: &Usage, call: &Call, request: SettleRequest, patience: Patience) {
    let began = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let within = call.clone().until(Instant::now() + TRY);
        fail_point!("gateway::settle::before_send");
        let answer = usage.settle(&within, request.clone()).await;
        fail_point!("gateway::settle::answered");
        let Err(status) = answer else { return };
        let hopeless = match Reason::of(&status) {
            Reason::SettleUnknown => {
                if patience == Patience::UntilAcknowledged {
                    tracing::error!(grant = request.grant_id, "a grant that was settled is not known");
                }
                return;
            }
            Reason::InvalidArgument
            | Reason::EventConflict
            | Reason::RefusedValue
            | Reason::MalformedRequest
            | Reason::PermissionDenied => true,
            _ => patience == Patience::UntilSwept && began.elapsed() > SWEPT,
        };
        if hopeless {
            tracing::error!(grant = request.grant_id, error = status.message(), "a settlement was given up");
            return;
        }
        if wait == FIRST_WAIT {
            tracing::warn!(grant = request.grant_id, error = status.message(), "a settlement waits for usage-metering");
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}
