//! What providers of payments tell by themselves: it is verified and kept at once, and looked at later. It only makes us ask
//! the provider: nothing that it says of money is believed.

pub(crate) mod look;
pub(crate) mod receive;
