//! Are the domains of workspaces still theirs? Looked at once a day.

use super::{find, lost, verify};
use crate::{Error, Parts};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{RequestId, WorkspaceId},
};
use store::{SystemTx, Tx, WorkspaceTx};

const EVERY: TimeDelta = TimeDelta::days(1);
/// For so long a record may be missing: people change name servers, and make mistakes.
const GRACE: TimeDelta = TimeDelta::days(7);

/// Looks at those whose turn it is. Safe in any number of processes. Errors: of the database; the workspace service is away.
pub(crate) async fn round(parts: &Parts) -> Result<(), Error> {
    let due = parts.clock.now() - EVERY;
    let mut tx = SystemTx::read(&parts.db, "find domains to look at again").await?;
    let found: Vec<(WorkspaceId, String)> = tx.fetch_all(store::sql!("domain/due"), &[due.into()]).await?;
    tx.commit().await?;
    let mut outcome = Ok(());
    for (workspace, domain) in found {
        // One that fails holds up no other.
        if let Err(error) = look(parts, workspace, &domain).await {
            outcome = Err(error);
        }
    }
    outcome
}

/// Name servers that do not answer say nothing: the domain is looked at again a day later.
async fn look(parts: &Parts, workspace: WorkspaceId, domain: &str) -> Result<(), Error> {
    let now = parts.clock.now();
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let values = [workspace.into(), domain.into(), now.into(), (now - EVERY).into()];
    let is_ours = tx.execute(store::sql!("domain/asked"), &values).await? > 0;
    let asked = find(&mut tx, domain).await?;
    tx.commit().await?;
    let Some(asked) = asked.filter(|_| is_ours) else { return Ok(()) };
    match verify::is_proved(parts, &asked).await {
        Err(Error::NameServersAway(why)) => {
            tracing::info!(domain, why, "a domain could not be looked at");
            Ok(())
        }
        Err(error) => Err(error),
        Ok(is_there) => note(parts, workspace, domain, is_there).await,
    }
}

async fn note(parts: &Parts, workspace: WorkspaceId, domain: &str, is_there: bool) -> Result<(), Error> {
    let now = parts.clock.now();
    let values = [workspace.into(), domain.into(), now.into()];
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    // Somebody may have removed it, or lost it, meanwhile.
    let Some(kept) = find(&mut tx, domain).await?.filter(|kept| kept.verified_at.is_some()) else { return Ok(()) };
    if is_there {
        Tx::execute(&mut tx, store::sql!("domain/verify"), &values).await?;
        return Ok(tx.commit().await?);
    }
    Tx::execute(&mut tx, store::sql!("domain/missing"), &values).await?;
    if kept.missing_since.is_none_or(|since| now < since + GRACE) {
        return Ok(tx.commit().await?);
    }
    drop(tx);
    let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
    lost::lose(parts, &call, workspace, domain).await
}
