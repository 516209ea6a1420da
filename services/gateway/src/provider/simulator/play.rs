//! Delivers an answer at the speed, and with the fault, that was asked for.

use super::{
    super::{Fault, FaultKind},
    model::Model,
    request::Options,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream, stream::BoxStream};
use std::{future::ready, time::Duration};

/// After how many chunks with content a model fails that is asked to fail and not told when.
const FAIL_AFTER: usize = 3;
/// The bytes of one drop, and the pause before it.
const DROP_BYTES: usize = 7;
const DROP_DELAY: Duration = Duration::from_millis(20);

type Parts = BoxStream<'static, Result<Bytes, Fault>>;

/// `parts`: the events of a stream, or a whole answer. A stream's first event has the role only.
pub(super) fn play(model: Model, options: &Options, is_stream: bool, parts: Vec<Bytes>) -> Parts {
    let model = if model == Model::Chat && options.fail_after_chunks.is_some() { Model::Cut } else { model };
    let delay = options.chunk_delay_ms.map(Duration::from_millis);
    let after = options.fail_after_chunks.unwrap_or(FAIL_AFTER) + 1;
    let begin = if is_stream { beginning(parts.clone(), after) } else { half(&parts) };
    match model {
        Model::Cut => paced(begin, delay).chain(stream::iter([Err(cut())])).boxed(),
        Model::Stall => paced(begin, delay).chain(stream::pending()).boxed(),
        Model::Malformed => {
            let wrong =
                if is_stream { "data: {\"choices\": [{\"delta\": {\"conte\n\n" } else { "{\"choices\": [{\"mess" };
            let begin = if is_stream { begin } else { vec![] };
            paced(begin, delay).chain(one(wrong)).boxed()
        }
        Model::ErrorEvent => {
            let error = "{\"error\":{\"message\":\"The simulator was asked to fail.\",\"type\":\"server_error\",\"param\":null,\"code\":\"simulated\"}}";
            let begin = if is_stream { begin } else { vec![] };
            let error = if is_stream { format!("data: {error}\n\n") } else { error.to_owned() };
            paced(begin, delay).chain(one(&error)).boxed()
        }
        Model::Drip => {
            let whole = parts.concat();
            let drops = whole.chunks(DROP_BYTES).map(Bytes::copy_from_slice).collect();
            paced(drops, Some(delay.unwrap_or(DROP_DELAY)))
        }
        _ => paced(parts, delay.filter(|_| is_stream)),
    }
}

/// The first events: the role and so many with content, but never the end.
fn beginning(parts: Vec<Bytes>, count: usize) -> Vec<Bytes> {
    // Reason of the end, usage and end mark are the last three.
    let most = parts.len().saturating_sub(3);
    parts.into_iter().take(count.min(most)).collect()
}

/// The first half of a whole answer.
fn half(parts: &[Bytes]) -> Vec<Bytes> {
    parts.iter().map(|p| p.slice(..p.len() / 2)).collect()
}

fn paced(parts: Vec<Bytes>, delay: Option<Duration>) -> Parts {
    let parts = stream::iter(parts.into_iter().map(Ok));
    match delay.filter(|d| !d.is_zero()) {
        None => parts.boxed(),
        Some(delay) => parts
            .then(move |part| async move {
                tokio::time::sleep(delay).await;
                part
            })
            .boxed(),
    }
}

fn one(text: &str) -> stream::Once<std::future::Ready<Result<Bytes, Fault>>> {
    stream::once(ready(Ok(Bytes::copy_from_slice(text.as_bytes()))))
}

fn cut() -> Fault {
    Fault { may_have_worked: true, ..Fault::new(FaultKind::Incomplete) }
}
