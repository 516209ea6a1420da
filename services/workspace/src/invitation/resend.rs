//! Writes to somebody again. The link of the letter before works no more, and the time begins anew.

use super::{absent, find, life, may_write, parse, token};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{
        self, rank,
        seats::{self, Counted},
    },
    role,
};
use chrono::TimeDelta;
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{ResendInvitationRequest, ResendInvitationResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// The same address is not written to more often.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Nor more often than this for one invitation.
const MOST: i64 = 10;

/// Errors: `NOT_FOUND`, `PERMISSION_DENIED` for a role that may do more than the caller, `RATE_LIMITED`,
/// `MAIL_NOT_CONFIGURED`, `QUOTA_EXCEEDED` where it had expired and there is no room any more.
pub(crate) async fn resend(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: ResendInvitationRequest,
) -> Result<ResendInvitationResponse, Error> {
    let (invitation, now) = (parse(&request.invitation_id)?, service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let found = find(&mut tx, invitation).await?;
    // One that nobody knows may do nothing.
    rank::covers(call, &role::named(&mut tx, &found.role).await?.unwrap_or_default())?;
    may_write(service, &mut tx, now).await?;
    if found.generation >= MOST {
        let why = "this invitation was sent ten times: withdraw it, and invite the address again";
        return Err(Error::TooManyLetters(why, std::time::Duration::from_secs(3600)));
    }
    let wait = found.asked_at + PAUSE - now;
    if wait > TimeDelta::zero() {
        let why = "the address was written to less than a minute ago";
        return Err(Error::TooManyLetters(why, wait.to_std().unwrap_or_default()));
    }
    if found.expires_at <= now {
        // It took no seat any more, and takes one again.
        seats::room(service, &mut tx, Counted::Invited).await?;
    }
    let next = found.generation + 1;
    let values = [
        id.into(),
        invitation.into(),
        found.generation.into(),
        next.into(),
        token::hash(&token::of(service, invitation, next)).into(),
        now.into(),
        (now + life(service)).into(),
    ];
    if tx.execute(sql!("invitation/renew"), &values).await? == 0 {
        // Accepted, withdrawn or sent again since we looked.
        return Err(absent());
    }
    let payload = json!({ "role": found.role });
    Record { kind: "invitation.resent", subject: invitation.to_string(), payload }
        .emit(service, &mut tx, call, &call.actor())
        .await?;
    let renewed = find(&mut tx, invitation).await?.to_proto(now);
    tx.commit().await?;
    Ok(ResendInvitationResponse { invitation: Some(renewed) })
}
