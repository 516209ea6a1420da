//! One SQL text, two databases; transactions with a workspace; sealed values; outboxes; answers that are given again; journals.
//!
//! A service declares its [`Schema`], opens a [`Db`] on a [`Backend`] and works in one of three transactions:
//! [`WorkspaceTx`] for what belongs to a tenant, [`GlobalTx`] for what belongs to nobody in particular, and
//! [`SystemTx`] for work across tenants. There is no way to run a statement outside of a transaction.
//!
//! How values are kept, so that the same statement works on both:
//!
//! | Rust | PostgreSQL | SQLite |
//! |---|---|---|
//! | `Uuid` and the ids of `proto::id` | `uuid` | `blob`, 16 bytes |
//! | `String` | `text` | `text` |
//! | `i64`, `i32` | `bigint`, `integer` | `integer` |
//! | `bool` | `boolean` | `boolean` (0 and 1) |
//! | `DateTime<Utc>` | `timestamptz` | `integer`: microseconds since 1970, so that it sorts and compares |
//! | `serde_json::Value` | `jsonb` | `text` |
//! | `Vec<u8>` | `bytea` | `blob` |

mod backend;
mod bound;
mod column;
pub mod copy;
mod db;
pub mod erase;
mod error;
pub mod journal;
mod migrate;
pub mod outbox;
pub mod platform_audit;
pub mod position;
pub mod replay;
mod row;
mod schema;
pub mod seal;
pub mod snapshot;
mod sql;
pub mod testing;
mod trace;
mod tx;
mod value;

pub use backend::{Backend, Pooler};
pub use db::{Connections, Db};
pub use error::Error;
pub use row::{Cells, Field, Row};
pub use schema::{Migration, Schema};
pub use sql::Sql;
pub use tx::{GlobalTx, Keyed, SystemTx, Tx, WorkspaceTx};
pub use value::Value;
