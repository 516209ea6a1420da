//! What is the process told to do?

mod secret;

pub use secret::Secret;
