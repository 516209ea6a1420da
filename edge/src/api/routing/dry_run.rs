//! Where would the last requests have gone?

use super::body::RoutingBody;
use crate::{
    api::{page::some, time},
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::{Json, Object},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::gateway::{DryRunRoutingRequest, DryRunRoutingResponse, Place, Replay, Share};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Settings to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingDryRun, example = json!({
    "routing": {"aliases": {"smart": {"targets": [{"model": "simulator/chat"}]}}}, "last": 100,
}))]
pub(crate) struct DryRunBody {
    #[schema(value_type = RoutingBody)]
    routing: Object<RoutingBody>,
    /// How many of the last requests to replay, 1 to 1000. Default: 100.
    #[serde(default)]
    last: Option<i32>,
}

/// What would have gone where, by models and request ids alone. Who is slow, busy or failing does not count.
#[derive(Serialize, ToSchema)]
#[schema(as = RoutingDryRunResult)]
pub(crate) struct DryRunResult {
    /// Newest first.
    data: Vec<ReplayBody>,
    /// How many would have been answered by another provider or model.
    changed: i32,
    /// How many go where first, now and then.
    shares: Vec<ShareBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoutingReplay)]
struct ReplayBody {
    /// `req_…`
    request_id: String,
    created_at: DateTime<Utc>,
    requested_model: String,
    /// Who answered then. Null: nobody was asked.
    logged: Option<PlaceBody>,
    /// How it ended then.
    outcome: String,
    /// Who would be asked, in this order, by the settings as they are. Empty: nobody serves the model.
    now: Vec<PlaceBody>,
    /// The same by the settings to try.
    then: Vec<PlaceBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoutingPlace)]
struct PlaceBody {
    provider: String,
    model: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoutingShare)]
struct ShareBody {
    /// Null: nobody serves what was asked for.
    place: Option<PlaceBody>,
    now: i32,
    then: i32,
}

/// Replay the last requests under other routing settings. No provider is called and nothing is changed.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/routing/dry-run", tag = "Providers", request_body = DryRunBody,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "What would have gone where", body = DryRunResult),
        (status = 422, description = "`errors` names everything that is wrong with the settings")))]
pub(crate) async fn dry_run_routing(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<DryRunBody>,
) -> Result<Json<DryRunResult>> {
    let last = body.last.map_or(0, |last| if last == 0 { -1 } else { last });
    let request = DryRunRoutingRequest { routing: Some(body.routing.0.into()), last };
    app.services.gateway.dry_run_routing(&call, request).await?.try_into().map(Json)
}

impl TryFrom<DryRunRoutingResponse> for DryRunResult {
    type Error = Error;

    fn try_from(answer: DryRunRoutingResponse) -> Result<Self> {
        let DryRunRoutingResponse { requests, changed, shares } = answer;
        let data = requests.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        Ok(Self { data, changed, shares: shares.into_iter().map(Into::into).collect() })
    }
}

impl TryFrom<Replay> for ReplayBody {
    type Error = Error;

    fn try_from(replay: Replay) -> Result<Self> {
        let Replay { request_id, created_at, requested_model, logged, outcome, now, then } = replay;
        let places = |all: Vec<Place>| all.into_iter().filter_map(place).collect();
        Ok(Self {
            request_id,
            created_at: time::always(created_at)?,
            requested_model,
            logged: logged.and_then(place),
            outcome,
            now: places(now),
            then: places(then),
        })
    }
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        Self { place: share.place.and_then(place), now: share.now, then: share.then }
    }
}

fn place(place: Place) -> Option<PlaceBody> {
    some(place.provider).map(|provider| PlaceBody { provider, model: place.model })
}
