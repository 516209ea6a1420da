//! Invites somebody.

use super::{Invitation, find, life, may_write, token};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{
        self, rank,
        seats::{self, Counted},
    },
    problems::Problems,
    role::{self, Given},
    workspace::{get, validate},
};
use mail::address;
use proto::{
    Call,
    id::{InvitationId, WorkspaceId},
    workspace::{CreateInvitationRequest, CreateInvitationResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};

/// What the request asks for, read.
struct Draft {
    email: String,
    role: Given,
    locale: Option<String>,
}

/// The letter is queued with it. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `PERMISSION_DENIED`, `CONFLICT`,
/// `QUOTA_EXCEEDED` where the plan allows no more members, `RATE_LIMITED`, `MAIL_NOT_CONFIGURED`, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: CreateInvitationRequest,
) -> Result<CreateInvitationResponse, Error> {
    let asked = replay::Request::of(call, "CreateInvitation", Some(id), &request);
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateInvitationResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    // Of many at once no more are invited than may come, and the role that they are to have stays.
    member::lock(&mut tx).await?;
    let role = role::named(&mut tx, &request.role).await?;
    let draft = read(&request, role)?;
    rank::covers(call, &draft.role)?;
    may_write(service, &mut tx, now).await?;
    let invitation = insert(service, &mut tx, call, draft).await?;
    let payload = json!({ "role": invitation.role });
    let subject = invitation.invitation_id.to_string();
    Record { kind: "invitation.created", subject, payload }.emit(service, &mut tx, call, &call.actor()).await?;
    let answer = CreateInvitationResponse { invitation: Some(invitation.to_proto(now)), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn read(request: &CreateInvitationRequest, role: Option<Given>) -> Result<Draft, Error> {
    let mut problems = Problems::default();
    let email = address::normal(&request.email);
    if email.is_empty() {
        problems.malformed("email", "is required");
    } else if let Err(problem) = address::check(&email) {
        problems.refused("email", problem);
    }
    let role = role::among(&mut problems, &request.role, role);
    let locale = match request.locale.as_str() {
        "" => None,
        given => Some(problems.check("locale", validate::locale(given))),
    };
    problems.finish()?;
    Ok(Draft { email, role, locale })
}

async fn insert(service: &Workspace, tx: &mut WorkspaceTx, call: &Call, draft: Draft) -> Result<Invitation, Error> {
    let Draft { email, role, locale } = draft;
    let (id, now) = (tx.workspace(), service.clock.now());
    let here: Option<(String,)> =
        tx.fetch_optional(sql!("member/of_address"), &[id.into(), email.as_str().into()]).await?;
    if here.is_some() {
        return Err(Error::InvitedBefore("is the address of a member of this workspace"));
    }
    let locale = match locale {
        Some(locale) => locale,
        None => get::read(tx, id, None).await?.locale,
    };
    tx.execute(sql!("invitation/revoke_expired"), &[id.into(), email.as_str().into(), now.into()]).await?;
    seats::room(service, tx, Counted::Invited).await?;
    let invitation = InvitationId::from_uuid(service.ids.uuid());
    let values = [
        invitation.into(),
        id.into(),
        email.into(),
        role.name.into(),
        locale.into(),
        call.actor().into(),
        now.into(),
        (now + life(service)).into(),
        token::hash(&token::of(service, invitation, 1)).into(),
    ];
    if tx.execute(sql!("invitation/insert"), &values).await? == 0 {
        return Err(Error::InvitedBefore("is invited already: send that invitation again, or withdraw it"));
    }
    find(tx, invitation).await
}
