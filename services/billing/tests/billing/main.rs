//! Billing on both databases, with the real workspace service beside it and a clock that tests move.

mod bank;
mod house;
mod invoices;
mod ledger;
mod payments;
mod plans;
mod subscriptions;
