//! What an execution has done so far, so that whoever takes it up goes on from there. Whoever writes names the epoch in which
//! they took it up: one who has lost it meanwhile writes nothing.

mod call;
mod end;
mod event;
mod lease;
mod load;
mod step;

pub(crate) use call::{CallRow, Ended, end as call_ended, start as call_started};
pub(crate) use end::{End, ask, finish};
pub(crate) use event::{Event, next as next_event, write as write_event};
pub(crate) use lease::{Claimed, beat, claim, orphans, release, show, unwanted};
pub(crate) use load::{Loaded, load};
pub(crate) use step::{Done, State, StepRow, commit};
