//! What did former processes still owe the ledger?

use super::deliver::{Patience, deliver};
use crate::spool::Debt;
use futures::StreamExt as _;
use host::Tasks;
use proto::{
    Call, Role,
    id::RequestId,
    usage::{SettleRequest, Usage},
};

/// How many are sent at once, so that the requests of now find the ledger free.
const AT_ONCE: usize = 16;

/// Sends what is `left`, in the background. A grant that was swept meanwhile gets a correction.
pub(crate) fn resend(left: Vec<(SettleRequest, Debt)>, usage: &Usage, tasks: &Tasks) {
    if left.is_empty() {
        return;
    }
    tracing::info!(settlements = left.len(), "settlements that the last process owed are sent");
    let usage = usage.clone();
    drop(tasks.spawn("resend settlements", async move {
        let sending = left.into_iter().map(|(request, debt)| {
            let usage = &usage;
            async move {
                match call(&request) {
                    Some(call) => deliver(usage, &call, request, Patience::UntilAcknowledged, Some(debt)).await,
                    None => debt.paid(),
                }
            }
        });
        futures::stream::iter(sending).buffer_unordered(AT_ONCE).collect::<()>().await;
    }));
}

/// The gateway's own call about the request that is settled. None for ids that none of ours can be.
fn call(request: &SettleRequest) -> Option<Call> {
    let (id, _) = request.grant_id.split_once('/')?;
    let id: RequestId = id.parse().ok()?;
    Some(Call { workspace: Some(request.workspace_id.parse().ok()?), ..Call::service(Role::Gateway, id) })
}
