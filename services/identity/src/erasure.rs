//! The end of a person: everything that is known of them goes, here at once and elsewhere with the event `user.erased`.
//!
//! What stays is their id, which says nothing about them any more: in trails, in the ledger, and beside the texts that they
//! agreed to. A row in `erasures` is there from the moment they ask until they are gone, so that a killed process finishes
//! nothing half: another one goes on.

pub(crate) mod ask;
mod finish;
pub(crate) mod sweep;
