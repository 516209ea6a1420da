//! Erases somebody who has asked for it. Any number of processes may do so at once, and again.

use crate::{
    Error, Parts,
    operators::{self, Act},
    session::end,
    user::User,
};
use proto::{
    Call, Failure, Reason,
    id::{EventId, KeyId, UserId, WorkspaceId},
    workspace::DepartPersonRequest,
};
use serde_json::json;
use store::{GlobalTx, Sql, SystemTx, Tx, erase, outbox::Event, replay, sql};

const REASON: &str = "erased";
/// So often the transaction is tried while others are in its way: whoever opens a link locks it before its person.
const TRIES: u32 = 3;

/// What is found by the id of the person, and by their address beside it. Users are last: others refer to them.
const BY_ID: [Sql; 14] = [
    sql!("totp/remove"),
    sql!("recovery_code/remove"),
    sql!("user_identity/delete_all"),
    sql!("sso_identity/delete_of_person"),
    sql!("provisioning/done"),
    sql!("platform_role/revoke"),
    sql!("passkey/delete_all"),
    sql!("erasure/challenges"),
    sql!("erasure/sessions"),
    sql!("erasure/consents"),
    sql!("erasure/reasons"),
    sql!("directory/erase"),
    sql!("erasure/user"),
    sql!("erasure/forget"),
];
const BY_ADDRESS: [Sql; 2] = [sql!("erasure/mails"), sql!("erasure/tokens")];

store::row! {
    struct Ended {
        id: KeyId,
        workspace_id: WorkspaceId,
        prefix: String,
    }
}

/// First they leave their workspaces, which may refuse; then everything here goes in one transaction. Errors: those that
/// [`stays`] knows; a service is away.
pub(super) async fn finish(parts: &Parts, call: &Call, id: UserId) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let user: Option<User> = tx.fetch_optional(sql!("user/by_id"), &[id.into()]).await?;
    tx.commit().await?;
    let Some(user) = user else { return forget(parts, id).await };
    let request = DepartPersonRequest { user_id: id.to_string(), email: user.email };
    if let Err(status) = parts.workspaces.depart_person(call, request).await {
        let failure = Failure::from(&status);
        let is_theirs = failure.reason == Reason::LastOwner;
        return Err(if is_theirs { Error::Input(failure) } else { Error::Workspaces(failure) });
    }
    let mut tries = 1;
    loop {
        match gone(parts, call, id).await {
            Err(Error::Store(store::Error::Busy { .. })) if tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

/// Whether somebody who asked stays for a reason of theirs. With any other error something may be gone already, and a later round
/// goes on.
pub(super) fn stays(error: &Error) -> bool {
    match error {
        Error::Operates => true,
        Error::Input(failure) => failure.reason == Reason::LastOwner,
        _ => false,
    }
}

async fn gone(parts: &Parts, call: &Call, id: UserId) -> Result<(), Error> {
    let mut tx = SystemTx::begin(&parts.db, "erase a person").await?;
    // As they are now: the address may be another one since. Of two at once the second finds nobody.
    let here: Option<(UserId,)> = tx.fetch_optional(sql!(pair "erasure/take"), &[id.into()]).await?;
    if here.is_some() {
        let user: User = tx.fetch_one(sql!("user/by_id"), &[id.into()]).await?;
        if user.platform_role.is_some() {
            return Err(Error::Operates);
        }
        erase(&mut tx, parts, call, &user).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// They are not to be erased any more: they are, or they stay.
pub(super) async fn forget(parts: &Parts, id: UserId) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(sql!("erasure/forget"), &[id.into()]).await?;
    Ok(tx.commit().await?)
}

async fn erase(tx: &mut SystemTx, parts: &Parts, call: &Call, user: &User) -> Result<(), Error> {
    let (id, actor) = (user.id, user.id.to_string());
    end::end_others(tx, parts, call, id, None, REASON).await?;
    keys(tx, parts, call, id).await?;
    for sql in BY_ADDRESS {
        tx.execute(sql, &[id.into(), user.email.as_str().into()]).await?;
    }
    tx.execute(sql!("sign_up/forget"), &[user.email.as_str().into()]).await?;
    replay::forget(tx, &actor).await?;
    for sql in BY_ID {
        tx.execute(sql, &[id.into()]).await?;
    }
    erase::person(tx, &actor).await?;
    // The trail of the platform says that it was done; the event of it tells the others.
    let act = Act { action: "user.erased", subject: actor.clone(), actor: &actor, facts: json!({}) };
    operators::record(tx, &parts.clock, &parts.ids, act).await
}

/// Their keys end, in whichever workspace. Those of service accounts are nobody's, and stay.
async fn keys(tx: &mut Tx, parts: &Parts, call: &Call, id: UserId) -> Result<(), Error> {
    let now = parts.clock.now();
    let values = [id.into(), now.into()];
    let ended: Vec<Ended> = tx.fetch_all(sql!("erasure/keys_ended"), &values).await?;
    for Ended { id: key, workspace_id, prefix } in ended {
        tx.emit(&Event {
            workspace: Some(workspace_id),
            actor: id.to_string(),
            payload: json!({ "prefix": prefix, "reason": REASON }),
            ..Event::of(call, EventId::from_uuid(parts.ids.uuid()), now, "api_key.revoked", key)
        });
    }
    tx.execute(sql!("erasure/keys_taken"), &values).await?;
    Ok(())
}
