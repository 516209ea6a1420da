//! What does the platform offer to a workspace?

use super::{
    open::with_key,
    row::{Parts, PlatformRow},
};
use crate::{Workspace, error::Error};
use proto::{
    routing::Known,
    workspace::{LockedProvider, OpenProvider},
};
use store::{WorkspaceTx, sql};

/// What a workspace has of it, by priority and then age, and what it would have with another plan.
#[derive(Default)]
pub(crate) struct Offered {
    pub(crate) open: Vec<OpenProvider>,
    pub(crate) locked: Vec<LockedProvider>,
}

/// To the transaction's workspace, which is on this plan. Errors: [`Error::Store`].
pub(crate) async fn to(service: &Workspace, tx: &mut WorkspaceTx, plan: &str) -> Result<Offered, Error> {
    let workspace = tx.workspace();
    let rows: Vec<PlatformRow> = tx.fetch_all(sql!("platform_provider/routing"), &[]).await?;
    let mut offered = Offered::default();
    for Parts { provider, access } in rows.into_iter().map(Parts::from) {
        let Some(access) = access else { continue };
        if access.allows(plan, workspace) {
            let id = provider.provider_id;
            match with_key(service, provider) {
                Ok(open) => offered.open.push(open),
                // One that cannot be opened must not keep workspaces from their own.
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, provider = %id, "a credential of the platform cannot be opened, left out");
                }
            }
        } else if !access.plans.is_empty() {
            let (models, plans) = (provider.models(), access.plans);
            offered.locked.push(LockedProvider { provider: provider.kind, name: provider.name, models, plans });
        }
    }
    Ok(offered)
}

/// The same, as far as routing settings may name it. Errors: [`Error::Store`].
pub(crate) async fn known(tx: &mut WorkspaceTx, plan: &str) -> Result<Vec<Known>, Error> {
    let workspace = tx.workspace();
    let rows: Vec<PlatformRow> = tx.fetch_all(sql!("platform_provider/routing"), &[]).await?;
    let offered = rows.into_iter().map(Parts::from);
    let offered = offered.filter(|parts| parts.access.as_ref().is_some_and(|access| access.allows(plan, workspace)));
    let known = offered.map(|Parts { provider, .. }| {
        let models = provider.models();
        Known {
            takes_any_model: models.is_empty(),
            models,
            name: provider.name,
            kind: provider.kind,
            is_platform: true,
        }
    });
    Ok(known.collect())
}
