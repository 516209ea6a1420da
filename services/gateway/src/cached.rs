//! Was the same asked before, or something that means the same, and may the answer be given again?

use crate::{
    Error,
    answers::{
        Kept,
        similar::{self, compact},
    },
    aside::{self, Source},
    fallback, guard,
    run::{Run, Similar},
    settlement::Settlement,
};
use bytes::Bytes;
use proto::{
    Failure,
    gateway::{CompleteRequest, Head, Operation},
    usage::AdmitRequest,
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// As answers are marked: of the same request, of one that means the same, and others.
pub(crate) const HIT: &str = "hit";
pub(crate) const SIMILAR: &str = "similar";
pub(crate) const MISS: &str = "miss";
/// How long an embedding may take. Later it would save nobody time.
const EMBEDDING: Duration = Duration::from_secs(2);

/// The kept answer to the request of `run`, if there is one. It is admitted and has its row like every answer, counts as a
/// request, and uses and costs nothing. Errors: the refusal of its admission; a guardrail that does not let it pass.
pub(crate) async fn answer(run: &Arc<Run>) -> Result<Option<(Head, Bytes)>, Error> {
    let Some((index, kept, how)) = find(run).await else { return Ok(None) };
    let request = AdmitRequest {
        estimated_tokens: 0,
        estimated_input_tokens: 0,
        max_output_tokens: 0,
        free: true,
        stop_when_spent: false,
        units: None,
        ..run.admission(index, 1)
    };
    let admitted = Settlement::admit(&run.ticket, &run.candidates[index].provider, request).await;
    let (settlement, limits) = admitted.map_err(|status| fallback::refused(run, None, status.into()))?;
    run.trying(index, 1, limits);
    // It was looked at when it was kept; the guardrails may be others now.
    let (guards, body) = (run.guards.as_ref(), kept.body.clone());
    let checked = guard::answer::check(guards, run.asked.operation, &kept.content_type, body, &run.ticket).await;
    let body = match checked {
        Ok(body) => body,
        Err(blocked) => {
            settlement.stopped(&Failure::from(&blocked));
            return Err(blocked.into());
        }
    };
    run.gateway().metrics.cached(how);
    let head = Head { cache: how.to_owned(), ..run.head(200, &kept.content_type, None) };
    settlement.cached();
    run.keep_claimed(&kept.content_type, body.clone()).await;
    Ok(Some((head, body)))
}

/// An answer that was given before, the candidate that gave it, and why it fits.
async fn find(run: &Run) -> Option<(usize, Arc<Kept>, &'static str)> {
    let cache = run.cache.as_ref().filter(|cache| cache.reads)?;
    let (answers, whose) = (&run.gateway().answers, run.whose());
    if let Some((index, kept)) = answers.get(whose, cache.keep.key, &run.candidates).await {
        return Some((index, kept, HIT));
    }
    let wanted = cache.similar.as_ref()?;
    let numbers = embedding(run, wanted).await?;
    let all = answers.similar(whose, wanted.tail.group).await;
    let now = run.gateway().clock.now().timestamp_millis();
    let key = similar::best(&all, &wanted.tail.text, &numbers, wanted.threshold, now)?;
    let (index, kept) = answers.get(whose, key, &run.candidates).await?;
    Some((index, kept, SIMILAR))
}

/// The embedding of what is asked last; it is kept for the answer that comes. None: there is none in time.
async fn embedding(run: &Run, similar: &Similar) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Embedding>,
    }
    #[derive(Deserialize)]
    struct Embedding {
        embedding: Vec<f32>,
    }
    let request = serde_json::json!({"model": similar.model, "input": similar.tail.text, "encoding_format": "float"});
    let request = CompleteRequest {
        operation: Operation::Embeddings.into(),
        body: request.to_string().into(),
        no_store: true,
        ..CompleteRequest::default()
    };
    let answer = match aside::ask(&run.ticket, Source::Cache, request, EMBEDDING).await {
        Ok(answer) => answer,
        Err(status) => {
            tracing::warn!(error = status.message(), "the cache cannot tell what a request means");
            return None;
        }
    };
    let answer: Answer = serde_json::from_slice(&answer).ok()?;
    let numbers = compact(&answer.data.first()?.embedding)?;
    Some(similar.numbers.get_or_init(|| numbers).clone())
}
