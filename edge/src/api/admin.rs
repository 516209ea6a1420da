//! What operators see and do: routes about the platform as a whole. The services ask for `platform.read` or
//! `platform.write`, which the door gives to those who have a platform role at this moment.

pub(crate) mod books;
pub(crate) mod coupons;
pub(crate) mod credits;
pub(crate) mod disputes;
pub(crate) mod impersonations;
pub(crate) mod invoice_items;
pub(crate) mod invoices;
pub(crate) mod plans;
pub(crate) mod promotion_codes;
pub(crate) mod providers;
pub(crate) mod reconciliations;
pub(crate) mod subscriptions;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod workspaces;
