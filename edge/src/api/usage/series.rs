//! How much did a workspace use in each minute, hour or day?

use super::{
    Settings,
    body::{PeriodBody, SumsBody},
    value::ValueBody,
};
use crate::{api::time, app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::usage::{GetUsageSeriesRequest, UsageDimension, UsageInterval, UsagePoint};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to plot.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plot {
    /// How long a point is. Minutes are kept for some days only.
    interval: Interval,
    /// Not before this time. Default: an hour of minutes, a day of hours, 30 days before `to`.
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Before this time. Default: now.
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
    /// A line for each provider, model, key or person. Default: one for all.
    #[param(inline)]
    group_by: Option<GroupBy>,
}

/// How long a point is.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interval {
    Minute,
    Hour,
    Day,
}

/// What there is a line for.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBy {
    Provider,
    Model,
    ApiKey,
    User,
}

/// Usage over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageSeries {
    /// In the order of time. Where nothing was used there are zeros.
    data: Vec<PointBody>,
    interval: Interval,
    /// Where hours and days begin: the workspace's.
    #[schema(example = "America/Sao_Paulo")]
    time_zone: String,
    /// In which most was priced; without use the workspace's.
    #[schema(example = "BRL")]
    currency: String,
    period: PeriodBody,
}

/// One point.
#[derive(Serialize, ToSchema)]
#[schema(as = UsagePoint)]
struct PointBody {
    /// When it begins, which may be before `from`; what was used before `from` is not in it.
    at: DateTime<Utc>,
    #[serde(flatten)]
    value: ValueBody,
    #[serde(flatten)]
    sums: SumsBody,
}

/// Plot the usage of a workspace. Hours and days begin as they do in its time zone, and days on which clocks are set
/// are shorter or longer. At most 2,000 points a line, and 10,000 altogether.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/series", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Plot),
    responses((status = 200, description = "The points", body = UsageSeries)))]
pub(crate) async fn get_usage_series(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(plot): Query<Plot>,
) -> Result<Json<UsageSeries>> {
    let settings = Settings::of(&app, &call).await?;
    let by = plot.group_by.map_or(UsageDimension::Unspecified, UsageDimension::from);
    let request = GetUsageSeriesRequest {
        from: plot.from.map(time::Instant::to_proto),
        to: plot.to.map(time::Instant::to_proto),
        interval: UsageInterval::from(plot.interval).into(),
        by: by.into(),
        time_zone: settings.time_zone.clone(),
    };
    let answer = app.services.usage.get_usage_series(&call, request).await?;
    let point = |UsagePoint { at, value, sums }| {
        let (value, sums) = (ValueBody::new(by, value), sums.unwrap_or_default().into());
        Ok(PointBody { at: time::always(at)?, value, sums })
    };
    Ok(Json(UsageSeries {
        data: answer.points.into_iter().map(point).collect::<Result<_>>()?,
        interval: plot.interval,
        time_zone: settings.time_zone,
        currency: if answer.currency.is_empty() { settings.currency } else { answer.currency },
        period: PeriodBody::new(answer.from, answer.to)?,
    }))
}

impl From<Interval> for UsageInterval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Minute => Self::Minute,
            Interval::Hour => Self::Hour,
            Interval::Day => Self::Day,
        }
    }
}

impl From<GroupBy> for UsageDimension {
    fn from(by: GroupBy) -> Self {
        match by {
            GroupBy::Provider => Self::Provider,
            GroupBy::Model => Self::Model,
            GroupBy::ApiKey => Self::ApiKey,
            GroupBy::User => Self::User,
        }
    }
}
