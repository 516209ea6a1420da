//! Reading what a model wrote: the text becomes JSON, the JSON becomes what its schema allows, and that becomes the domain.
//! Nothing here panics, whatever the text is: a model that writes nonsense costs its answer, never the process.

mod ballot;
mod facts;
mod field;
mod frame;
mod json;
mod key;
mod opinion;
mod prune;
mod review;
mod schema;
mod turn;
mod unfinished;
mod unit;

pub use ballot::ballot;
pub use frame::frame;
pub use json::json;
pub use key::{metric_key, slug};
pub use opinion::opinion;
pub use prune::drop_invalid;
pub use review::{findings, paragraphs, verdicts};
pub use schema::validate;
pub use turn::turns;
pub use unit::unit;
