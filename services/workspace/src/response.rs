//! OpenAI's responses that their clients may come back to: with `GET /v1/responses/{id}`, or with the next turn.
//!
//! What was asked and answered is the gateway's business; here it is bytes, sealed for their place.

pub(crate) mod delete;
pub(crate) mod keep;
pub(crate) mod open;
pub(crate) mod prune;

use proto::id::WorkspaceId;

/// The longest id that is looked for, in bytes. OpenAI's have 55.
const LONGEST_ID: usize = 256;

/// Where it is stored: a response copied elsewhere does not open.
fn place(workspace: WorkspaceId, response_id: &str) -> Vec<u8> {
    format!("responses/{workspace}/{response_id}").into_bytes()
}
