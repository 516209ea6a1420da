//! Webhooks: what is sent to them, signed how, when again, and to whom not.

mod hook;
mod managing;
mod sending;
