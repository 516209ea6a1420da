//! How cards are taken through Stripe, against a fake of it that keeps what it is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod create;
mod events;
mod fake;
mod house;
mod look;
mod received;
mod refund;
mod settings;
