//! The plans that there are.

use super::{cost, current};
use crate::{Billing, Error};
use proto::{
    Call, Permission,
    billing::{ListPlansResponse, Plan},
};
use store::GlobalTx;

/// Those that are offered; for operators also the others.
pub(crate) async fn list(service: &Billing, call: &Call) -> Result<ListPlansResponse, Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let kept = current::all(&mut tx).await?;
    tx.commit().await?;
    let sees_all = call.scopes.contains(Permission::PlatformRead);
    let mut plans: Vec<Plan> = kept.into_iter().map(|kept| kept.plan).filter(|p| sees_all || !p.is_hidden).collect();
    plans.sort_by_cached_key(|plan| (cost::rank(plan), plan.name.clone()));
    Ok(ListPlansResponse { plans })
}
