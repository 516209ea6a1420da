//! The plans that there are.

use super::{cost, current};
use crate::{Billing, Error};
use proto::billing::Plan;
use store::GlobalTx;

/// Those that are offered.
pub(crate) async fn offered(service: &Billing) -> Result<Vec<Plan>, Error> {
    let mut plans = all(service).await?;
    plans.retain(|plan| !plan.is_hidden);
    Ok(plans)
}

/// Also those that are not.
pub(crate) async fn all(service: &Billing) -> Result<Vec<Plan>, Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let kept = current::all(&mut tx).await?;
    tx.commit().await?;
    let mut plans: Vec<Plan> = kept.into_iter().map(|kept| kept.plan).collect();
    cost::sort(&mut plans);
    Ok(plans)
}
