//! The workspace service through its handle, on SQLite and, where `PERPETUO_TEST_DATABASE_URL` names a server, on
//! PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod answers;
mod chain;
mod credentials;
mod deletion;
mod directory;
mod executions;
mod feeds;
mod guardrails;
mod house;
mod identity;
mod invitations;
mod members;
mod owned;
mod platform;
mod post;
mod providers;
mod provisioning;
mod receiver;
mod refusals;
mod repeats;
mod responses;
mod roles;
mod routing;
mod routing_settings;
mod seats;
mod settings;
mod teams;
mod tenancy;
mod timing;
mod webhooks;
