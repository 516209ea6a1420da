//! What has happened to money. Each transfer takes from one account what it gives to another, so every transaction sums
//! to zero; balances are sums of transfers; and nothing is ever changed (the database refuses it).

mod account;
pub(crate) mod books;
mod post;
pub(crate) mod standing;

pub(crate) use account::Account;
pub(crate) use post::{Posting, post, reverse};
