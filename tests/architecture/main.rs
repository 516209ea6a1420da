//! The rules of ARCHITECTURE.md, kept by a test rather than by memory.

mod arrows;
mod documents;
mod engine;
mod metrics;
mod migrations;
mod sources;
