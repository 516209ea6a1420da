//! Which hours used far more than usual?
//!
//! An hour is unusual if more than three times as much was spent in it as is usual for that hour of the day: the
//! median of the same hour on the 28 days before, days without use included, as long as they are not before the first
//! use of those days. At least 7 days have to be known, and at least one unit of the currency spent, so that noise
//! does not count. Of what has no price the tokens are looked at instead, at least 100,000. Hours are those of UTC, so
//! that everybody means the same one by it. Whole numbers only.

mod tell;

pub(crate) use tell::start;

use super::{
    Period,
    piece::{down, up},
};
use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    id::WorkspaceId,
    money::Nanos,
    time::to_proto,
    usage::{Anomaly, ListAnomaliesRequest, ListAnomaliesResponse},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Db, Sql, Tx, WorkspaceTx, sql};

const HOURS: Sql = sql!("anomaly/hours");

/// Days that say what is usual.
const DAYS: i32 = 28;
/// Of them, that have to be known.
const KNOWN: usize = 7;
/// How many times the usual is unusual.
const TIMES: i64 = 3;
/// One unit of a currency, in nano-units.
const LEAST_COST: i64 = 1_000_000_000;
const LEAST_TOKENS: i64 = 100_000;
/// The longest period to ask for.
const LONGEST: TimeDelta = TimeDelta::days(31);

store::row! {
    struct HourRow {
        at: DateTime<Utc>,
        currency: String,
        cost_nanos: i64,
        unpriced_tokens: i64,
    }
}

/// What is measured in each hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    /// In nano-units of a currency.
    Cost(String),
    /// Of what has no price.
    Tokens,
}

/// What was measured, by hour.
#[derive(Default)]
struct Hours {
    amounts: BTreeMap<Measure, BTreeMap<DateTime<Utc>, i64>>,
    used: BTreeSet<DateTime<Utc>>,
}

/// Unusual hours that are in a period, or begin in it. Errors: `INVALID_ARGUMENT`, `SERVICE_UNAVAILABLE`.
pub(crate) async fn list_anomalies(
    db: &Db,
    workspace: WorkspaceId,
    request: &ListAnomaliesRequest,
    now: DateTime<Utc>,
) -> Result<ListAnomaliesResponse, Error> {
    let period = Period::parse_since(request.from, request.to, now, |to| to - TimeDelta::days(1))?;
    if period.to - period.from > LONGEST {
        return Err(Error::invalid("from", "must be at most 31 days before `to`"));
    }
    let hours = Period { from: down(period.from, HOUR), to: up(period.to, HOUR) };
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let anomalies = anomalies(&mut tx, workspace, hours).await?;
    Ok(ListAnomaliesResponse { anomalies, from: Some(to_proto(period.from)), to: Some(to_proto(period.to)) })
}

const HOUR: TimeDelta = TimeDelta::hours(1);

/// The unusual ones of these hours, in the order of time.
async fn anomalies(tx: &mut Tx, workspace: WorkspaceId, hours: Period) -> Result<Vec<Anomaly>, store::Error> {
    let since = hours.from - TimeDelta::days(DAYS.into());
    let rows: Vec<HourRow> = tx.fetch_all(HOURS, &[workspace.into(), since.into(), hours.to.into()]).await?;
    Ok(Hours::of(rows).unusual(hours))
}

impl Hours {
    fn of(rows: Vec<HourRow>) -> Self {
        let mut hours = Self::default();
        for row in rows {
            hours.used.insert(row.at);
            let mut add = |measure, amount| {
                *hours.amounts.entry(measure).or_default().entry(row.at).or_default() += amount;
            };
            add(Measure::Cost(row.currency), row.cost_nanos);
            add(Measure::Tokens, row.unpriced_tokens);
        }
        hours
    }

    fn unusual(&self, period: Period) -> Vec<Anomaly> {
        let mut found = vec![];
        for at in self.used.range(period.from..period.to) {
            for (measure, amounts) in &self.amounts {
                let amount = amounts.get(at).copied().unwrap_or(0);
                let least = if *measure == Measure::Tokens { LEAST_TOKENS } else { LEAST_COST };
                if amount < least {
                    continue;
                }
                if let Some(usual) = self
                    .usual(amounts, *at)
                    .filter(|usual| amount / TIMES >= *usual && amount > usual.saturating_mul(TIMES))
                {
                    found.push(anomaly(*at, measure, amount, usual));
                }
            }
        }
        found
    }

