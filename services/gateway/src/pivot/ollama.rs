//! Ollama's `/api/chat` as a chat completion, for clients that speak as it does.

pub(super) mod answer;
pub(super) mod request;
