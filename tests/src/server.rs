//! Database servers of the tests' own: started on free ports, in their own directories, and stopped again.

mod pgbouncer;
mod postgres;
mod redis;

pub use pgbouncer::PgBouncer;
pub use postgres::{Postgres, bin_dir as postgres_bin, fresh_database, login_without_rights};
pub use redis::Redis;

/// The variable with the superuser URL of the PostgreSQL that `with-servers` started.
pub const POSTGRES: &str = "PERPETUO_TEST_DATABASE_URL";
/// The variable with the URL of the Redis that `with-servers` started.
pub const REDIS: &str = "PERPETUO_TEST_REDIS_URL";

/// The value of one of them. Errors: a sentence that says how to run the suite.
#[expect(clippy::disallowed_methods, reason = "this is how with-servers tells where the servers are")]
pub fn url(variable: &str) -> anyhow::Result<String> {
    std::env::var(variable).map_err(|_| {
        anyhow::anyhow!("{variable} is not set: run `make test`, or `target/debug/with-servers cargo test …`")
    })
}
