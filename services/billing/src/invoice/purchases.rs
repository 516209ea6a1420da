//! How much may be begun to buy?

use crate::{Billing, Error};
use chrono::TimeDelta;
use store::{WorkspaceTx, sql};

/// Of a workspace, whether it is paid or not. Each purchase takes a number for its invoice, writes a letter to an address that somebody
/// has chosen, and costs a provider of payments a charge: a program that tries out cards or plans makes very many.
const MOST_AN_HOUR: i64 = 20;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Asked before one more is written down. Whoever calls it holds the lock of the customer. Errors: [`Error::TooManyPurchases`].
pub(crate) async fn one_more(service: &Billing, tx: &mut WorkspaceTx) -> Result<(), Error> {
    let values = [tx.workspace().into(), (service.clock.now() - HOUR).into()];
    let (begun,): (i64,) = tx.fetch_one(sql!("invoice/purchases"), &values).await?;
    if begun >= MOST_AN_HOUR { Err(Error::TooManyPurchases) } else { Ok(()) }
}
