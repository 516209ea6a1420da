//! An operator begins to act for somebody. Answers `StartImpersonation`.

use super::{Impersonation, LONGEST, live};
use crate::{
    Error, Parts, event,
    input::Problems,
    letter::{Kind, queue},
    mfa,
    session::{self, Session},
    token::{
        refresh_token::Secret,
        sign::{self, Subject},
    },
    user::{User, memberships},
};
use chrono::{DateTime, TimeDelta};
use proto::{
    Call,
    id::{SessionId, UserId},
    identity as pb,
};
use serde_json::json;
use store::{GlobalTx, Tx};

/// A reason that says something, and that people read to its end.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// What is asked for.
struct Asked {
    user: UserId,
    reason: String,
    lasts: TimeDelta,
}

/// Errors: [`Error::NotOperator`], [`Error::StepUpRequired`], [`Error::ImpersonatesSelf`], [`Error::ImpersonatesStaff`],
/// [`Error::NotFound`], and what is wrong with the input.
pub(crate) async fn start(
    parts: &Parts,
    call: &Call,
    request: pb::StartImpersonationRequest,
) -> Result<pb::StartImpersonationResponse, Error> {
    let (operator, own_session) = call.user().map_err(Error::caller)?;
    // The role before the input: who may not do this learns nothing about it.
    let at_work = session::find(parts, own_session).await?.ok_or(Error::SessionEnded)?;
    at_work.check(parts)?;
    if at_work.user_id != operator || !live::operates(parts, &at_work) {
        return Err(Error::NotOperator);
    }
    // Also where operators need none for anything else: a password alone opens nobody else's account.
    mfa::shown_just_now(parts, &at_work)?;
    let asked = Asked::read(&request)?;
    if asked.user == operator {
        return Err(Error::ImpersonatesSelf);
    }
    let user = person(parts, asked.user).await?;
    let workspace = workspace(parts, call, &user, &request.workspace_id).await?;
    let now = parts.clock.now();
    let one = Impersonation {
        id: SessionId::from_uuid(parts.ids.uuid()),
        operator_id: operator,
        operator_session_id: own_session,
        user_id: user.id,
        workspace_id: workspace.as_ref().and_then(|w| w.workspace_id.parse().ok()),
        reason: asked.reason,
        may_write: request.write,
        created_at: now,
        expires_at: now + asked.lasts,
        ended_at: None,
        end_reason: None,
    };
    let secret = Secret::generate();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    write(&mut tx, parts, call, &one, &secret, &user).await?;
    tx.commit().await?;
    tracing::info!(operator_id = %operator, user_id = %user.id, write = one.may_write, "an operator acts for somebody");
    let session = Session { id: one.id, secret, generation: 1, has_mfa: false };
    let acting = Some((operator, one.expires_at));
    let subject = Subject { user: &user, session: &session, workspace: workspace.as_ref(), acting };
    let access_token = sign::sign(parts, &subject).await?;
    Ok(pb::StartImpersonationResponse { impersonation: Some(one.to_proto()), access_token })
}

impl Asked {
    fn read(request: &pb::StartImpersonationRequest) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let reason = problems.text("reason", &request.reason, *REASON.end());
        if !reason.is_empty() && reason.chars().count() < *REASON.start() {
            problems.refused("reason", format!("must say why in at least {} characters", REASON.start()));
        }
        let most = LONGEST.num_minutes();
        let minutes = request.minutes.map_or(most, i64::from);
        if !(1..=most).contains(&minutes) {
            problems.refused("minutes", format!("must be from 1 to {most}"));
        }
        if request.user_id.is_empty() {
            problems.missing("user_id", "is required");
        }
        problems.none()?;
        let user = request.user_id.parse().map_err(|_| Error::NotFound("account"))?;
        Ok(Self { user, reason, lasts: TimeDelta::minutes(minutes) })
    }
}

/// For whom. Errors: [`Error::NotFound`] also for an account to which nobody can log in, [`Error::ImpersonatesStaff`].
async fn person(parts: &Parts, id: UserId) -> Result<User, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found: Option<User> = tx.fetch_optional(store::sql!("user/by_id"), &[id.into()]).await?;
    tx.commit().await?;
    let user = found.filter(|user| user.disabled_at.is_none()).ok_or(Error::NotFound("account"))?;
    // Also a role that this release has no name for.
    if user.platform_role.is_some() {
        return Err(Error::ImpersonatesStaff);
    }
    Ok(user)
}

/// Where: in one that is asked for, or in the one where the person would log in. Errors: [`Error::NotFound`].
async fn workspace(parts: &Parts, call: &Call, user: &User, asked: &str) -> Result<Option<pb::Membership>, Error> {
    let all = memberships::of(parts, call, user.id).await?;
    if asked.is_empty() {
        return Ok(memberships::choose(&all, None));
    }
    let found = all.into_iter().find(|m| m.workspace_id == asked);
    found.map(Some).ok_or(Error::NotFound("workspace of that person"))
}

/// The session, of which nothing tells from where the operator came; who opened it; and everybody who has to hear of it.
async fn write(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    one: &Impersonation,
    secret: &Secret,
    user: &User,
) -> Result<(), Error> {
    let values = [
        one.id.into(),
        user.id.into(),
        one.workspace_id.into(),
        secret.seal(&parts.sealer, one.id).into(),
        one.created_at.into(),
        one.expires_at.into(),
        DateTime::UNIX_EPOCH.into(),
    ];
    tx.execute(store::sql!("impersonation/open_session"), &values).await?;
    let values = [
        one.id.into(),
        one.operator_id.into(),
        one.operator_session_id.into(),
        one.user_id.into(),
        one.workspace_id.into(),
        one.reason.as_str().into(),
        one.may_write.into(),
        one.created_at.into(),
        one.expires_at.into(),
    ];
    tx.execute(store::sql!("impersonation/insert"), &values).await?;
    event::of_impersonation(tx, parts, call, "impersonation.started", one).await?;
    if parts.config.impersonation_letters {
        let until = one.expires_at.format("%Y-%m-%d %H:%M UTC").to_string();
        let facts = json!({ "reason": one.reason, "until": until, "write": one.may_write });
        let about = queue::About { user: Some(user.id), facts, ..queue::About::default() };
        queue::notice_of(tx, parts, Kind::Impersonated, &user.email, about).await?;
    }
    Ok(())
}
