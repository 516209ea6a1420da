//! Makes the workspace of a sign-up. The workspace service takes the same request any number of times.

use super::User;
use crate::{Error, Parts};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{RequestId, UserId, WorkspaceId},
    workspace::ProvisionWorkspaceRequest,
};
use store::GlobalTx;

/// After a failure the sweep waits for so long.
const RETRY: TimeDelta = TimeDelta::seconds(15);

store::row! {
    /// A sign-up whose workspace does not exist yet.
    #[derive(Debug)]
    pub(crate) struct Pending {
        pub(crate) workspace_id: WorkspaceId,
        workspace_name: String,
        user_id: UserId,
        email: String,
        name: String,
        locale: String,
    }
}

impl Pending {
    /// That of `user`.
    pub(crate) fn new(user: &User, workspace_id: WorkspaceId, workspace_name: String) -> Self {
        let User { id, email, name, locale, .. } = user.clone();
        Self { workspace_id, workspace_name, user_id: id, email, name, locale }
    }
}

/// Makes the workspace, and forgets that it was to be made.
pub(crate) async fn complete(parts: &Parts, call: &Call, pending: &Pending) -> Result<(), Error> {
    let request = ProvisionWorkspaceRequest {
        workspace_id: pending.workspace_id.to_string(),
        owner_user_id: pending.user_id.to_string(),
        owner_email: pending.email.clone(),
        owner_name: pending.name.clone(),
        name: pending.workspace_name.clone(),
        locale: pending.locale.clone(),
    };
    parts.workspaces.provision_workspace(call, request).await.map_err(Error::workspaces)?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("provisioning/done"), &[pending.user_id.into()]).await?;
    tx.commit().await?;
    Ok(())
}

/// Completes what is due. Errors: of the database; a workspace that cannot be made is tried again later.
pub(crate) async fn sweep(parts: &Parts) -> Result<(), Error> {
    let now = parts.clock.now();
    let mut tx = GlobalTx::read(&parts.db).await?;
    let due = tx.fetch_all::<Pending>(store::sql!("provisioning/due"), &[now.into()]).await?;
    tx.commit().await?;
    for pending in due {
        let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
        let Err(error) = complete(parts, &call, &pending).await else {
            tracing::info!(user_id = %pending.user_id, workspace_id = %pending.workspace_id, "completed a sign-up");
            continue;
        };
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            user_id = %pending.user_id,
            "a sign-up still waits for its workspace"
        );
        let mut tx = GlobalTx::begin(&parts.db).await?;
        let values = [pending.user_id.into(), (now + RETRY).into()];
        tx.execute(store::sql!("provisioning/postpone"), &values).await?;
        tx.commit().await?;
    }
    Ok(())
}
