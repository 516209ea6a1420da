//! Opens a session with the code of a sign-in by the provider of a workspace: the part of `ExchangeSignIn` that is its own.

use super::{Connection, account, of_workspace};
use crate::{
    Error, Parts, directory,
    mfa::code,
    session::{
        answer::Answer,
        enter::{self, Entry},
    },
    sign_in::flow::{self, Held, Shown},
    user::{User, memberships},
};
use proto::{Call, Failure, Reason, id::WorkspaceId, identity as pb, workspace::ProvisionMemberRequest};
use store::{GlobalTx, SystemTx, Tx};
use uuid::Uuid;

/// Errors: [`Error::SignInInvalid`], also where the workspace has another provider by now, [`Error::SignInRefused`]; those of a
/// second factor, after which the code stays good; `QUOTA_EXCEEDED` for somebody who would be a member and has no other workspace.
pub(crate) async fn exchange(
    parts: &Parts,
    call: &Call,
    request: &pb::ExchangeSignInRequest,
    shown: Shown<'_>,
) -> Result<Answer, Error> {
    let mut tx = SystemTx::begin(&parts.db, "sign in by the provider of a workspace").await?;
    let held = flow::spend(&mut tx, parts, shown).await?;
    let connection = connection(&mut tx, &held).await?;
    let (user, _) = account::open(&mut tx, parts, call, &connection, &held.person, &request.accept_language).await?;
    let factor = code::Shown::at_the_door(&request.totp, &request.passkey);
    let mfa_at = match code::show(&mut tx, parts, call, &user, factor).await {
        Err(error @ (Error::MfaRequired { .. } | Error::MfaCodeInvalid | Error::PasskeyInvalid)) => {
            drop(tx);
            flow::wait(parts, shown.code).await?;
            return Err(error);
        }
        outcome => outcome?,
    };
    tx.commit().await?;
    let workspace = admit(parts, call, &connection, &user).await?;
    let entry = Entry { mfa_at, connection: Some(connection.id), workspace, ..Entry::default() };
    enter::by(parts, call, &user, entry).await
}

/// The connection that the sign-in began with, if it is still the one of its workspace.
async fn connection(tx: &mut Tx, held: &Held) -> Result<Connection, Error> {
    let id = held.provider.strip_prefix("sso:").and_then(|id| Uuid::parse_str(id).ok()).ok_or(Error::SignInInvalid)?;
    let workspace: Option<(WorkspaceId,)> = tx.fetch_optional(store::sql!("sso/workspace_of"), &[id.into()]).await?;
    let (workspace,) = workspace.ok_or(Error::SignInInvalid)?;
    of_workspace(tx, workspace).await?.filter(|now| now.id == id).ok_or(Error::SignInInvalid)
}

/// Makes them a member where that is asked for, unless the directory of the workspace says that they are none. The workspace, if they
/// are one.
async fn admit(parts: &Parts, call: &Call, connection: &Connection, user: &User) -> Result<Option<WorkspaceId>, Error> {
    let workspace = connection.workspace_id;
    let id = workspace.to_string();
    let all = memberships::of(parts, call, user.id).await?;
    if all.iter().any(|membership| membership.workspace_id == id) {
        return Ok(Some(workspace));
    }
    if !connection.provision {
        return Ok(None);
    }
    if directory::says_no(parts, workspace, user.id).await? {
        // They have somewhere else to go, or nowhere.
        return if all.is_empty() { Err(out()) } else { Ok(None) };
    }
    let request = ProvisionMemberRequest {
        workspace_id: id,
        user_id: user.id.to_string(),
        email: user.email.clone(),
        name: user.name.clone(),
        role: connection.default_role.clone(),
    };
    match parts.workspaces.provision_member(call, request).await {
        Ok(_) => Ok(Some(workspace)),
        Err(status) => match Failure::from(&status) {
            // They have somewhere else to go.
            failure if failure.reason == Reason::QuotaExceeded && !all.is_empty() => Ok(None),
            failure if failure.reason == Reason::QuotaExceeded => Err(Error::Input(failure)),
            failure if failure.reason == Reason::NotFound => Err(Error::SignInInvalid),
            _ => Err(Error::workspaces(status)),
        },
    }
}

fn out() -> Error {
    let why = "the directory of your organisation says that you are not in this workspace: ask whoever looks after it";
    Error::SignInRefused(why.to_owned())
}

/// Whether a code is one of such a sign-in.
pub(crate) async fn is_for(parts: &Parts, shown: Shown<'_>) -> Result<bool, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let held = flow::look(&mut tx, parts, shown).await?;
    tx.commit().await?;
    Ok(super::is_one(&held.provider))
}
