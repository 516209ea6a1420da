//! Parts of the protocol that are not offered, for whoever tries them all the same.

use crate::{
    auth::Caller,
    error::{Error, Result},
};
use proto::Reason;
use std::convert::Infallible;

/// Several changes in one request are not offered.
pub(super) async fn change_in_bulk(Caller(_call): Caller) -> Result<Infallible> {
    Err(refuse("changes come one by one here: send each to /Users or /Groups"))
}

/// A directory is nobody among its people.
pub(super) async fn get_oneself(Caller(_call): Caller) -> Result<Infallible> {
    Err(refuse("a directory calls with a key, which is nobody among its people: name them by their id"))
}

/// Users and groups are asked for one after the other.
pub(super) async fn search_everything(Caller(_call): Caller) -> Result<Infallible> {
    Err(refuse("people and groups are searched one by one here: /Users/.search and /Groups/.search"))
}

fn refuse(why: &str) -> Error {
    Reason::NotOffered.with(why).into()
}
