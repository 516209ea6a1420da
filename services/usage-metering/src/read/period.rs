//! From when to when?

use crate::{Error, admit::SLACK};
use chrono::{DateTime, Datelike as _, NaiveTime, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

/// A half-open span of time, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Period {
    /// Without `to` until now, without `from` since the month of `to` began. Errors: `REFUSED_VALUE` if it ends before
    /// it begins, `INVALID_ARGUMENT` for times that no calendar has.
    pub fn parse(from: Option<Timestamp>, to: Option<Timestamp>, now: DateTime<Utc>) -> Result<Self, Error> {
        Self::parse_since(from, to, now, month)
    }

    /// Without `to` until now, without `from` since what `since` says of `to`. Errors: as for `parse`.
    pub fn parse_since(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: DateTime<Utc>,
        since: impl FnOnce(DateTime<Utc>) -> DateTime<Utc>,
    ) -> Result<Self, Error> {
        let to = time("to", to)?.unwrap_or(now);
        Self::ordered(time("from", from)?.unwrap_or_else(|| since(to)), to)
    }

    /// Without `from` since ever, without `to` for ever. Errors: as for `parse`.
    pub fn open(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self, Error> {
        let ever = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self::ordered(time("from", from)?.unwrap_or(DateTime::UNIX_EPOCH), time("to", to)?.unwrap_or(ever))
    }

    fn ordered(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Self, Error> {
        if from > to {
            return Err(Error::Refused { field: "from", problem: "must not be later than `to`" });
        }
        Ok(Self { from, to })
    }

    /// The least request id that may be in the period. Ids carry their time, so the primary key finds the period.
    pub fn least_id(&self) -> Uuid {
        id_at(self.from.timestamp_micros().saturating_sub(SLACK))
    }

    /// Beyond the greatest request id that may be in the period.
    pub fn beyond_id(&self) -> Uuid {
        id_at(self.to.timestamp_micros().saturating_add(SLACK + 1_000))
    }
}

fn time(field: &'static str, at: Option<Timestamp>) -> Result<Option<DateTime<Utc>>, Error> {
    let Some(at) = at else { return Ok(None) };
    let valid = proto::time::from_proto(at).filter(|at| (1..=9999).contains(&at.year()));
    valid.map(Some).ok_or(Error::invalid(field, "must be a time between the years 1 and 9999"))
}

fn month(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_day(1).map_or(at, |day| day.date_naive().and_time(NaiveTime::MIN).and_utc())
}

/// The least id of version 7 at a time in microseconds.
pub(crate) fn id_at(micros: i64) -> Uuid {
    let millis = u64::try_from(micros / 1000).unwrap_or(0).min((1 << 48) - 1);
    Uuid::from_u64_pair(millis << 16, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::time::to_proto;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn without_bounds_it_is_this_calendar_month_until_now() {
        let now = at("2026-11-21T07:38:00Z");
        let period = Period::parse(None, None, now).unwrap();
        assert_eq!(period, Period { from: at("2026-11-01T00:00:00Z"), to: now });
        let first = at("2026-11-01T00:00:00Z");
        assert_eq!(Period::parse(None, None, first).unwrap(), Period { from: first, to: first });
        let past = Period::parse(None, Some(to_proto(at("2026-03-05T00:00:00Z"))), now).unwrap();
        assert_eq!(past.from, at("2026-03-01T00:00:00Z"), "an end in the past begins in its own month");
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let (early, late) = (to_proto(at("2026-01-01T00:00:00Z")), to_proto(at("2026-02-01T00:00:00Z")));
        let refused = Period::parse(Some(late), Some(early), at("2026-03-01T00:00:00Z"));
        assert!(matches!(refused, Err(Error::Refused { field: "from", .. })));
        let endless = Timestamp { seconds: i64::MAX, nanos: 0 };
        assert!(matches!(Period::parse(None, Some(endless), at("2026-03-01T00:00:00Z")), Err(Error::Invalid { .. })));
    }

    #[test]
    fn every_id_of_the_period_is_between_its_bounds() {
        let (clock, hand) = host::Clock::manual(at("2026-11-20T00:00:00Z"));
        let ids = host::Ids::new(clock);
        let period = Period { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") };
        for hours in 0..24 {
            hand.set(at("2026-11-20T00:00:00Z") + chrono::TimeDelta::hours(hours));
            let id = ids.uuid();
            assert!(period.least_id() < id && id < period.beyond_id());
        }
        assert!(Period::open(None, None).unwrap().beyond_id() > ids.uuid());
    }
}
