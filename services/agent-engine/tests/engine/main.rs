//! The agent engine on both databases, in front of a gateway whose model is scripted.

#![expect(clippy::unwrap_used, reason = "tests fail by a panic")]

mod board;
mod boundaries;
mod budget;
mod cancel;
mod corpus;
mod crash;
mod house;
mod ladder;
mod people;
mod runs;
