//! Billing on both databases, with the real workspace service beside it and a clock that tests move.

mod balances;
mod bank;
mod claims;
mod coupons;
mod dunning;
mod exports;
mod gone;
mod house;
mod invoices;
mod items;
mod ledger;
mod letters;
mod mandates;
mod payments;
mod plans;
mod portal;
mod post;
mod prepaid;
mod purchases;
mod rates;
mod seats;
mod subscriptions;
mod told;
