//! What travels: the client's JSON, the provider's answers, and the little of both that is read.

pub(crate) mod answer;
pub(crate) mod chunk;
pub(crate) mod depth;
pub(crate) mod form;
mod recording;
pub(crate) mod refusal;
pub(crate) mod request;
mod sound;
pub(crate) mod splice;
pub(crate) mod sse;
pub(crate) mod units;
pub(crate) mod unsplice;
pub(crate) mod usage;
