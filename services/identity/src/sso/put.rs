//! Sets up by which provider the people of a workspace sign in. Answers `PutSso`.

use super::{Connection, enforce, event, of_workspace, place, provider};
use crate::{
    Error, Parts,
    config::is_safe,
    domain::lost::owners,
    input::Problems,
    mfa,
    session::Found,
    sign_in::{self, discovery::has_many_tenants},
};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    identity as pb,
};
use store::{Tx, WorkspaceTx};
use url::Url;

/// Characters of what providers give out.
const MOST: usize = 512;
/// What whoever comes by a provider may become.
const ROLES: [&str; 3] = ["admin", "member", "viewer"];

/// The provider is asked before anything is kept. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, [`Error::StepUpRequired`],
/// [`Error::SignInAgain`], [`Error::SignInFailed`] where the provider does not answer, [`Error::CannotEnforce`],
/// [`Error::ChangedMeanwhile`], [`Error::NoAddress`].
pub(crate) async fn put(parts: &Parts, call: &Call, request: pb::PutSsoRequest) -> Result<pb::PutSsoResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let (user, session) = call.user().map_err(Error::caller)?;
    let caller = mfa::signed_in_just_now(parts, session).await?;
    if !Url::parse(&parts.providers.callback_of(workspace)).is_ok_and(|url| is_safe(&url)) {
        return Err(Error::NoAddress);
    }
    check(&request)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let before = of_workspace(&mut tx, workspace).await?;
    tx.commit().await?;
    let connection = draft(parts, workspace, before.as_ref(), request)?;
    sign_in::answers(&provider::fresh(parts, &connection)?, parts).await?;
    let owners = if connection.enforced { owners(parts, call, workspace).await? } else { vec![] };

    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let is_same =
        |now: Option<&Connection>| now.map(|c| (c.id, c.updated_at)) == before.as_ref().map(|c| (c.id, c.updated_at));
    if !is_same(of_workspace(&mut tx, workspace).await?.as_ref()) {
        return Err(Error::ChangedMeanwhile);
    }
    if connection.enforced {
        may_enforce(&mut tx, parts, (&connection, before.as_ref()), user, &caller).await?;
    }
    keep(&mut tx, &connection, before.as_ref()).await?;
    let replaced = before.as_ref().map(|before| before.id).filter(|id| *id != connection.id);
    if let Some(gone) = replaced {
        enforce::end_opened(&mut tx, parts, call, gone, None).await?;
    }
    // Where it was asked for before, nobody else is in.
    let is_new = before.as_ref().is_none_or(|before| !before.enforced) || replaced.is_some();
    if connection.enforced && is_new {
        enforce::end_others(&mut tx, parts, call, &connection, &owners).await?;
    }
    tx.emit(&event(parts, call, workspace, "sso.updated", connection.facts()));
    tx.commit().await?;
    if let Some(gone) = replaced {
        parts.sso_providers.forget(gone);
    }
    if connection.enforced && is_new {
        enforce::end_late(parts, call, &connection, &owners).await?;
    }
    Ok(pb::PutSsoResponse { sso: Some(connection.to_proto(parts)) })
}

fn check(request: &pb::PutSsoRequest) -> Result<(), Error> {
    let mut problems = Problems::default();
    let issuer = request.issuer.trim();
    let is_address = |url: Url| is_safe(&url) && url.query().is_none() && url.fragment().is_none();
    if issuer.is_empty() {
        problems.missing("issuer", "is required: the address of the provider, as it writes it itself");
    } else if issuer.len() > MOST || !Url::parse(issuer).is_ok_and(is_address) {
        problems.refused("issuer", "must be an address that begins with https:// and has no query");
    } else if has_many_tenants(issuer) {
        problems.refused("issuer", "stands for all organisations: name that of yours, …/<tenant id>/v2.0");
    }
    problems.text("client_id", &request.client_id, MOST);
    if request.client_secret.as_ref().is_some_and(|secret| secret.len() > MOST || secret.chars().any(char::is_control))
    {
        problems.refused("client_secret", "must have at most 512 characters, and no control characters");
    }
    if !request.default_role.is_empty() && !ROLES.contains(&request.default_role.as_str()) {
        problems.refused("default_role", "must be admin, member or viewer");
    }
    problems.none()
}

