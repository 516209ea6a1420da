//! The rules of ARCHITECTURE.md, kept by a test rather than by memory.

mod arrows;
mod asvs;
mod documents;
mod engine;
mod impersonation;
mod metrics;
mod migrations;
mod safety;
mod security;
mod shipped;
mod sign_in;
mod sources;
mod trail;
