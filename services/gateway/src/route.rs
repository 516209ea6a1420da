//! How are the attempts of a request made? What the workspace's settings come to, what is known of providers from their
//! answers so far, and who is asked next.

pub(crate) mod health;
pub(crate) mod owner;
pub(crate) mod policy;
pub(crate) mod sticky;
pub(crate) mod trail;
pub(crate) mod turns;
