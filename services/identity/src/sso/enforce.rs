//! Who has to sign in by the provider of a workspace, and by nothing else?
//!
//! People whose address is of a domain that a workspace has proved, if the workspace asks for it. Two are free: owners of that
//! workspace who show a second factor, because a provider that is broken must not lock everybody out, and those who operate the
//! platform, over which no provider decides.

use super::{Connection, event};
use crate::{
    Error, Parts,
    domain::name,
    session::end,
    user::{User, memberships},
};
use proto::{
    Call, Role,
    id::{RequestId, SessionId, UserId, WorkspaceId},
    identity as pb,
};
use serde_json::json;
use store::{GlobalTx, SystemTx, Tx, WorkspaceTx};
use uuid::Uuid;

const REASON: &str = "sso_required";
/// What a session stood on is gone: the connection, or the domain.
const REMOVED: &str = "sso_removed";

/// How somebody has come in, or wants to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Way {
    /// By the provider of a workspace.
    pub(crate) connection: Option<Uuid>,
    /// Whether a second factor was shown.
    pub(crate) has_mfa: bool,
}

/// Who asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Required {
    connection: Uuid,
    workspace: WorkspaceId,
}

store::row! {
    struct Otherwise {
        id: SessionId,
        user_id: UserId,
        has_mfa: bool,
    }
}

store::row! {
    struct Opened {
        id: SessionId,
        user_id: UserId,
        email: String,
    }
}

/// Who asks for it from people with this address.
async fn required(parts: &Parts, address: &str) -> Result<Option<Required>, Error> {
    let Some(domain) = name::of_address(address) else { return Ok(None) };
    let mut tx = SystemTx::read(&parts.db, "find who asks for single sign-on").await?;
    let found: Option<(Uuid, WorkspaceId)> = tx.fetch_optional(store::sql!("sso/enforced"), &[domain.into()]).await?;
    tx.commit().await?;
    Ok(found.map(|(connection, workspace)| Required { connection, workspace }))
}

/// Goes on if nobody asks for it from this address, which has no account yet. Errors: [`Error::SsoRequired`].
pub(crate) async fn not_of(parts: &Parts, address: &str) -> Result<(), Error> {
    match required(parts, address).await? {
        None => Ok(()),
        Some(of) => Err(Error::SsoRequired { workspace: of.workspace }),
    }
}

/// Goes on if the person may use the account that way. The workspace around which they have come as its owner, if they have.
/// Errors: [`Error::SsoRequired`].
pub(crate) async fn check(
    parts: &Parts,
    user: &User,
    all: &[pb::Membership],
    way: Way,
) -> Result<Option<WorkspaceId>, Error> {
    if user.platform_role.is_some() {
        return Ok(None);
    }
    match required(parts, &user.email).await? {
        None => Ok(None),
        Some(of) if way.connection == Some(of.connection) => Ok(None),
        Some(of) if way.has_mfa && owns(all, of.workspace) => Ok(Some(of.workspace)),
        Some(of) => Err(Error::SsoRequired { workspace: of.workspace }),
    }
}

/// Writes into the trail of the workspace that an owner has come in around its provider.
pub(crate) async fn note(parts: &Parts, call: &Call, workspace: WorkspaceId, user: UserId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let facts = json!({ "user_id": user.to_string() });
    // They have no session yet, and hold the credentials of this person.
    let event = event(parts, call, workspace, "sso.bypassed", facts);
    tx.emit(&store::outbox::Event { actor: user.to_string(), subject: user.to_string(), ..event });
    Ok(tx.commit().await?)
}

/// Whether a link by letter would open nothing for the holder of this address. Errors: also where the workspace service does
/// not say whose owner they are.
pub(crate) async fn holds_up_letters(parts: &Parts, address: &str) -> Result<bool, Error> {
    let Some(of) = required(parts, address).await? else { return Ok(false) };
    let mut tx = GlobalTx::read(&parts.db).await?;
    let user: Option<User> = tx.fetch_optional(store::sql!("user/list_by_email"), &[address.into()]).await?;
    tx.commit().await?;
    let Some(user) = user.filter(|user| user.platform_role.is_none()) else { return Ok(false) };
    let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
    Ok(!owns(&memberships::of(parts, &call, user.id).await?, of.workspace))
}

