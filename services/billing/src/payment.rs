//! How invoices are paid.

mod choice;
mod customer;
pub(crate) mod dispute;
pub(crate) mod disputes;
pub(crate) mod look;
pub(crate) mod mandate;
mod method;
pub(crate) mod portal;
mod provider;
mod providers;
pub(crate) mod reconcile;
mod return_url;
mod row;
mod wanted;

pub(crate) use choice::{chosen, possible};
pub use customer::Customer;
pub(crate) use customer::account;
pub use dispute::{Claims, Dispute, DisputeStatus};
pub use mandate::{Agreed, Mandate, MandateStatus};
pub(crate) use method::{methods, required, with};
pub use provider::{
    About, Address, Created, Instructions, Known, Method, Notification, Order, Payer, Provider, Received, Refund,
    RefundStatus, State, Trouble, Truth, Unverified,
};
pub use providers::providers;
pub(crate) use return_url::page;
pub(crate) use row::{Payment, close, hurry, hurry_taken, insert, is_any_open, of_invoice, one, open, opened};
