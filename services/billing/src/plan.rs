//! Plans: what they are, which there are, and how new ones come about.

pub(crate) mod cost;
pub(crate) mod current;
mod document;
pub(crate) mod list;
pub(crate) mod publish;
mod scale;
pub(crate) mod settings;
mod validate;

pub(crate) use document::Document;
pub(crate) use scale::scaled;
pub(crate) use validate::{MAX_QUANTITY, is_name, is_title};
