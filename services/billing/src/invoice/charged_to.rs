//! Until when is the usage of a subscription charged?

use super::usage::Charged;
use crate::Error;
use chrono::{DateTime, Utc};
use proto::id::SubscriptionId;
use store::{WorkspaceTx, sql};

store::row! { struct Row { status: String, usage: serde_json::Value, usage_to: DateTime<Utc> } }

/// `start`: when its period began. What came before that and is on no invoice is not going to be charged.
pub(crate) async fn of(
    tx: &mut WorkspaceTx,
    subscription: SubscriptionId,
    start: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let values = [tx.workspace().into(), subscription.into()];
    let rows: Vec<Row> = tx.fetch_all(sql!("invoice/charges"), &values).await?;
    let mut to = start;
    for Row { status, usage, usage_to } in rows {
        if status != "draft" {
            return Ok(to.min(usage_to.max(start)));
        }
        // A draft is about to be closed: until then it is not charged.
        let charged: Charged = serde_json::from_value(usage).map_err(|_| Error::Kept("usage"))?;
        to = to.min(charged.from);
    }
    Ok(to)
}
