//! Makes a team, of nobody yet.

use super::{
    MOST,
    row::{self, TeamRow},
    validate,
};
use crate::{Workspace, audit::record::Record, error::Error, member, problems::Problems};
use proto::{
    Call,
    id::{TeamId, WorkspaceId},
    workspace::{CreateTeamRequest, CreateTeamResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};

/// Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `CONFLICT` for a taken name or external id, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: CreateTeamRequest,
) -> Result<CreateTeamResponse, Error> {
    let asked = replay::Request::of(call, "CreateTeam", Some(id), &request);
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateTeamResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let row = checked(service, request)?;
    member::lock_open(&mut tx).await?;
    let (count,): (i64,) = tx.fetch_one(sql!("team/count"), &[id.into()]).await?;
    if count >= MOST {
        return Err(Error::TooManyTeams(MOST));
    }
    row::unique(&mut tx, &row).await?;
    let values = [
        row.team_id.into(),
        id.into(),
        row.name.as_str().into(),
        row::key(&row.name).into(),
        row.description.as_str().into(),
        row.limits.clone().into(),
        row.external_id.clone().into(),
        now.into(),
    ];
    tx.execute(sql!("team/insert"), &values).await?;
    let payload = json!({ "name": row.name, "limits": row.limits, "external_id": row.external_id });
    let event = Record { kind: "team.created", subject: row.team_id.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let answer = CreateTeamResponse { team: Some(row.to_proto()?), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn checked(service: &Workspace, request: CreateTeamRequest) -> Result<TeamRow, Error> {
    let mut problems = Problems::default();
    let name = if request.name.is_empty() {
        problems.malformed("name", "is required");
        String::new()
    } else {
        problems.check("name", validate::name(&request.name))
    };
    let limits = validate::limits(&mut problems, request.limits.unwrap_or_default());
    let now = service.clock.now();
    let row = TeamRow {
        team_id: TeamId::from_uuid(service.ids.uuid()),
        name,
        description: problems.check("description", validate::description(&request.description)),
        limits: json!(limits),
        external_id: problems.check("external_id", validate::external_id(&request.external_id)),
        created_at: now,
        updated_at: now,
        members: 0,
    };
    problems.finish()?;
    Ok(row)
}