/// What is to be kept. What the provider and we share stays with the same client of the same provider, unless it is given.
fn draft(
    parts: &Parts,
    workspace: WorkspaceId,
    before: Option<&Connection>,
    request: pb::PutSsoRequest,
) -> Result<Connection, Error> {
    let now = parts.clock.now();
    let (issuer, client_id) = (request.issuer.trim().to_owned(), request.client_id.trim().to_owned());
    let same = before.filter(|before| before.issuer == issuer && before.client_id == client_id);
    let id = same.map_or_else(|| parts.ids.uuid(), |same| same.id);
    let client_secret = match request.client_secret.as_deref() {
        None => same.and_then(|same| same.client_secret.clone()),
        Some("") => None,
        Some(text) => Some(parts.sealer.seal(text.as_bytes(), place(id).as_bytes())),
    };
    let default_role = if request.default_role.is_empty() { "member".to_owned() } else { request.default_role };
    Ok(Connection {
        id,
        workspace_id: workspace,
        issuer,
        client_id,
        client_secret,
        enforced: request.enforced,
        default_role,
        provision: request.provision.unwrap_or(true),
        created_at: same.map_or(now, |same| same.created_at),
        updated_at: now,
    })
}

/// Whoever shuts the other doors must not shut themselves out: they have come by this one as it is, or have a second factor, with
/// which owners may go on to use theirs.
async fn may_enforce(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    (connection, before): (&Connection, Option<&Connection>),
    user: UserId,
    caller: &Found,
) -> Result<(), Error> {
    let workspace = connection.workspace_id;
    let domains: Vec<(String,)> = Tx::fetch_all(tx, store::sql!("sso/verified_domains"), &[workspace.into()]).await?;
    if domains.is_empty() {
        return Err(Error::CannotEnforce("verify a domain of the workspace first: it says whose people are meant"));
    }
    // A passkey from when there was a domain opens nothing without one.
    let has_app = caller.user().mfa_enabled_at.is_some();
    if has_app || (caller.passkeys > 0 && parts.relying_party.is_some()) {
        return Ok(());
    }
    // By another secret, or by what it was before it was changed, nobody comes any more.
    let same = before.filter(|before| before.id == connection.id && before.client_secret == connection.client_secret);
    if let Some(same) = same {
        let values = [workspace.into(), connection.id.into(), user.into(), same.updated_at.into()];
        let (has_come,): (bool,) = Tx::fetch_one(tx, store::sql!("sso_identity/any_of_user"), &values).await?;
        if has_come {
            return Ok(());
        }
    }
    Err(Error::CannotEnforce(
        "sign in by it once yourself as it is now, or set up a second factor (/me/mfa/totp): it is the way back in",
    ))
}

async fn keep(tx: &mut WorkspaceTx, connection: &Connection, before: Option<&Connection>) -> Result<(), Error> {
    let of = connection.clone();
    let workspace = of.workspace_id;
    if let Some(same) = before.filter(|before| before.id == of.id) {
        let values = [
            workspace.into(),
            of.id.into(),
            of.client_secret.into(),
            of.enforced.into(),
            of.default_role.into(),
            of.provision.into(),
            of.updated_at.into(),
            same.updated_at.into(),
        ];
        let is_kept = Tx::execute(tx, store::sql!("sso/update"), &values).await? > 0;
        return if is_kept { Ok(()) } else { Err(Error::ChangedMeanwhile) };
    }
    // Whom another provider has let in opens nothing any more.
    Tx::execute(tx, store::sql!("sso_identity/delete_of_workspace"), &[workspace.into()]).await?;
    let gone = Tx::execute(tx, store::sql!("sso/delete"), &[workspace.into()]).await?;
    if before.is_some() && gone == 0 {
        return Err(Error::ChangedMeanwhile);
    }
    let values = [
        of.id.into(),
        workspace.into(),
        of.issuer.into(),
        of.client_id.into(),
        of.client_secret.into(),
        of.enforced.into(),
        of.default_role.into(),
        of.provision.into(),
        of.updated_at.into(),
    ];
    Tx::execute(tx, store::sql!("sso/put"), &values).await.map_err(|error| match error {
        store::Error::Unique { .. } => Error::ChangedMeanwhile,
        other => other.into(),
    })?;
    Ok(())
}
