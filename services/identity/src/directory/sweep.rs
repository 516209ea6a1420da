//! Finishes what requests have left: of those whose process went, or found the workspace service away.

use super::settle;
use crate::{Error, Parts};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{RequestId, UserId, WorkspaceId},
};
use store::{SystemTx, WorkspaceTx, sql};

/// After a failure a membership waits for so long.
const RETRY: TimeDelta = TimeDelta::seconds(15);

/// Errors: of the database; a membership that cannot be settled is tried again later.
pub(crate) async fn sweep(parts: &Parts) -> Result<(), Error> {
    let now = parts.clock.now();
    let mut tx = SystemTx::read(&parts.db, "find memberships that directories wait for").await?;
    let due: Vec<(WorkspaceId, UserId)> = tx.fetch_all(sql!("directory/due"), &[now.into()]).await?;
    tx.commit().await?;
    for (workspace, person) in due {
        let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
        let Err(error) = settle::settle(parts, &call, (workspace, person)).await else { continue };
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            workspace_id = %workspace,
            user_id = %person,
            "a membership is not yet what its directory says"
        );
        let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
        tx.execute(sql!("directory/postpone"), &[workspace.into(), person.into(), (now + RETRY).into()]).await?;
        tx.commit().await?;
    }
    Ok(())
}
