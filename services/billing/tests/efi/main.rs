//! Efí against a fake Efí on loopback that keeps what it was told, with certificates of a test authority and a clock that
//! tests move.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod boleto;
mod certificates;
mod due;
mod fake;
mod house;
mod mandates;
mod notifications;
mod pix;
mod received;
mod refunds;
#[path = "../sdk/run.rs"]
mod run;
mod sdk;
mod secrets;
mod settings;
mod tokens;
