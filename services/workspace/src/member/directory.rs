//! Members who come and go because the directory of their workspace says so. Identity keeps what it says, and says it again
//! until it is done: each version is done once, and none after a later one.

use super::{add, change_role, owners, parse, rank, remove, resolve, roles::Role, seats};
use crate::{
    Workspace,
    error::Error,
    people,
    role::{self, Given},
};
use proto::{
    Call, Scopes,
    id::{UserId, WorkspaceId},
    workspace::{BringMemberRequest, BringMemberResponse, RetireMemberRequest, RetireMemberResponse},
};
use store::{WorkspaceTx, sql};

/// What somebody becomes of whom the directory says no role. Who may verify a domain has agreed to it.
const DEFAULT: Role = Role::Member;

/// Errors: `NOT_FOUND` for a workspace that is closed, `REFUSED_VALUE`, `PERMISSION_DENIED` for a role that may do more than the
/// caller of the change, `QUOTA_EXCEEDED`.
pub(crate) async fn bring(
    service: &Workspace,
    call: &Call,
    request: BringMemberRequest,
) -> Result<BringMemberResponse, Error> {
    let (id, person) = of(&request.workspace_id, &request.user_id)?;
    let call = &of_workspace(call, id);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock_open(&mut tx).await?;
    let now = resolve::role(&mut tx, id, person).await?;
    if !advance(&mut tx, person, (request.version, "")).await? {
        return Ok(BringMemberResponse { role: now.unwrap_or_default() });
    }
    let given = if request.role.is_empty() { None } else { Some(role::asked(&mut tx, &request.role).await?) };
    if let Some(given) = given.iter().find(|given| now.as_ref() != Some(&given.name)) {
        gives(&request.scopes, given)?;
    }
    let role = match now {
        None => {
            let before = role::named(&mut tx, &request.role_before).await?;
            let before = before.filter(|role| role.name != Role::Owner.as_str());
            // It may do more by now, or whoever brings them back less than whoever gave it.
            let before = before.filter(|role| ends(&request.scopes, role).is_ok());
            let role = given.or(before).map_or_else(|| DEFAULT.as_str().to_owned(), |role| role.name);
            seats::room(service, &mut tx, seats::Counted::Members).await?;
            people::meet(&mut tx, person, &request.email, &request.name).await?;
            add::by(service, &mut tx, call, person, (&role, &call.actor())).await?;
            role
        }
        Some(now) => match given.filter(|given| given.name != now) {
            Some(given) => {
                let before = role::named(&mut tx, &now).await?.unwrap_or_default();
                gives(&request.scopes, &before)?;
                owners::not_the_last(&mut tx, &now).await?;
                change_role::set(service, &mut tx, call, person, (&now, &given.name)).await?;
                given.name
            }
            None => now,
        },
    };
    tx.commit().await?;
    Ok(BringMemberResponse { role })
}

/// Whoever left before is no member either. Errors: `LAST_OWNER`; `PERMISSION_DENIED` for a role that may do more than the caller of the
/// change, and for an owner who was there before the directory: who may only make keys for it would else put out whoever is above
/// them.
pub(crate) async fn retire(
    service: &Workspace,
    call: &Call,
    request: RetireMemberRequest,
) -> Result<RetireMemberResponse, Error> {
    let (id, person) = of(&request.workspace_id, &request.user_id)?;
    let call = &of_workspace(call, id);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock(&mut tx).await?;
    let now = resolve::given(&mut tx, person).await?;
    let name = now.as_ref().map(|role| role.name.clone()).unwrap_or_default();
    if !advance(&mut tx, person, (request.version, &name)).await? {
        return Ok(RetireMemberResponse { role: ended(&mut tx, person, request.version).await? });
    }
    if let Some(role) = &now {
        owners::not_the_last(&mut tx, &role.name).await?;
        if role.name == Role::Owner.as_str() && !request.ends_owners {
            return Err(Error::OwnerStays);
        }
        ends(&request.scopes, role)?;
        remove::end(service, &mut tx, call, person, ("member.removed", &role.name)).await?;
    }
    tx.commit().await?;
    Ok(RetireMemberResponse { role: name })
}

fn of(workspace: &str, person: &str) -> Result<(WorkspaceId, UserId), Error> {
    Ok((workspace.parse().map_err(|_| Error::NotFound("workspace"))?, parse(person)?))
}

/// Whoever finishes what was begun in an earlier request calls for no workspace.
fn of_workspace(call: &Call, id: WorkspaceId) -> Call {
    Call { workspace: Some(id), ..call.clone() }
}

/// Whether this was not done before. What it ends is kept, for who asks again.
async fn advance(tx: &mut WorkspaceTx, person: UserId, (version, ended): (i64, &str)) -> Result<bool, Error> {
    let values = [tx.workspace().into(), person.into(), version.into(), ended.into()];
    Ok(tx.execute(sql!("directory/advance"), &values).await? > 0)
}

/// The role that this very version has ended, if it has ended one.
async fn ended(tx: &mut WorkspaceTx, person: UserId, version: i64) -> Result<String, Error> {
    let values = [tx.workspace().into(), person.into(), version.into()];
    let found: Option<(String,)> = tx.fetch_optional(sql!("directory/ended"), &values).await?;
    Ok(found.map(|(role,)| role).unwrap_or_default())
}

/// Goes on if a directory with a key that may do this may end a role, and give it back. Members and viewers are every directory's. Of
/// others the key needs all that a key may hold: to own the workspace is none of it. Errors: `PERMISSION_DENIED`.
fn ends(scopes: &[String], role: &Given) -> Result<(), Error> {
    if [DEFAULT, Role::Viewer].map(Role::as_str).contains(&role.name.as_str()) {
        return Ok(());
    }
    let of_keys = Given { permissions: role.permissions.of_keys(), ..role.clone() };
    rank::within(parsed(scopes), &of_keys)
}

fn parsed(scopes: &[String]) -> Scopes {
    Scopes::parse(scopes.iter().map(String::as_str))
}

/// A directory makes no owner, whatever its key may do.
fn gives(scopes: &[String], role: &Given) -> Result<(), Error> {
    if role.name == Role::Owner.as_str() {
        return Err(Error::OwnerStays);
    }
    rank::within(parsed(scopes), role)
}
