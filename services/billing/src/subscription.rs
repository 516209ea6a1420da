//! Which workspace is on which plan, since when and until when.

mod advance;
mod begin;
pub(crate) mod cancel;
pub(crate) mod change;
mod current;
pub(crate) mod due;
pub(crate) mod get;
mod judge;
pub(crate) mod preview;
pub(crate) mod record;
pub(crate) mod resume;
mod row;
pub(crate) mod set;
mod show;
mod state;
pub(crate) mod status;
pub(crate) mod usage;
mod write;
