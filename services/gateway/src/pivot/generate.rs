//! Gemini's `generateContent` as a chat completion, for clients that speak as it does.

pub(super) mod answer;
mod contents;
pub(super) mod events;
pub(super) mod request;
