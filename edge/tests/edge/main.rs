//! The edge through its router and its listener, before services that only exist here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod ask;
mod audit;
mod bad_input;
mod billing;
mod books;
mod chat;
mod coupons;
mod documents;
mod executions;
mod exports;
mod fake;
mod guardrails;
mod impersonation;
mod invoice_items;
mod invoices;
mod listener;
mod money;
mod operators;
mod outermost;
mod overheard;
mod passkeys;
mod plans;
mod platform;
mod reconciliations;
mod routing;
mod scim;
mod sign_in;
mod surfaces;
mod webhooks;
mod workspace_webhooks;
mod workspaces;
