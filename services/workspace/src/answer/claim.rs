//! Takes the place for an answer, or finds the answer.

use super::place::Place;
use crate::{Workspace, credential::seal, error::Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::workspace::{ClaimAnswerRequest, ClaimAnswerResponse};
use store::{WorkspaceTx, sql};

/// No request takes longer.
const LONGEST_LEASE_MS: i64 = 2 * 3_600_000;

store::row! {
    struct AnswerRow {
        done: bool,
        sealed: Vec<u8>,
        until: DateTime<Utc>,
    }
}

/// Errors: `IDEMPOTENCY_MISMATCH`, `CONFLICT` while the first request is under way.
pub(crate) async fn claim(service: &Workspace, request: ClaimAnswerRequest) -> Result<ClaimAnswerResponse, Error> {
    let place = Place::read(request.place)?;
    let mut tx = WorkspaceTx::begin(&service.db, place.workspace).await?;
    let sealer = seal::sealer(service, &mut tx).await?;
    let now = service.clock.now();
    let until = now + TimeDelta::milliseconds(request.lease_ms.clamp(1, LONGEST_LEASE_MS));
    let mut values = place.held().to_vec();
    values.extend([place.seal(&sealer, &[]).into(), until.into(), now.into()]);
    if tx.execute(sql!("answer/claim"), &values).await? > 0 {
        tx.commit().await?;
        return Ok(ClaimAnswerResponse { answer: None });
    }
    let row: Option<AnswerRow> = tx.fetch_optional(sql!("answer/find"), &place.key()).await?;
    // It was given back in this moment: whoever asks again has it.
    let Some(row) = row else { return Err(Error::UnderWay(TimeDelta::seconds(1))) };
    let answer = place.open(&sealer, &row.sealed)?;
    if !row.done {
        return Err(Error::UnderWay((row.until - now).clamp(TimeDelta::seconds(1), TimeDelta::seconds(5))));
    }
    Ok(ClaimAnswerResponse { answer: Some(answer.into()) })
}
