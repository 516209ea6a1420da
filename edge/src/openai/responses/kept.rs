//! `GET|DELETE /v1/responses/{response_id}`, `GET /v1/responses/{response_id}/input_items`.

use super::ModelResponse;
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result, not_found},
    json::{Json, bad_field},
    query::Query,
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse as _, Response},
};
use http::header::CONTENT_TYPE;
use proto::gateway::{DeleteResponseRequest, GetResponseRequest, ListResponseInputRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// How to get it. Parameters that are not listed are OpenAI's, and change nothing: all that was answered is kept.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// As the events of a stream: those that it was answered with or, if it was answered whole, those that say the same.
    stream: Option<bool>,
    /// With `stream`: only events with a higher `sequence_number`.
    starting_after: Option<i64>,
}

/// Which items. Parameters that are not listed are OpenAI's, and change nothing.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// How many, 1 to 100. Default: 20.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i32>,
    /// `desc` (default): the newest first; `asc`: the oldest.
    #[param(inline)]
    order: Option<Order>,
    /// Those after the item with this id.
    after: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Asc,
    Desc,
}

/// Items that a response was made from.
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemList {
    /// Always `list`.
    object: &'static str,
    /// OpenAI's items.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Box<RawValue>>,
    /// Id of the first one.
    first_id: Option<String>,
    /// Id of the last one: `after` of the next page.
    last_id: Option<String>,
    /// Whether there are more.
    has_more: bool,
}

/// What was erased.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleted {
    /// Its id.
    id: String,
    /// Always `response`.
    object: &'static str,
    /// Always true.
    deleted: bool,
}

/// Get a kept response.
///
/// As it was answered, whichever provider made it. One that is not kept any more, and one of another workspace, is a 404.
/// With `stream=true` it comes as events, and with `starting_after` as those that a client has not seen: a stream under an
/// `Idempotency-Key` goes on without its client, which can read the rest here once it is finished.
#[utoipa::path(
    get, path = "/v1/responses/{response_id}", tag = "Models",
    params(("response_id" = String, Path, description = "`resp_…`"), How),
    responses((status = 200, description = "OpenAI's response", content(
        (ModelResponse = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn get_response(
    State(app): State<Shared>,
    Caller(call): Caller,
    id: Result<Path<String>, PathRejection>,
    Query(how): Query<How>,
) -> Result<Response> {
    let How { stream, starting_after } = how;
    let stream = stream == Some(true);
    if starting_after.is_some() && !stream {
        return Err(bad_field("starting_after", "is for streams: send stream=true with it").into());
    }
    let request = GetResponseRequest { response_id: named(id)?, stream, starting_after };
    let found = app.services.gateway.get_response(&call, request).await?;
    let content_type = if stream { "text/event-stream" } else { "application/json" };
    Ok(([(CONTENT_TYPE, content_type)], found.response).into_response())
}

/// List what a kept response was made from.
///
/// The conversation that it continues, and its own input: everything that the model read.
#[utoipa::path(
    get, path = "/v1/responses/{response_id}/input_items", tag = "Models",
    params(("response_id" = String, Path, description = "`resp_…`"), Which),
    responses((status = 200, description = "A page of items", body = ItemList)),
)]
pub(crate) async fn list_input_items(
    State(app): State<Shared>,
    Caller(call): Caller,
    id: Result<Path<String>, PathRejection>,
    Query(which): Query<Which>,
) -> Result<Json<ItemList>> {
    let limit = match which.limit {
        None => 0,
        Some(limit @ 1..=100) => limit,
        Some(_) => return Err(bad_field("limit", "must be from 1 to 100").into()),
    };
    let request = ListResponseInputRequest {
        response_id: named(id)?,
        limit,
        ascending: which.order == Some(Order::Asc),
        after: which.after.unwrap_or_default(),
    };
    let listed = app.services.gateway.list_response_input(&call, request).await?;
    let item = |bytes: &bytes::Bytes| serde_json::from_slice(bytes).map_err(|_| Error::incomplete("the items"));
    let id = |id: String| Some(id).filter(|id| !id.is_empty());
    Ok(Json(ItemList {
        object: "list",
        data: listed.items.iter().map(item).collect::<Result<_>>()?,
        first_id: id(listed.first_id),
        last_id: id(listed.last_id),
        has_more: listed.has_more,
    }))
}

/// Erase a kept response.
///
/// A conversation that continues it cannot be continued any more. What a provider keeps of it by itself stays there.
#[utoipa::path(
    delete, path = "/v1/responses/{response_id}", tag = "Models",
    params(("response_id" = String, Path, description = "`resp_…`")),
    responses((status = 200, description = "It is erased", body = Deleted)),
)]
pub(crate) async fn delete_response(
    State(app): State<Shared>,
    Caller(call): Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Deleted>> {
    let id = named(id)?;
    let request = DeleteResponseRequest { response_id: id.clone() };
    app.services.gateway.delete_response(&call, request).await?;
    Ok(Json(Deleted { id, object: "response", deleted: true }))
}

fn named(id: Result<Path<String>, PathRejection>) -> Result<String> {
    id.map(|Path(id)| id).map_err(|_| not_found("the id of the response is no text"))
}
