//! What dialects other than OpenAI's share: a client's chat completion as types, the way of an answer back into OpenAI's
//! shape, and a provider's errors as OpenAI's. Whatever comes after a dialect sees OpenAI's chat completions only.

pub(super) mod answer;
pub(super) mod embed;
pub(super) mod media;
pub(super) mod recall;
pub(super) mod refusal;
pub(super) mod request;
pub(super) mod similar;
pub(super) mod stream;

use super::{Body, Fault, Upstream};
use crate::wire::answer::{brief, is_json};
use bytes::Bytes;
use futures::{StreamExt as _, stream as streams};
use serde::de::DeserializeOwned;

/// The longest answer that is read to be translated.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A whole answer of the provider, read as `T` and written as a chat completion when somebody reads it.
pub(super) fn whole<T, F>(upstream: Upstream, write: F) -> Upstream
where
    T: DeserializeOwned,
    F: FnOnce(T) -> Result<Bytes, Fault> + Send + 'static,
{
    let Upstream { status, content_type, retry_after, dropped, body, .. } = upstream;
    let work = async move {
        if !content_type.is_empty() && !is_json(&content_type) {
            return Err(Fault::malformed(format!("its content type is {}", brief(&content_type))));
        }
        let bytes = body.collect(MAX_ANSWER_BYTES).await?;
        match serde_json::from_slice::<T>(&bytes) {
            Ok(answer) => write(answer),
            // A good status with an error in it is judged as any other answer is.
            Err(_) if serde_json::from_slice::<Erroneous>(&bytes).is_ok() => Ok(bytes),
            Err(_) => Err(Fault::malformed("it is not of the form that this provider answers in")),
        }
    };
    let body = Body::translated(streams::once(work).boxed());
    let content_type = "application/json".to_owned();
    Upstream { status, content_type, retry_after, spliced_usage: false, dropped, body }
}

/// An answer that is an error, whatever its status.
#[derive(serde::Deserialize)]
struct Erroneous {
    #[expect(dead_code, reason = "that it is there is all that matters")]
    error: serde_json::Value,
}
