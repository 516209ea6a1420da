//! A streamed answer, from the provider's bytes to the client's.

pub(crate) mod hold;
pub(crate) mod judge;
pub(crate) mod lasting;
pub(crate) mod late;
pub(crate) mod reader;
pub(crate) mod relay;
pub(crate) mod silence;
mod synthesis;
