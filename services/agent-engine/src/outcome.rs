//! What really happened to what was forecast, and how well each agent has done by it.

mod calibration;

use crate::{
    Error,
    domain::registry,
    execution::{id, report},
    service::Inner,
};
use calibration::calibration;
use proto::{
    Reason,
    engine::{ActualValue, RecordOutcomesRequest, RecordOutcomesResponse},
};
use serde_json::json;
use store::{GlobalTx, sql};

/// The most that are recorded at once.
const MOST: usize = 60;
/// The last day that counts.
const LAST_DAY: i32 = 3_650;

/// What a metric was on a day.
pub(crate) struct Actual {
    pub metric: String,
    pub day: i64,
    pub value: f64,
}

/// Errors: `NOT_FOUND`, `CONFLICT`, `REFUSED_VALUE`, the database failed.
pub(crate) async fn record(inner: &Inner, request: &RecordOutcomesRequest) -> Result<RecordOutcomesResponse, Error> {
    let id = id(&request.execution_id)?;
    check(&request.actuals)?;
    let (report, _) = match report(inner, id).await {
        Err(Error::NotReady) => return Err(Error::Conflict("the execution has not come to forecasts")),
        other => other?,
    };
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    for actual in &request.actuals {
        let day = i64::from(actual.day);
        let values =
            [id.into(), actual.metric.as_str().into(), day.into(), actual.value.to_string().into(), now.into()];
        tx.execute(sql!("outcome/put"), &values).await?;
    }
    let rows: Vec<(String, i64, String)> = tx.fetch_all(sql!("outcome/list"), &[id.into()]).await?;
    tx.commit().await?;
    let actuals: Vec<Actual> = rows
        .into_iter()
        .filter_map(|(metric, day, value)| Some(Actual { metric, day, value: value.parse().ok()? }))
        .collect();
    let shown: Vec<_> = actuals.iter().map(|a| json!({"metric": a.metric, "day": a.day, "value": a.value})).collect();
    let json = json!({"actuals": shown, "calibration": calibration(&report, &actuals)});
    Ok(RecordOutcomesResponse { json: json.to_string().into() })
}

fn check(actuals: &[ActualValue]) -> Result<(), Error> {
    let mut failure = Reason::RefusedValue.with("the outcomes cannot be recorded");
    if actuals.is_empty() || actuals.len() > MOST {
        failure = failure.field("actuals", "must be 1 to 60");
    }
    for (at, actual) in actuals.iter().enumerate() {
        if registry::metric(&actual.metric).is_none() {
            failure = failure.field(format!("actuals[{at}].metric"), "must be a known metric");
        }
        if !actual.value.is_finite() {
            failure = failure.field(format!("actuals[{at}].value"), "must be a number");
        }
        if !(0..=LAST_DAY).contains(&actual.day) {
            failure = failure.field(format!("actuals[{at}].day"), "must be 0 to 3650");
        }
    }
    if failure.fields.is_empty() { Ok(()) } else { Err(Error::Refused(failure)) }
}