/// Ends the sessions of people of the workspace's domains that did not begin by this connection. Those of owners who have shown a
/// second factor go on.
pub(crate) async fn end_others(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    call: &Call,
    connection: &Connection,
    owners: &[UserId],
) -> Result<(), Error> {
    let workspace = tx.workspace();
    let domains: Vec<(String,)> = Tx::fetch_all(tx, store::sql!("sso/verified_domains"), &[workspace.into()]).await?;
    for spelling in domains.iter().flat_map(|(domain,)| name::spellings(domain)) {
        let values = [connection.id.into(), spelling.into()];
        let found: Vec<Otherwise> = Tx::fetch_all(tx, store::sql!("sso/sessions"), &values).await?;
        for Otherwise { id, user_id, has_mfa } in found {
            if !(has_mfa && owners.contains(&user_id)) {
                end::end_in(tx, parts, call, id, user_id, REASON).await?;
            }
        }
    }
    Ok(())
}

/// The same again, once everybody can see that it is asked for: those of people who came in at that very moment.
pub(crate) async fn end_late(
    parts: &Parts,
    call: &Call,
    connection: &Connection,
    owners: &[UserId],
) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&parts.db, connection.workspace_id).await?;
    end_others(&mut tx, parts, call, connection, owners).await?;
    Ok(tx.commit().await?)
}

/// Ends the sessions that began by a connection: all of them, or those of people of one domain.
pub(crate) async fn end_opened(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    connection: Uuid,
    domain: Option<&str>,
) -> Result<(), Error> {
    let found: Vec<Opened> = tx.fetch_all(store::sql!("sso/opened"), &[connection.into()]).await?;
    for Opened { id, user_id, email } in found {
        if domain.is_none_or(|domain| name::of_address(&email).as_deref() == Some(domain)) {
            end::end_in(tx, parts, call, id, user_id, REMOVED).await?;
        }
    }
    Ok(())
}

/// Goes on if a session of this person that began in this way may go on, and ends it else. Errors: [`Error::SsoRequired`];
/// [`Error::SessionEnded`] where what it stood on is gone.
pub(crate) async fn may_go_on(
    parts: &Parts,
    call: &Call,
    (user, all): (&User, &[pb::Membership]),
    way: Way,
    session: SessionId,
) -> Result<(), Error> {
    let (error, reason) = match check(parts, user, all, way).await {
        Err(error @ Error::SsoRequired { .. }) => (error, REASON),
        Err(error) => return Err(error),
        Ok(_) => {
            if stands(parts, &user.email, way).await? {
                return Ok(());
            }
            (Error::SessionEnded, REMOVED)
        }
    };
    end::end(parts, call, session, user.id, reason).await?;
    Err(error)
}

/// Whether the connection by which somebody has come is still there, and its workspace still speaks for their address. Who came
/// otherwise stands on nothing of that.
async fn stands(parts: &Parts, address: &str, way: Way) -> Result<bool, Error> {
    let Some(connection) = way.connection else { return Ok(true) };
    let Some(domain) = name::of_address(address) else { return Ok(false) };
    let mut tx = SystemTx::read(&parts.db, "find who asks for single sign-on").await?;
    let (stands,): (bool,) = tx.fetch_one(store::sql!("sso/stands"), &[connection.into(), domain.into()]).await?;
    tx.commit().await?;
    Ok(stands)
}

fn owns(all: &[pb::Membership], workspace: WorkspaceId) -> bool {
    let id = workspace.to_string();
    all.iter().any(|membership| membership.workspace_id == id && membership.role == "owner")
}
