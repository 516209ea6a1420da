//! Writes down whose a new execution is, and makes the token that pays for it.

use super::{needs, parse, place, row, text, token};
use crate::{Workspace, audit::record::Record, credential::seal, error::Error, member, problems::Problems};
use proto::{
    Call, Permission, Principal,
    id::{ExecutionId, SessionId, WorkspaceId},
    workspace::{OpenExecutionRequest, OpenExecutionResponse},
};
use serde_json::json;
use store::{WorkspaceTx, replay, seal::Sealer, sql};

/// How long a title may be.
const LONGEST_TITLE: usize = 200;
const DEPTHS: [&str; 3] = ["quick", "standard", "deep"];
const DIGEST: usize = 32;

store::row! {
    struct Known {
        created_by: String,
        request_sha256: Vec<u8>,
        sealed_token: Vec<u8>,
    }
}

/// Who begins an execution.
struct Owner {
    name: String,
    session: Option<SessionId>,
}

/// The same id again is the same execution and token, also once it has ended. Errors: `PERMISSION_DENIED`, `INVALID_ARGUMENT`,
/// `REFUSED_VALUE`, `IDEMPOTENCY_MISMATCH`, `CONCURRENCY_LIMITED`.
pub(crate) async fn open(
    service: &Workspace,
    call: &Call,
    workspace: WorkspaceId,
    request: OpenExecutionRequest,
) -> Result<OpenExecutionResponse, Error> {
    needs(call, Permission::ExecutionsWrite)?;
    let owner = owner(call)?;
    let id = check(&request)?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    // First of all: of many at once each sees what those before it have opened, and a repeated one what the first has made.
    member::lock_open(&mut tx).await?;
    let sealer = seal::sealer(service, &mut tx).await?;
    if let Some(token) = known(&mut tx, &sealer, id, &owner, &request).await? {
        let execution = row(&mut tx, workspace, id).await?.opened(&sealer)?;
        return Ok(OpenExecutionResponse { execution: Some(execution), budget_token: token, existed: true });
    }
    room(&mut tx, request.max_open).await?;
    let token = insert(service, &mut tx, &sealer, id, owner, &request).await?;
    let execution = row(&mut tx, workspace, id).await?.opened(&sealer)?;
    // Never its title, which is content.
    let event =
        Record { kind: "execution.opened", subject: id.to_string(), payload: json!({ "depth": request.depth }) };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(OpenExecutionResponse { execution: Some(execution), budget_token: token, existed: false })
}

/// Errors: it is nobody who could pay.
fn owner(call: &Call) -> Result<Owner, Error> {
    let name = call.actor();
    match call.principal {
        Principal::User { session, .. } => Ok(Owner { name, session: Some(session) }),
        Principal::Key { .. } => Ok(Owner { name, session: None }),
        Principal::Anonymous | Principal::Service(_) => Err(Error::Lacks(Permission::ExecutionsWrite)),
    }
}

fn check(request: &OpenExecutionRequest) -> Result<ExecutionId, Error> {
    let mut problems = Problems::default();
    let id = parse(&request.execution_id).ok();
    if id.is_none() {
        problems.malformed("execution_id", "must be the id of an execution");
    }
    if request.title.chars().count() > LONGEST_TITLE {
        problems.refused("title", format!("must have at most {LONGEST_TITLE} characters"));
    }
    match request.depth.as_str() {
        "" => problems.malformed("depth", "is required"),
        depth if DEPTHS.contains(&depth) => {}
        _ => problems.refused("depth", "must be quick, standard or deep"),
    }
    if request.request_sha256.len() != DIGEST {
        problems.malformed("request_sha256", "must be a SHA-256");
    }
    problems.finish()?;
    id.ok_or_else(super::absent)
}

/// The token of an execution that is there already. Errors: the id is that of another request.
async fn known(
    tx: &mut WorkspaceTx,
    sealer: &Sealer,
    id: ExecutionId,
    owner: &Owner,
    request: &OpenExecutionRequest,
) -> Result<Option<String>, Error> {
    let workspace = tx.workspace();
    let known: Option<Known> = tx.fetch_optional(sql!("execution/request"), &[workspace.into(), id.into()]).await?;
    let Some(known) = known else { return Ok(None) };
    // What somebody else has asked for is another request, whatever it says.
    if known.request_sha256 != request.request_sha256 || known.created_by != owner.name {
        return Err(Error::Replay(replay::Error::Mismatch));
    }
    text(sealer, &known.sealed_token, &place(workspace, id, "token")).map(Some)
}

/// Goes on if the workspace may have one more. Errors: `CONCURRENCY_LIMITED`.
async fn room(tx: &mut WorkspaceTx, most: Option<i64>) -> Result<(), Error> {
    let Some(limit) = most else { return Ok(()) };
    let workspace = tx.workspace();
    let (used,): (i64,) = tx.fetch_one(sql!("execution/open"), &[workspace.into()]).await?;
    if used < limit { Ok(()) } else { Err(Error::TooManyExecutions { limit: limit.max(0), used }) }
}

/// Its token. Errors: another workspace has the id.
async fn insert(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    sealer: &Sealer,
    id: ExecutionId,
    owner: Owner,
    request: &OpenExecutionRequest,
) -> Result<String, Error> {
    let (workspace, token) = (tx.workspace(), token::generate());
    let values = [
        id.into(),
        workspace.into(),
        service.ids.uuid().into(),
        owner.name.into(),
        owner.session.into(),
        request.depth.as_str().into(),
        request.request_sha256.to_vec().into(),
        token::hash(&token).into(),
        sealer.seal(request.title.as_bytes(), &place(workspace, id, "title")).into(),
        sealer.seal(token.as_bytes(), &place(workspace, id, "token")).into(),
        service.clock.now().into(),
    ];
    if tx.execute(sql!("execution/insert"), &values).await? == 0 {
        return Err(Error::Replay(replay::Error::Mismatch));
    }
    Ok(token.to_string())
}
