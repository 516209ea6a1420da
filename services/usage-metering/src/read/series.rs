//! How much was used in each minute, hour or day?

use super::{
    Period,
    fetch::Question,
    grid::{self, Step},
    piece::Source,
    sums::{Sums, currency},
    value,
};
use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proto::{
    time::to_proto,
    usage::{GetUsageSeriesRequest, GetUsageSeriesResponse, UsageInterval, UsagePoint},
};
use std::collections::BTreeMap;
use store::{Db, WorkspaceTx};

/// Points of all values together that an answer may have.
const MAX_ENTRIES: usize = 10_000;

/// What to plot.
pub(crate) struct Series {
    period: Period,
    steps: Vec<Step>,
}

impl Series {
    /// Errors: `INVALID_ARGUMENT` for too many points, unknown time zones, and minutes from before `minutes_since`.
    pub fn parse(
        request: &GetUsageSeriesRequest,
        now: DateTime<Utc>,
        minutes_since: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let interval = request.interval();
        let usual = match interval {
            UsageInterval::Unspecified => {
                return Err(Error::invalid("interval", "must be minute, hour or day"));
            }
            UsageInterval::Minute => TimeDelta::hours(1),
            UsageInterval::Hour => TimeDelta::days(1),
            UsageInterval::Day => TimeDelta::days(30),
        };
        let period = Period::parse_since(request.from, request.to, now, |to| to - usual)?;
        let zone = match request.time_zone.as_str() {
            "" => Tz::UTC,
            name => name
                .parse()
                .map_err(|_| Error::invalid("time_zone", "must be a time zone such as America/Sao_Paulo"))?,
        };
        let steps = grid::steps(period.from, period.to, interval, zone)?;
        if interval == UsageInterval::Minute && period.from < minutes_since {
            return Err(Error::invalid("from", "is before the minutes that are kept: ask for hours or days"));
        }
        Ok(Self { period, steps })
    }
}

/// In the order of time, then of values; without use there are zeros. Errors: `INVALID_ARGUMENT` for too many points,
/// `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_usage_series(
    db: &Db,
    question: Question,
    series: Series,
) -> Result<GetUsageSeriesResponse, Error> {
    let Series { period, steps } = series;
    let mut values = read(db, question, period, &steps).await?;
    if question.by == proto::usage::UsageDimension::Unspecified {
        values.entry(String::new()).or_default();
    }
    if steps.len().saturating_mul(values.len()) > MAX_ENTRIES {
        return Err(Error::invalid("group_by", TOO_MANY));
    }
    let currency = currency(values.values().flat_map(BTreeMap::values));
    let nothing = Sums::default();
    let mut points = Vec::with_capacity(steps.len() * values.len());
    for step in &steps {
        for (value, sums) in &values {
            let sums = sums.get(&step.at).unwrap_or(&nothing).finish(&currency);
            points.push(UsagePoint { at: Some(to_proto(step.at)), value: value.clone(), sums: Some(sums) });
        }
    }
    let (from, to) = (Some(to_proto(period.from)), Some(to_proto(period.to)));
    Ok(GetUsageSeriesResponse { points, currency, from, to })
}

const TOO_MANY: &str = "gives more than 10,000 points: ask for a longer interval or a shorter period";

/// The sums of each value, by the beginning of their step.
async fn read(
    db: &Db,
    question: Question,
    period: Period,
    steps: &[Step],
) -> Result<BTreeMap<String, BTreeMap<DateTime<Utc>, Sums>>, Error> {
    let mut tx = WorkspaceTx::read(db, question.workspace).await?;
    let mut values: BTreeMap<String, BTreeMap<DateTime<Utc>, Sums>> = BTreeMap::new();
    for run in grid::runs(steps) {
        let part = Period { from: period.from.max(run.grid.origin), to: period.to.min(run.end) };
        let alone = run.grid.origin + run.grid.width == run.end;
        let coarsest = if alone { Source::Days } else { Source::of(run.grid) };
        for row in question.read(&mut tx, part, run.grid, coarsest).await? {
            let step = if alone { run.grid.origin } else { row.step };
            values.entry(value(question.by, &row.value)).or_default().entry(step).or_default().add(&row);
        }
    }
    Ok(values)
}
