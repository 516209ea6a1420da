//! Begins an export.

use super::{Accepted, Credential, Destination, ExportRow, Exports, Format, Kind, Slot, accept};
use crate::{Error, act, read::Period, service::Inner};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{ExportId, ScheduleId, WorkspaceId},
    usage::{CreateExportRequest, CreateExportResponse},
};
use serde_json::json;
use store::{
    Sql, Tx, WorkspaceTx,
    replay::{self, Claim},
    sql,
};

const PASS: Sql = sql!("export_gate/pass");
const COUNT_OPEN: Sql = sql!("export/count_open");
const INSERT: Sql = sql!("export/insert");
const GET: Sql = sql!("export/get");

/// Exports of one workspace that may wait or be written at once.
const MAX_OPEN: i64 = 3;

/// An export that somebody wants.
pub(crate) struct Wish<'a> {
    pub id: ExportId,
    pub schedule: Option<ScheduleId>,
    pub kind: Kind,
    pub format: Format,
    pub period: Period,
    pub destination: &'a Destination,
    pub credential: Option<&'a Credential>,
    pub created_by: &'a str,
    pub now: DateTime<Utc>,
    pub due: DateTime<Utc>,
}

/// Errors: `REFUSED_VALUE`, `PERMISSION_DENIED` without the permission of what is exported, `CONFLICT` while too many are
/// open, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    inner: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    request: CreateExportRequest,
) -> Result<CreateExportResponse, Error> {
    let (sealer, now) = (inner.exports.sealer(), inner.clock.now());
    let asked = || replay::Request::of(call, "CreateExport", Some(workspace), &request);
    let (kind, format) = (kind(call, &request.kind)?, format(&request.format)?);
    let period = Period::parse(request.from, request.to, now)?;
    // What has not happened yet would be missing from the file without a word.
    if period.to > now {
        return Err(Error::Refused { field: "to", problem: "must not be in the future" });
    }
    let wanted = match accept(inner, workspace, asked(), kind, request.destination.clone()).await? {
        Accepted::Kept(answer) => return Ok(CreateExportResponse { replayed: true, ..answer }),
        Accepted::New(wanted) => wanted,
    };
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let place = match replay::claim(&mut tx, &sealer, asked(), now).await.map_err(Error::Replay)? {
        Claim::Kept(answer) => return Ok(CreateExportResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    tx.execute(PASS, &[workspace.into()]).await?;
    let (open,): (i64,) = tx.fetch_one(COUNT_OPEN, &[workspace.into()]).await?;
    if open >= MAX_OPEN {
        return Err(Error::TooManyExports(MAX_OPEN));
    }
    let id = ExportId::from_uuid(inner.exports.new_id());
    let actor = call.actor();
    let (destination, credential) = (&wanted.destination, wanted.credential.as_ref());
    let wish =
        Wish { id, schedule: None, kind, format, period, destination, credential, created_by: &actor, now, due: now };
    insert(&inner.exports, &mut tx, workspace, &wish).await?;
    let facts = json!({ "kind": kind.as_str(), "format": format.as_str(), "destination": destination.kind() });
    act::tell(inner, &mut tx, call, "export.created", id, facts);
    let row: ExportRow = tx.fetch_one(GET, &[workspace.into(), id.into()]).await?;
    let answer = CreateExportResponse { export: Some(row.into()), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    inner.exports.wake();
    Ok(answer)
}

/// Queues it. Errors: the database failed.
pub(crate) async fn insert(
    exports: &Exports,
    tx: &mut Tx,
    workspace: WorkspaceId,
    wish: &Wish<'_>,
) -> Result<(), store::Error> {
    let slot = Slot::export(workspace, wish.id);
    let values = [
        workspace.into(),
        wish.id.into(),
        wish.schedule.into(),
        wish.kind.as_str().into(),
        wish.format.as_str().into(),
        wish.period.from.into(),
        wish.period.to.into(),
        wish.created_by.into(),
        wish.now.into(),
        wish.due.into(),
        wish.destination.to_text().into(),
        wish.credential.map(|credential| credential.seal(exports, slot)).into(),
        wish.destination.delivery().into(),
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

/// What to export, if the caller may read it.
pub(crate) fn kind(call: &Call, text: &str) -> Result<Kind, Error> {
    let kind = match (Kind::parse(text), text) {
        (Some(kind), _) => kind,
        (None, "") => return Err(Error::Invalid { field: "kind", problem: "is required" }),
        (None, _) => return Err(Error::Refused { field: "kind", problem: "must be usage, logs, audit or invoices" }),
    };
    let needed = kind.permission();
    if call.scopes.contains(needed) { Ok(kind) } else { Err(Error::Lacks(needed)) }
}

pub(crate) fn format(text: &str) -> Result<Format, Error> {
    match Format::parse(text) {
        Some(format) => Ok(format),
        None if text.is_empty() => Err(Error::Invalid { field: "format", problem: "is required" }),
        None => Err(Error::Refused { field: "format", problem: "must be csv or json" }),
    }
}
