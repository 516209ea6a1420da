//! Billing on both databases, with the real workspace service beside it and a clock that tests move.

mod house;
mod plans;
mod subscriptions;
