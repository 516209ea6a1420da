//! One try to hand an event to its receiver.

use super::{schedule, secret::Secret, work::Turn};
use crate::{Workspace, credential::seal, error::Error};
use chrono::{DateTime, TimeDelta, Utc};
use egress::{Body, Deadlines};
use http::{HeaderMap, Request, Response, StatusCode, header};
use proto::id::{DeliveryId, EventId};
use std::time::{Duration, Instant};
use store::{WorkspaceTx, sql};

/// Whoever does not answer until then has failed.
const WITHIN: Duration = Duration::from_secs(15);
const DEADLINES: Deadlines = Deadlines { connect: WITHIN, first_byte: WITHIN, total: Some(WITHIN) };
/// How much of an answer is kept for its owners to see.
const KEPT: usize = 1024;
const USER_AGENT: &str = "Perpetuo-Webhooks/1";

store::row! {
    /// What is due, and what it is signed with. `Debug` is left out: it carries sealed secrets.
    pub(super) struct Due {
        pub(super) delivery_id: DeliveryId,
        event_id: EventId,
        body: String,
        pub(super) attempts: i64,
        url: String,
        sealed_secret: Vec<u8>,
        sealed_before: Option<Vec<u8>>,
        before_until: Option<DateTime<Utc>>,
    }
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) at: DateTime<Utc>,
    pub(super) status: Option<StatusCode>,
    /// One sentence; empty for one that succeeded.
    pub(super) error: String,
    pub(super) duration: Duration,
    pub(super) answer: String,
    /// For how long the receiver asks to be left in peace.
    pub(super) wish: Option<TimeDelta>,
}

impl Outcome {
    pub(super) const fn is_success(&self) -> bool {
        self.error.is_empty()
    }

    /// Nobody is to be sent anything there any more.
    pub(super) fn is_gone(&self) -> bool {
        self.status == Some(StatusCode::GONE)
    }
}

/// The delivery that is due for longest at the webhook whose turn it is, ready to be sent. None: nothing is, it is disabled, or its turn
/// was over and another process has it. Errors: of the database; the secret does not open.
pub(super) async fn next(service: &Workspace, turn: &Turn) -> Result<Option<(Due, Request<bytes::Bytes>)>, Error> {
    let (now, workspace, webhook) = (service.clock.now(), turn.workspace_id, turn.webhook_id);
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let values = [workspace.into(), webhook.into(), now.into(), turn.claimed_until.into()];
    let due: Option<Due> = tx.fetch_optional(sql!("delivery/next"), &values).await?;
    let Some(due) = due else { return Ok(None) };
    let sealer = seal::sealer(service, &mut tx).await?;
    let mut secrets = vec![Secret::open(&sealer, workspace, webhook, &due.sealed_secret)?];
    if let Some(before) = due.sealed_before.as_ref().filter(|_| due.before_until.is_some_and(|until| until > now)) {
        secrets.push(Secret::open(&sealer, workspace, webhook, before)?);
    }
    let (id, timestamp) = (due.event_id.to_string(), now.timestamp());
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(&id, timestamp, &due.body)).collect();
    let request = Request::post(&due.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures.join(" "))
        .body(bytes::Bytes::from(due.body.clone()));
    match request {
        Ok(request) => Ok(Some((due, request))),
        // Checked when it was stored.
        Err(_) => Err(Error::WebhookAddress(egress::Refused::NoHost)),
    }
}

/// Sends it once. Redirects are not followed: who moves says so to us, not to a request that carries what is theirs.
pub(super) async fn send(service: &Workspace, request: Request<bytes::Bytes>) -> Outcome {
    let (at, began) = (service.clock.now(), Instant::now());
    let sent = service.receivers.send(request, &DEADLINES).await;
    let outcome = match sent {
        Ok(response) => judge(response, at).await,
        Err(error) => failed(at, error.to_string()),
    };
    Outcome { duration: began.elapsed(), ..outcome }
}

async fn judge(response: Response<Body>, at: DateTime<Utc>) -> Outcome {
    let status = response.status();
    let wish = wish(status, response.headers(), at);
    let answer = beginning(response.into_body()).await;
    let error = match status {
        status if status.is_success() => String::new(),
        StatusCode::GONE => "the receiver answered 410: it wants nothing any more".to_owned(),
        status if status.is_redirection() => {
            format!("the receiver answered {}: redirects are not followed, change the URL", status.as_u16())
        }
        status => format!("the receiver answered {}, and not with a status from 200 to 299", status.as_u16()),
    };
    Outcome { status: Some(status), error, answer, wish, ..failed(at, String::new()) }
}

fn wish(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let heeded = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let said = headers.get(header::RETRY_AFTER).filter(|_| heeded)?;
    schedule::wish(said.to_str().ok()?, now)
}

/// As much of an answer as is kept. The status has decided already: one that is cut off is what came of it.
async fn beginning(mut body: Body) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(piece)) = body.next_within(WITHIN).await {
        bytes.extend_from_slice(&piece[..piece.len().min(KEPT - bytes.len())]);
        if bytes.len() == KEPT {
            break;
        }
    }
    // PostgreSQL takes no NUL, and what was cut in the middle of a character is left out.
    let text = String::from_utf8_lossy(&bytes);
    text.trim_end_matches('\u{fffd}').replace('\0', "")
}

const fn failed(at: DateTime<Utc>, error: String) -> Outcome {
    Outcome { at, status: None, error, duration: Duration::ZERO, answer: String::new(), wish: None }
}
