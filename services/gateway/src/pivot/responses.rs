//! OpenAI's responses as a chat completion.

pub(super) mod answer;
pub(super) mod events;
mod input;
pub(super) mod request;
