//! The usage event that a provider left out: the client asked for it and gets our own count.

use crate::wire::{chunk::Chunk, usage};
use bytes::Bytes;
use proto::usage::Tokens;
use serde_json::json;

/// How the chunks of a stream name themselves.
#[derive(Debug, Default)]
pub(super) struct Origin {
    id: Option<String>,
    model: Option<String>,
    created: Option<i64>,
}

impl Origin {
    /// Remembers what the first chunk that says it says.
    pub(super) fn note(&mut self, chunk: &Chunk<'_>) {
        if self.id.is_none() {
            self.id = chunk.id.as_deref().map(str::to_owned);
            self.model = chunk.model.as_deref().map(str::to_owned);
            self.created = chunk.created;
        }
    }

    /// One event without choices.
    pub(super) fn usage_event(&self, tokens: &Tokens) -> Bytes {
        let (prompt, completion) = usage::sums(tokens);
        let chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": [],
            "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
        });
        format!("data: {chunk}\n\n").into()
    }
}
