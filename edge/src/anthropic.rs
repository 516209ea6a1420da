//! The face for Anthropic's clients: `/v1/messages`.

pub(crate) mod error;
