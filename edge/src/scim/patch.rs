//! Changes parts of a resource (RFC 7644, 3.5.2), said as the standard has it or in the dialects of those who say it.
//!
//! Microsoft Entra writes operations with capital letters, truth as text, paths as names of members where no path is given, values of
//! a removal beside its path, and expects `emails[type eq "work"].value` to make what it does not find. Attributes that nobody keeps
//! here are passed over: directories send their own whatever they are told.

mod apply;
mod operation;

pub(super) use apply::apply;
pub(super) use operation::read;

#[cfg(test)]
mod tests;
