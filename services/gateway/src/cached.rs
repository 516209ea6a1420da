//! Was the same asked before, and may the answer be given again?

use crate::{Error, fallback, run::Run, settlement::Settlement};
use bytes::Bytes;
use proto::{gateway::Head, usage::AdmitRequest};
use std::sync::Arc;

/// As answers are marked.
pub(crate) const HIT: &str = "hit";
pub(crate) const MISS: &str = "miss";

/// The kept answer to the request of `run`, if there is one. It is admitted and has its row like every answer, counts as a
/// request, and uses and costs nothing. Errors: the refusal of its admission.
pub(crate) async fn answer(run: &Arc<Run>) -> Result<Option<(Head, Bytes)>, Error> {
    let Some((index, kept)) = run.kept() else { return Ok(None) };
    let request = AdmitRequest {
        estimated_tokens: 0,
        estimated_input_tokens: 0,
        max_output_tokens: 0,
        free: true,
        stop_when_spent: false,
        ..run.admission(index, 1)
    };
    let admitted = Settlement::admit(&run.ticket, &run.candidates[index].provider, request).await;
    let (settlement, limits) = admitted.map_err(|status| fallback::refused(run, None, status.into()))?;
    run.trying(index, 1, limits);
    let head = Head { cache: HIT.to_owned(), ..run.head(200, &kept.content_type, None) };
    settlement.cached();
    run.keep_claimed(&kept.content_type, kept.body.clone()).await;
    Ok(Some((head, kept.body.clone())))
}
