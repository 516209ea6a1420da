//! Changes a team.

use super::{
    row::{self, TeamRow},
    validate,
};
use crate::{Workspace, audit::record::Record, error::Error, member, problems::Problems};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{UpdateTeamRequest, UpdateTeamResponse},
};
use serde_json::{Map, Value, json};
use store::{WorkspaceTx, sql};

/// Changes the fields that are given. Errors: `NOT_FOUND`, `REFUSED_VALUE`, `CONFLICT`.
pub(crate) async fn update(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: UpdateTeamRequest,
) -> Result<UpdateTeamResponse, Error> {
    let team = row::id(&request.team_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let mut row = row::find(&mut tx, team).await?;
    let facts = apply(&mut row, request)?;
    if !facts.is_empty() {
        row::unique(&mut tx, &row).await?;
        row.updated_at = service.clock.now();
        let values = [
            id.into(),
            team.into(),
            row.name.as_str().into(),
            row::key(&row.name).into(),
            row.description.as_str().into(),
            row.limits.clone().into(),
            row.external_id.clone().into(),
            row.updated_at.into(),
        ];
        tx.execute(sql!("team/update"), &values).await?;
        let changed: Vec<&String> = facts.keys().collect();
        let mut payload = json!({ "changed": changed });
        if let Some(object) = payload.as_object_mut() {
            object.extend(facts);
        }
        let event = Record { kind: "team.updated", subject: team.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    let team = row.to_proto()?;
    tx.commit().await?;
    Ok(UpdateTeamResponse { team: Some(team) })
}

/// Applies what is given, and says what it changed to what.
fn apply(row: &mut TeamRow, request: UpdateTeamRequest) -> Result<Map<String, Value>, Error> {
    let (mut problems, mut facts) = (Problems::default(), Map::new());
    let name = problems.check("name", request.name.as_deref().map(validate::name).transpose());
    let description =
        problems.check("description", request.description.as_deref().map(validate::description).transpose());
    let external = request.external_id.as_deref().map(validate::external_id).transpose();
    let external_id = problems.check("external_id", external);
    let limits = request.limits.map(|limits| json!(validate::limits(&mut problems, limits)));
    problems.finish()?;
    if let Some(name) = name.filter(|new| *new != row.name) {
        facts.insert("name".to_owned(), name.as_str().into());
        row.name = name;
    }
    if let Some(description) = description.filter(|new| *new != row.description) {
        facts.insert("description".to_owned(), description.as_str().into());
        row.description = description;
    }
    if let Some(limits) = limits.filter(|new| *new != row.limits) {
        facts.insert("limits".to_owned(), limits.clone());
        row.limits = limits;
    }
    if let Some(external_id) = external_id.filter(|new| *new != row.external_id) {
        facts.insert("external_id".to_owned(), json!(external_id));
        row.external_id = external_id;
    }
    Ok(facts)
}
