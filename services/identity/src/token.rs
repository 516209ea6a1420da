//! Tokens: signed access tokens for a quarter of an hour, and refresh tokens that follow them.

pub(crate) mod claims;
pub(crate) mod jwks;
pub(crate) mod keys;
pub(crate) mod one_time;
pub(crate) mod refresh_token;
pub(crate) mod resolve;
pub(crate) mod rotate;
pub(crate) mod sign;
pub(crate) mod verify;
