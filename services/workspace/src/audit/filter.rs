//! Which events are asked for?

use crate::error::Error;
use chrono::{DateTime, Datelike as _, Utc};
use prost_types::Timestamp;
use proto::{Reason, time::from_proto, workspace::AuditFilter};
use store::Value;

/// As statements take it: from, to, actor, kind.
pub(super) fn values(filter: Option<AuditFilter>) -> Result<[Value; 4], Error> {
    let AuditFilter { from, to, actor, action } = filter.unwrap_or_default();
    let ever = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let (from, to) = (time("from", from)?.unwrap_or(DateTime::UNIX_EPOCH), time("to", to)?.unwrap_or(ever));
    if from > to {
        let refused = Reason::RefusedValue.with("from is later than to");
        return Err(Error::Refused(refused.field("from", "must not be later than `to`")));
    }
    for (field, text) in [("actor", &actor), ("action", &action)] {
        // PostgreSQL takes no such text, and none is written.
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(invalid(field, "must not contain a NUL character"));
        }
    }
    Ok([from.into(), to.into(), actor.into(), action.into()])
}

fn time(field: &'static str, at: Option<Timestamp>) -> Result<Option<DateTime<Utc>>, Error> {
    let Some(at) = at else { return Ok(None) };
    let valid = from_proto(at).filter(|at| (1..=9999).contains(&at.year()));
    valid.map(Some).ok_or_else(|| invalid(field, "must be a time between the years 1 and 9999"))
}

fn invalid(field: &'static str, problem: &'static str) -> Error {
    Error::Refused(Reason::InvalidArgument.with(format!("{field} {problem}")).field(field, problem))
}
