//! Gives a webhook another secret; the one before signs as well for a while, so that its receiver can change over.

use super::{row, secret::Secret};
use crate::{
    Workspace,
    audit::{append, record::Record},
    credential::seal,
    error::Error,
    problems::Problems,
};
use chrono::TimeDelta;
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{RotateWebhookSecretRequest, RotateWebhookSecretResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};

/// For how long the secret before signs as well, where nobody says it, and at most.
const USUAL: TimeDelta = TimeDelta::days(1);
const MOST: TimeDelta = TimeDelta::days(7);

/// Errors: `NOT_FOUND`, `REFUSED_VALUE`, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn rotate(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: RotateWebhookSecretRequest,
) -> Result<RotateWebhookSecretResponse, Error> {
    let asked = replay::Request::of(call, "RotateWebhookSecret", Some(id), &request);
    let (webhook, now, sealer) = (row::id(&request.webhook_id)?, service.clock.now(), service.master.sealer());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(RotateWebhookSecretResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let grace = grace(request.grace_seconds)?;
    append::hold(service, &mut tx).await?;
    let mut row = row::lock(&mut tx, webhook).await?;
    let secret = Secret::generate();
    let sealed = secret.seal(&seal::sealer(service, &mut tx).await?, id, webhook);
    row.before_until = (grace > TimeDelta::zero()).then(|| now + grace);
    row.updated_at = now;
    let values = [id.into(), webhook.into(), sealed.into(), row.before_until.into(), now.into()];
    tx.execute(sql!("webhook/rotate"), &values).await?;
    let payload = json!({ "grace_seconds": grace.num_seconds() });
    let event = Record { kind: "webhook.secret_rotated", subject: webhook.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let answer =
        RotateWebhookSecretResponse { webhook: Some(row.to_proto(now)), secret: secret.text(), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

fn grace(seconds: Option<i64>) -> Result<TimeDelta, Error> {
    let Some(seconds) = seconds else { return Ok(USUAL) };
    if (0..=MOST.num_seconds()).contains(&seconds) {
        return Ok(TimeDelta::seconds(seconds));
    }
    let mut problems = Problems::default();
    problems.refused("grace_seconds", format!("must be from 0 to {}", MOST.num_seconds()));
    Err(Error::Refused(problems.into()))
}
