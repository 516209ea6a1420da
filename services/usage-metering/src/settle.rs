//! What did this attempt really use?

use crate::{
    Error,
    event::Settled,
    fold::{Folded, Late},
    grant::GrantKey,
    limit::{self, Limit},
    open::OpenGrant,
    row::bounded,
    service::Inner,
    tokens,
    units::{self, Used},
};
use fail::fail_point;
use proto::usage::{Guarded, Outcome, RequestEnd, SettleRequest, SettleResponse, Units};

/// Of reasons.
const MAX_CODE: usize = 128;
/// How many fields of a request are named that were not sent.
const MAX_DROPPED: usize = 64;
/// How many findings of guardrails are kept: each rule in two directions.
const MAX_GUARDED: usize = 128;
/// Of messages that people read.
const MAX_MESSAGE: usize = 2048;
/// Of explanations.
const MAX_EXPLANATION: usize = 32 * 1024;
/// More than any attempt uses, and sums of it and of what it costs stay far from overflowing.
const MAX_TOKENS: i64 = 10_000_000_000;

impl Inner {
    /// Gives back what was reserved, makes the settlement durable, answers.
    /// Errors: `SETTLE_UNKNOWN`, `EVENT_CONFLICT` when it was settled with other numbers, `SERVICE_UNAVAILABLE` (then it may be sent again), `INVALID_ARGUMENT`.
    pub async fn settle(&self, request: SettleRequest) -> Result<SettleResponse, Error> {
        let key = GrantKey::parse(&request.workspace_id, &request.grant_id)?;
        let now = self.clock.now().timestamp_micros();
        let settled = read(key, request, now)?;
        let used = settled.used();
        let folded = match self.open.take(&key) {
            Some(grant) => self.settle_held(key, grant, settled).await,
            None => self.ledger.settle(settled, false).await,
        };
        fail_point!("usage::settle::durable");
        let (label, answer) = match folded {
            Ok(Folded::Settled { grant }) => {
                // Admitted by another process: what it had reserved is in the row.
                if let Some(grant) = grant {
                    let limits = limit::from_text(&grant.reserved);
                    let spent = self.price(&grant).spent(&limits, &used);
                    self.counters.release(&key, &limits, Some(&spent), now / 1000).await;
                }
                ("settled", Ok(SettleResponse { already_settled: false }))
            }
            Ok(Folded::Corrected { late }) => {
                self.amend(&key, &late, &used).await;
                ("corrected", Ok(SettleResponse { already_settled: false }))
            }
            Ok(Folded::AlreadySettled | Folded::Admitted) => ("repeated", Ok(SettleResponse { already_settled: true })),
            Ok(Folded::Conflict) => ("conflict", Err(Error::SettledOtherwise)),
            Ok(Folded::Unknown) => ("unknown", Err(Error::UnknownGrant)),
            Err(error) => ("failed", Err(error)),
        };
        self.metrics.settlements.with_label_values(&[label]).inc();
        answer
    }

    /// Tells quotas what a grant that was swept really used.
    async fn amend(&self, key: &GrantKey, late: &Late, used: &Used) {
        let price = self.price_of_late(key.workspace, late);
        let (before, after) = (price.spent(&late.quotas, &late.guessed), price.spent(&late.quotas, used));
        let by = |limit: &Limit| limit.correction(Some(&after)) - limit.correction(Some(&before));
        let by: Vec<_> = late.quotas.iter().map(by).collect();
        self.counters.amend(key, &late.quotas, &by).await;
    }

    /// Settles a grant that this process admitted.
    async fn settle_held(&self, key: GrantKey, grant: OpenGrant, settled: Box<Settled>) -> Result<Folded, Error> {
        let spent = grant.price.spent(&grant.limits, &settled.used());
        self.counters.release(&key, &grant.limits, Some(&spent), settled.settled_at / 1000).await;
        fail_point!("usage::settle::released");
        match self.ledger.settle(settled, true).await {
            Ok(Folded::Settled { .. }) => Ok(Folded::Settled { grant: None }),
            Err(error) => {
                // It stays open until the holder's next try, here with nothing left to give back. In Redis giving back is
                // repeatable, and necessary if its data was lost and restored meanwhile.
                let limits = if self.counters.is_shared() { grant.limits } else { vec![] };
                self.open.insert(key, OpenGrant { limits, ..grant });
                Err(error)
            }
            other => other,
        }
    }
}

/// Errors: `INVALID_ARGUMENT`.
fn read(key: GrantKey, request: SettleRequest, now: i64) -> Result<Box<Settled>, Error> {
    if request.outcome() == Outcome::Unspecified {
        return Err(Error::invalid("outcome", "must be given"));
    }
    let tokens = request.tokens.unwrap_or_default();
    if !tokens::buckets(&tokens).iter().all(|tokens| (0..=MAX_TOKENS).contains(tokens)) {
        return Err(Error::invalid("tokens", "must be from 0 to 10,000,000,000 in each bucket"));
    }
    let units = request.units.filter(|units| *units != Units::default());
    if !units.iter().all(units::are_possible) {
        return Err(Error::invalid(
            "units",
            "must be from 0 to 10,000,000,000 each, and a class of pictures a short word",
        ));
    }
    Ok(Box::new(Settled {
        workspace: key.workspace.into(),
        request: key.request.into(),
        attempt: key.attempt,
        outcome: request.outcome,
        tokens,
        estimated: request.estimated,
        provider_status: request.provider_status,
        duration_ms: request.duration_ms,
        ttft_ms: request.ttft_ms,
        error_code: bounded(request.error_code, MAX_CODE),
        end: request.request_end.map(end),
        settled_at: now,
        units,
    }))
}

/// The end of a request with texts that fit the log.
pub(crate) fn end(end: RequestEnd) -> RequestEnd {
    RequestEnd {
        error_code: bounded(end.error_code, MAX_CODE),
        error_message: bounded(end.error_message, MAX_MESSAGE),
        dropped: end.dropped.into_iter().take(MAX_DROPPED).map(|name| bounded(name, MAX_CODE)).collect(),
        guardrails: end.guardrails.into_iter().take(MAX_GUARDED).filter(is_named).collect(),
        // Part of a JSON object is none.
        explanation_json: if end.explanation_json.len() <= MAX_EXPLANATION {
            end.explanation_json
        } else {
            String::new()
        },
        ..end
    }
}

/// Whether its words can stand in one column with others.
fn is_named(guarded: &Guarded) -> bool {
    let is_word = |text: &String| !text.is_empty() && text.len() <= MAX_CODE && !text.contains([' ', ',']);
    [&guarded.name, &guarded.stage, &guarded.action].into_iter().all(is_word)
}
