//! How invoices are paid.

pub(crate) mod look;
mod method;
mod provider;
mod providers;
pub(crate) mod reconcile;
mod row;

pub(crate) use method::{methods, required, with};
pub use provider::{
    About, Address, Created, Instructions, Known, Method, Notification, Order, Payer, Provider, Received, Refund,
    RefundStatus, State, Trouble, Truth, Unverified,
};
pub use providers::providers;
pub(crate) use row::{Payment, close, insert, of_invoice, open, opened};
