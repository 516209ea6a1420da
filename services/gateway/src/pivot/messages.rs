//! Anthropic's messages as a chat completion.

pub(super) mod answer;
mod content;
pub(super) mod events;
pub(super) mod request;
