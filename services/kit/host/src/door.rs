//! Who is calling, and what may they do?

pub mod key;
