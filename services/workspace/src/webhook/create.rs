//! Adds a webhook. Its secret leaves here once.

use super::{catalogue, row, secret::Secret, validate};
use crate::{
    Workspace,
    audit::{append, record::Record},
    credential::seal,
    error::Error,
    problems::Problems,
};
use egress::Purpose;
use proto::{
    Call,
    id::{WebhookId, WorkspaceId},
    workspace::{CreateWebhookRequest, CreateWebhookResponse},
};
use serde_json::json;
use store::{
    WorkspaceTx,
    replay::{self, Claim},
    sql,
};
use url::Url;

/// Adds it. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, `EGRESS_REFUSED`, `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn create(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: CreateWebhookRequest,
) -> Result<CreateWebhookResponse, Error> {
    let asked = replay::Request::of(call, "CreateWebhook", Some(id), &request);
    let (sealer, now) = (service.master.sealer(), service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // First of all: what was right when it was asked is not judged again.
    let place = match replay::claim(&mut tx, &sealer, asked, now).await? {
        Claim::Kept(answer) => return Ok(CreateWebhookResponse { replayed: true, ..answer }),
        Claim::New(place) => place,
    };
    let new = checked(service, request)?;
    // One at a time: two that count at once would both find room for the last one.
    append::hold(service, &mut tx).await?;
    let (count,): (i64,) = tx.fetch_one(sql!("webhook/count"), &[id.into()]).await?;
    if count >= i64::from(service.config.max_webhooks) {
        return Err(Error::TooManyWebhooks(service.config.max_webhooks));
    }
    let (webhook, secret) = (WebhookId::from_uuid(service.ids.uuid()), Secret::generate());
    let sealed = secret.seal(&seal::sealer(service, &mut tx).await?, id, webhook);
    let values = [
        webhook.into(),
        id.into(),
        new.url.as_str().into(),
        new.description.as_str().into(),
        json!(new.event_types).to_string().into(),
        true.into(),
        sealed.into(),
        now.into(),
    ];
    tx.execute(sql!("webhook/insert"), &values).await?;
    let payload = json!({ "url": shown(&new.url), "event_types": new.event_types });
    let event = Record { kind: "webhook.created", subject: webhook.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let made = row::find(&mut tx, webhook).await?.to_proto(now);
    let answer = CreateWebhookResponse { webhook: Some(made), secret: secret.text(), replayed: false };
    place.keep(&mut tx, &sealer, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A request that has been read.
struct New {
    url: Url,
    description: String,
    event_types: Vec<String>,
}

fn checked(service: &Workspace, request: CreateWebhookRequest) -> Result<New, Error> {
    let mut problems = Problems::default();
    let url = if request.url.is_empty() {
        problems.malformed("url", "is required");
        None
    } else {
        problems.check("url", validate::url(&request.url))
    };
    let types = request.event_types;
    let types = if types.is_empty() { vec![catalogue::ALL.to_owned()] } else { types };
    let event_types = problems.check("event_types", validate::event_types(types));
    let description = problems.check("description", validate::description(&request.description));
    let Some(url) = url else { return Err(Error::Refused(problems.into())) };
    problems.finish()?;
    may_be_called(service, &url)?;
    Ok(New { url, description, event_types })
}

/// Errors: `EGRESS_REFUSED`. Where a name leads is asked again, and judged, whenever a connection is opened.
pub(super) fn may_be_called(service: &Workspace, url: &Url) -> Result<(), Error> {
    service.guard.check_url(url, Purpose::Webhook).map_err(Error::WebhookAddress)
}

/// An address without what may be a secret: query, and the path, in which some services put one.
pub(super) fn shown(url: &Url) -> String {
    url.origin().ascii_serialization()
}
