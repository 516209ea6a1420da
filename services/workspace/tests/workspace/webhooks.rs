//! Webhooks: what is sent to them, signed how, when again, and to whom not.

mod bounds;
mod claims;
mod hook;
mod managing;
mod sending;
