//! Discounts: which coupons there are, with what customers redeem them, and what they take off.

pub(crate) mod code;
mod discount;
mod document;
mod enter;
pub(crate) mod list;
pub(crate) mod publish;
mod redeem;
mod validate;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use discount::{Discount, Taken};
pub(crate) use enter::{Entered, For, Wrong, enter};
pub(crate) use redeem::{redeem, release, settle};
