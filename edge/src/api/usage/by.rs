//! How much was used of each provider and model, and by each key, user and team?

use super::{
    Period, Settings,
    body::{PeriodBody, SumsBody},
    value::ValueBody,
};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use proto::{
    Call,
    usage::{GetUsageByRequest, UsageDimension, UsageGroup},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Usage, split by something.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageBy {
    /// Of whatever used something.
    data: Vec<GroupBody>,
    /// In which most was priced; without use the workspace's.
    #[schema(example = "USD")]
    currency: String,
    period: PeriodBody,
}

/// Usage of one of them.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageGroup)]
struct GroupBody {
    #[serde(flatten)]
    value: ValueBody,
    #[serde(flatten)]
    sums: SumsBody,
}

/// Sum up the usage of a workspace by provider.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-provider", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each provider that was called", body = UsageBy)))]
pub(crate) async fn get_usage_by_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageBy>> {
    usage_by(&app, &call, &period, UsageDimension::Provider).await
}

/// Sum up the usage of a workspace by model, as providers know it.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-model", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each model that was called", body = UsageBy)))]
pub(crate) async fn get_usage_by_model(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageBy>> {
    usage_by(&app, &call, &period, UsageDimension::Model).await
}

/// Sum up the usage of a workspace by API key. What people used themselves is under null.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-key", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each key that called", body = UsageBy)))]
pub(crate) async fn get_usage_by_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageBy>> {
    usage_by(&app, &call, &period, UsageDimension::ApiKey).await
}

/// Sum up the usage of a workspace by person. An API key's use counts for the member who made it.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-user", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each person", body = UsageBy)))]
pub(crate) async fn get_usage_by_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageBy>> {
    usage_by(&app, &call, &period, UsageDimension::User).await
}

/// Sum up the usage of a workspace by team. What no key of a team used is under null.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-team", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each team whose keys called", body = UsageBy)))]
pub(crate) async fn get_usage_by_team(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageBy>> {
    usage_by(&app, &call, &period, UsageDimension::Team).await
}

async fn usage_by(app: &Shared, call: &Call, period: &Period, by: UsageDimension) -> Result<Json<UsageBy>> {
    let (from, to) = period.to_proto();
    let answer = app.services.usage.get_usage_by(call, GetUsageByRequest { from, to, by: by.into() }).await?;
    let group = |UsageGroup { value, sums }| GroupBody {
        value: ValueBody::new(by, value),
        sums: sums.unwrap_or_default().into(),
    };
    Ok(Json(UsageBy {
        data: answer.groups.into_iter().map(group).collect(),
        currency: Settings::currency(app, call, answer.currency).await?,
        period: PeriodBody::new(answer.from, answer.to)?,
    }))
}
