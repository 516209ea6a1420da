//! The edge through its router and its listener, before services that only exist here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod ask;
mod audit;
mod bad_input;
mod billing;
mod chat;
mod documents;
mod exports;
mod fake;
mod guardrails;
mod listener;
mod operators;
mod outermost;
mod plans;
mod routing;
mod surfaces;
mod workspaces;
