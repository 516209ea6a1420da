//! What an analysis is about and what comes out of it. Pure: no input or output, no clock, no chance.

pub mod ballot;
pub mod brief;
pub mod conflict;
pub mod depth;
pub mod finance;
pub mod locale;
pub mod meeting;
pub mod opinion;
pub mod registry;
pub mod report;
pub mod role;
