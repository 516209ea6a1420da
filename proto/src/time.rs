//! Points in time on the wire: `google.protobuf.Timestamp` and `chrono`, both in UTC, at microsecond precision.

use chrono::{DateTime, SubsecRound as _, Utc};
use prost_types::Timestamp;

/// As the wire carries it.
pub fn to_proto(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

/// As the code uses it. None for a time that no calendar has.
pub fn from_proto(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?).map(|t| t.trunc_subsecs(6))
}
