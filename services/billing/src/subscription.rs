//! Which workspace is on which plan, since when and until when.

mod advance;
mod begin;
pub(crate) mod cancel;
pub(crate) mod change;
pub(crate) mod current;
pub(crate) mod due;
pub(crate) mod get;
mod judge;
pub(crate) mod preview;
pub(crate) mod record;
pub(crate) mod resume;
mod row;
pub(crate) mod set;
pub(crate) mod settled;
mod show;
pub(crate) mod state;
pub(crate) mod status;
mod upgrade;
pub(crate) mod usage;
pub(crate) mod write;
