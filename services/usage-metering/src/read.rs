//! What do people read?

mod anomalies;
mod by;
pub(crate) mod entry;
mod fetch;
mod grid;
mod log;
mod logs;
mod period;
mod piece;
mod platform;
mod series;
mod summary;
mod sums;
mod unpriced;

pub(crate) use anomalies::{list_anomalies, start};
pub(crate) use by::{get_usage, get_usage_by};
pub(crate) use log::get_log;
pub(crate) use logs::list_logs;
pub(crate) use period::{Period, id_at};
pub(crate) use platform::{counted_to, sum_platform_usage};
pub(crate) use series::{Series, get_usage_series};
pub use summary::summarize;
pub(crate) use unpriced::list_unpriced;

use proto::{
    id::{KeyId, TeamId, UserId},
    usage::UsageDimension,
};
use uuid::Uuid;

/// What something is grouped by, as people know it: names as they are, ids with their prefix, empty for none.
fn value(by: UsageDimension, text: &str) -> String {
    // Ids come out of columns that hold nothing else; the ledger has none where roll-ups have the zero uuid.
    let id = Some(Uuid::try_parse(text).unwrap_or_default()).filter(|id| !id.is_nil());
    match by {
        UsageDimension::Unspecified | UsageDimension::Provider | UsageDimension::Model => text.to_owned(),
        UsageDimension::ApiKey => id.map(|id| KeyId::from_uuid(id).to_string()).unwrap_or_default(),
        UsageDimension::Team => id.map(|id| TeamId::from_uuid(id).to_string()).unwrap_or_default(),
        UsageDimension::User => id.map(|id| UserId::from_uuid(id).to_string()).unwrap_or_default(),
    }
}
