//! Which hours used far more than usual?

use super::body::PeriodBody;
use crate::{
    api::{page::some, time},
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    query::Query,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::usage::{Anomaly, ListAnomaliesRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where to look.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// Not before this time, at most 31 days before `to`. Default: a day before `to`.
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Before this time. Default: now.
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
}

/// Hours that used far more than usual.
#[derive(Serialize, ToSchema)]
pub(crate) struct Anomalies {
    /// In the order of time.
    data: Vec<AnomalyBody>,
    period: PeriodBody,
}

/// An hour that used far more than usual.
#[derive(Serialize, ToSchema)]
#[schema(as = Anomaly)]
struct AnomalyBody {
    /// When the hour (of UTC) begins.
    at: DateTime<Utc>,
    /// `cost`, or `tokens` of models whose price is not known.
    measure: String,
    /// In which cost is. Null for tokens.
    #[schema(example = "USD")]
    currency: Option<String>,
    /// Millionths of `currency`, or tokens.
    amount: i64,
    /// What the hour usually uses: the median of the 28 days before.
    usual: i64,
}

/// List the hours that used far more than usual: more than three times the median of the same hour on the 28 days
/// before, and at least one unit of the currency (or 100,000 tokens whose price is not known). The first week of use
/// says what is usual. The hour that is going on is looked at as it goes.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/anomalies", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Window),
    responses((status = 200, description = "The hours", body = Anomalies)))]
pub(crate) async fn list_anomalies(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(window): Query<Window>,
) -> Result<Json<Anomalies>> {
    let request = ListAnomaliesRequest {
        from: window.from.map(time::Instant::to_proto),
        to: window.to.map(time::Instant::to_proto),
    };
    let answer = app.services.usage.list_anomalies(&call, request).await?;
    Ok(Json(Anomalies {
        data: answer.anomalies.into_iter().map(AnomalyBody::try_from).collect::<Result<_>>()?,
        period: PeriodBody::new(answer.from, answer.to)?,
    }))
}

impl TryFrom<Anomaly> for AnomalyBody {
    type Error = Error;

    fn try_from(anomaly: Anomaly) -> Result<Self> {
        let Anomaly { at, measure, currency, amount, usual } = anomaly;
        Ok(Self { at: time::always(at)?, measure, currency: some(currency), amount, usual })
    }
}
