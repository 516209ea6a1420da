//! What has come out of an execution so far? The engine's documents as they are.

use super::{export, find, for_engine, json as read};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, path::Target};
use axum::extract::State;
use proto::{
    Call, Permission,
    engine::{GetDocumentRequest, Part},
    id::ExecutionId,
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A list of the engine's documents.
#[derive(Serialize, ToSchema)]
pub(crate) struct Documents {
    /// In the order in which they came to be.
    #[schema(value_type = Vec<Object>)]
    data: Box<RawValue>,
}

/// List what each agent thinks: recommendations, claims with their evidence, risks. Each is there as soon as it is known.
#[utoipa::path(get, path = "/executions/{execution_id}/opinions", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The opinions so far", body = Documents)))]
pub(crate) async fn list_opinions(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Json<Documents>> {
    list(&app, &call, id, Part::Opinions).await
}

/// List where agents contradict each other, the most severe first, and what became of it.
#[utoipa::path(get, path = "/executions/{execution_id}/conflicts", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The conflicts so far", body = Documents)))]
pub(crate) async fn list_conflicts(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Json<Documents>> {
    list(&app, &call, id, Part::Conflicts).await
}

/// Get the minutes of the meeting: who said what about which conflict, how they voted, who disagrees. Empty before it.
#[utoipa::path(get, path = "/executions/{execution_id}/meeting", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The meeting so far", body = Object)))]
pub(crate) async fn get_meeting(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Json<Box<RawValue>>> {
    find(&app, &call, id, Permission::ExecutionsRead).await?;
    one(&app, &call, id, Part::Meeting, "{}").await.map(Json)
}

/// Get what was made of the decision: summary, memo, actions, risks, scenarios, minutes.
#[utoipa::path(get, path = "/executions/{execution_id}/artifacts", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The artifacts", body = Object),
        (status = 409, description = "It is not completed (`EXPORT_NOT_READY`, see `Retry-After`), or never will be (`CONFLICT`)")))]
pub(crate) async fn get_artifacts(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Json<Box<RawValue>>> {
    find(&app, &call, id, Permission::ExecutionsRead).await?;
    export::completed(&app, &call, id).await?;
    one(&app, &call, id, Part::Artifacts, "{}").await.map(Json)
}

async fn list(app: &Shared, call: &Call, id: ExecutionId, part: Part) -> Result<Json<Documents>> {
    find(app, call, id, Permission::ExecutionsRead).await?;
    let data = one(app, call, id, part, "[]").await?;
    Ok(Json(Documents { data }))
}

/// A document, or `otherwise` where there is none yet.
async fn one(app: &Shared, call: &Call, id: ExecutionId, part: Part, otherwise: &str) -> Result<Box<RawValue>> {
    let request = GetDocumentRequest { execution_id: id.to_string(), part: part.into() };
    let found = app.services.engine.get_document(&for_engine(call), request).await?;
    match read(&found.json)? {
        Some(document) => Ok(document),
        None => Ok(read(otherwise.as_bytes())?.unwrap_or_default()),
    }
}
