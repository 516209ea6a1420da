//! Which values of a request, an answer or an event are what somebody wrote?

use super::places::Step;
use crate::operation::Operation;

/// Fields of a request in which its text is. What else there is describes the call, or the tools of whoever programs it.
const ASKED: &[&str] = &[
    "messages",
    "input",
    "prompt",
    "instructions",
    "system",
    "query",
    "documents",
    "suffix",
    "prediction",
    "contents",
    "systemInstruction",
    "system_instruction",
];
/// Fields of an answer in which its text is. `data` is what pictures and embeddings come in.
const ANSWERED: &[&str] =
    &["choices", "output", "output_text", "content", "text", "segments", "words", "results", "candidates", "message"];
/// Fields of events that tell a text, or the rest of one, at once.
const TOLD: &[&str] = &[
    "text",
    "refusal",
    "arguments",
    "input",
    "code",
    "transcript",
    "part",
    "item",
    "content_block",
    "message",
    "output",
];
/// Fields that hold no text, wherever they are: ids and names that have to match, and what is not for reading.
const OTHERS: &[&str] = &[
    "type",
    "role",
    "id",
    "item_id",
    "call_id",
    "tool_call_id",
    "tool_use_id",
    "name",
    "index",
    "data",
    "file_data",
    "file_id",
    "b64_json",
    "signature",
    "thought_signature",
    "encrypted_content",
    "media_type",
    "mimeType",
    "mime_type",
    "fileUri",
    "thoughtSignature",
    "images",
    "format",
    "detail",
    "model",
    "status",
    "finish_reason",
    "stop_reason",
    "cache_control",
    "created",
    "created_at",
    "logprobs",
    "logprobsResult",
    "usage",
    "relevance_score",
    "start",
    "end",
];
/// What a tool is called with, or gives: its fields may be named as its author likes.
const FREE: &[&str] = &["input", "arguments", "args", "response"];
/// Fields whose text is JSON.
const JSON: &[&str] = &["arguments", "partial_json"];

/// What kind of text a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Plain,
    /// The text is JSON itself: what is put into it has to leave it that.
    Json,
}

/// Whether the value is text of a request.
pub(super) fn asked(path: &[Step<'_>]) -> Option<Text> {
    within(path, ASKED)
}

/// Whether the value is text of a whole answer.
pub(super) fn answered(path: &[Step<'_>]) -> Option<Text> {
    within(path, ANSWERED)
}

/// Whether the value of an event is a piece of a text that goes on in others; in which field they all are.
pub(super) fn piece(operation: Operation, kind: &str, path: &[Step<'_>]) -> Option<Text> {
    match operation {
        Operation::Chat | Operation::Completions => {
            let [Step::Field("choices"), Step::Item(_), Step::Field(field), ..] = path else { return None };
            matches!(*field, "delta" | "text").then(|| text(path)).flatten()
        }
        Operation::Messages => {
            let is_piece = kind == "content_block_delta" && path.first() == Some(&Step::Field("delta"));
            is_piece.then(|| text(path)).flatten()
        }
        Operation::Generate => {
            let is_piece = matches!(
                path,
                [Step::Field("candidates"), Step::Item(_), Step::Field("content"), Step::Field("parts"), ..]
            );
            is_piece.then(|| text(path)).flatten()
        }
        Operation::Ollama => (path.first() == Some(&Step::Field("message"))).then(|| text(path)).flatten(),
        _ if !kind.ends_with(".delta") || path != [Step::Field("delta")] => None,
        _ if kind.ends_with("arguments.delta") => Some(Text::Json),
        // Sound is no text.
        _ => (!kind.ends_with("audio.delta")).then_some(Text::Plain),
    }
}

/// Whether the value of an event that brings no pieces is text.
pub(super) fn told(path: &[Step<'_>]) -> Option<Text> {
    match path {
        [Step::Field("response"), rest @ ..] => within(rest, &["output", "output_text"]),
        _ => within(path, TOLD),
    }
}

fn within(path: &[Step<'_>], fields: &[&str]) -> Option<Text> {
    let Some(Step::Field(first)) = path.first() else { return None };
    fields.contains(first).then(|| text(path)).flatten()
}

/// The kind of text at a way that leads through nothing that is no text.
fn text(path: &[Step<'_>]) -> Option<Text> {
    let mut is_free = false;
    for (at, step) in path.iter().enumerate() {
        let Step::Field(name) = step else { continue };
        is_free |= at > 0 && FREE.contains(name);
        if !is_free && OTHERS.contains(name) {
            return None;
        }
    }
    let name = path.iter().rev().find_map(|step| match step {
        Step::Field(name) => Some(*name),
        Step::Item(_) => None,
    });
    Some(if name.is_some_and(|name| JSON.contains(&name)) { Text::Json } else { Text::Plain })
}
