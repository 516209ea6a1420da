//! How invoices are paid.

mod choice;
pub(crate) mod look;
mod method;
mod provider;
mod providers;
pub(crate) mod reconcile;
mod row;

pub(crate) use choice::{chosen, possible};
pub(crate) use method::{methods, required, with};
pub use provider::{
    About, Address, Created, Instructions, Known, Method, Notification, Order, Payer, Provider, Received, Refund,
    RefundStatus, State, Trouble, Truth, Unverified,
};
pub use providers::providers;
pub(crate) use row::{Payment, close, hurry, insert, is_any_open, of_invoice, one, open, opened};