    /// The median of the same hour on the days before. None if too few of them are known.
    fn usual(&self, amounts: &BTreeMap<DateTime<Utc>, i64>, at: DateTime<Utc>) -> Option<i64> {
        let before = |days: i32| at - TimeDelta::days(days.into());
        let first = *self.used.range(before(DAYS)..at).next()?;
        // The first day counts as a whole: what was not yet used on its earlier hours was not used.
        let known = (1..=DAYS).map(before).filter(|same| *same >= down(first, TimeDelta::days(1)));
        let mut known: Vec<i64> = known.map(|same| amounts.get(&same).copied().unwrap_or(0)).collect();
        known.sort_unstable();
        let middle = known.len() / 2;
        match known.len() {
            fewer if fewer < KNOWN => None,
            even if even % 2 == 0 => Some((known[middle - 1] + known[middle]) / 2),
            _ => Some(known[middle]),
        }
    }
}

fn anomaly(at: DateTime<Utc>, measure: &Measure, amount: i64, usual: i64) -> Anomaly {
    let (measure, currency, show): (_, _, fn(i64) -> i64) = match measure {
        Measure::Cost(currency) => ("cost", currency.clone(), |nanos| Nanos(nanos).to_micros()),
        Measure::Tokens => ("tokens", String::new(), |tokens| tokens),
    };
    Anomaly { at: Some(to_proto(at)), measure: measure.to_owned(), currency, amount: show(amount), usual: show(usual) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: i64 = 1_000_000_000;

    fn noon(day: i64) -> DateTime<Utc> {
        "2026-11-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(day)
    }

    /// What was spent at noon of each day, in nano-units; the last day is the one that is asked about.
    fn judge(spent: &[i64]) -> Option<(i64, i64)> {
        let row = |(day, cost): (usize, &i64)| HourRow {
            at: noon(i64::try_from(day).unwrap()),
            currency: "USD".to_owned(),
            cost_nanos: *cost,
            unpriced_tokens: 0,
        };
        let hours = Hours::of(spent.iter().enumerate().map(row).collect());
        let day = noon(i64::try_from(spent.len()).unwrap() - 1);
        let found = hours.unusual(Period { from: day, to: day + HOUR });
        assert!(found.iter().all(|anomaly| anomaly.measure == "cost" && anomaly.currency == "USD"));
        found.first().map(|anomaly| (anomaly.amount, anomaly.usual))
    }

    #[test]
    fn more_than_three_times_the_usual_is_unusual_and_three_times_is_not() {
        let mut days = vec![2 * UNIT; 10];
        days.push(6 * UNIT);
        assert_eq!(judge(&days), None);
        days[10] += 1;
        assert_eq!(judge(&days), Some((6_000_000, 2_000_000)));
    }

    #[test]
    fn the_usual_is_a_median_that_single_days_do_not_move() {
        let mut days = vec![UNIT; 8];
        days[3] = 1_000 * UNIT;
        days.push(4 * UNIT);
        assert_eq!(judge(&days), Some((4_000_000, 1_000_000)));
        assert_eq!(judge(&[1, 1, 1, 1, 3, 3, 3, 3, 2 * UNIT]).map(|(_, usual)| usual), Some(0), "(1 + 3) / 2 nanos");
    }

    #[test]
    fn noise_and_the_first_week_do_not_count() {
        assert_eq!(judge(&[0, 0, 0, 0, 0, 0, 0, 0, UNIT - 1]), None);
        assert_eq!(judge(&[0, 0, 0, 0, 0, 0, 0, 0, UNIT]), Some((1_000_000, 0)));
        assert_eq!(judge(&[UNIT, UNIT, UNIT, UNIT, UNIT, UNIT, 9 * UNIT]), None, "six days are known");
    }

    #[test]
    fn days_that_are_too_long_ago_do_not_count() {
        let mut days = vec![100 * UNIT; 28];
        days.extend([UNIT; 28]);
        days.push(4 * UNIT);
        assert_eq!(judge(&days), Some((4_000_000, 1_000_000)));
    }

    #[test]
    fn of_what_has_no_price_the_tokens_are_looked_at() {
        let row =
            |day, tokens| HourRow { at: noon(day), currency: "USD".to_owned(), cost_nanos: 0, unpriced_tokens: tokens };
        let rows = (0..9).map(|day| row(day, 50_000)).chain([row(9, 200_000)]).collect();
        let found = Hours::of(rows).unusual(Period { from: noon(0), to: noon(20) });
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].measure.as_str(), found[0].amount, found[0].usual), ("tokens", 200_000, 50_000));
    }
}
