//! Exports of a workspace that are made again and again.

mod body;

use super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use body::{NewSchedule, ScheduleBody, ScheduleChange};
use http::{StatusCode, header};
use proto::{
    id::ScheduleId,
    usage::{DeleteExportScheduleRequest, ListExportSchedulesRequest},
};

/// List the export schedules of a workspace, newest first.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/export-schedules", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<ScheduleBody>)))]
pub(crate) async fn list_export_schedules(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ScheduleBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListExportSchedulesRequest { page_size, page_token };
    let listed = app.services.usage.list_export_schedules(&call, request).await?;
    Page::new(listed.schedules, listed.next_page_token, ScheduleBody::try_from).map(Json)
}

/// Export usage, logs, the audit trail or invoices on a schedule.
///
/// Each run exports whole days of the time zone, from where the last export ended to the beginning of the day of the
/// run; whole hours if the schedule runs more than once a day. It begins a quarter of an hour after its period at the
/// earliest, so that requests that arrived in it are settled. What was missed or failed is in the next export; after
/// five failures in a row the schedule is paused. The exports are in the list of exports, and go to the `destination`: what did
/// not arrive there is in the next one, too.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/export-schedules", tag = "Logs and usage",
    request_body = NewSchedule,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The schedule", body = ScheduleBody,
        headers(("Location" = String, description = "The schedule, for `DELETE`"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "There are twenty schedules already, or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_export_schedule(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewSchedule>,
) -> Result<impl IntoResponse> {
    let answer = app.services.usage.create_export_schedule(&call, body.into()).await?;
    let made = ScheduleBody::new(answer.schedule)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/export-schedules/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Change a schedule: pause it, resume it, or send what it exports elsewhere.
///
/// A resumed schedule runs at its next time, and exports what was missed while it was paused. An export that is on its way
/// goes where it should when it was begun.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/export-schedules/{schedule_id}", tag = "Logs and usage",
    request_body = ScheduleChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("schedule_id" = String, Path, description = "`sched_…`")),
    responses((status = 200, description = "The schedule", body = ScheduleBody)))]
pub(crate) async fn update_export_schedule(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ScheduleId>,
    Json(change): Json<ScheduleChange>,
) -> Result<Json<ScheduleBody>> {
    let changed = app.services.usage.update_export_schedule(&call, change.of(id)).await?;
    ScheduleBody::new(changed.schedule).map(Json)
}

/// End a schedule. What it has exported stays.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/export-schedules/{schedule_id}", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("schedule_id" = String, Path, description = "`sched_…`")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_export_schedule(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ScheduleId>,
) -> Result<StatusCode> {
    let request = DeleteExportScheduleRequest { schedule_id: id.to_string() };
    app.services.usage.delete_export_schedule(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
