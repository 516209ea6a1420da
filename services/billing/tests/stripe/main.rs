//! How cards are taken through Stripe, against a fake of it that keeps what it is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod claims;
mod create;
mod events;
mod fake;
mod house;
mod look;
mod portal;
mod received;
mod refund;
#[path = "../sdk/run.rs"]
mod run;
mod sdk;
mod settings;
mod shapes;
