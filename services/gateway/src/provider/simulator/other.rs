//! What the simulator answers to operations that are no chat.

use super::{Ask, embed};
use crate::operation::Operation;
use bytes::Bytes;
use serde_json::Value;

/// Whether it has the operation in words of its own. What can be asked as a chat completion, it is asked as one.
pub(super) const fn takes(operation: Operation) -> bool {
    matches!(operation, Operation::Chat | Operation::Embeddings)
}

/// The media type and the parts of an answer. Errors: a sentence about what is wrong with the request.
pub(super) fn answer(operation: Operation, ask: &Ask<'_>) -> Result<(&'static str, Vec<Bytes>), String> {
    let request: Value = serde_json::from_slice(ask.body).map_err(|e| format!("the body is not valid JSON: {e}"))?;
    let answer = match operation {
        Operation::Embeddings => embed::embed(ask.model, &request)?,
        other => return Err(format!("the simulator does not offer {}", other.name())),
    };
    Ok((super::JSON, vec![answer.to_string().into()]))
}
