//! What the services keep, on both databases. `PERPETUO_TEST_DATABASE_URL` names a PostgreSQL server, as a superuser;
//! `make test` sets it.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests have no clock, and fail by a panic")]

mod agreement;
mod crowd;
mod fences;
mod isolation;
mod order;
mod pooler;
mod pools;
mod sealed;
mod statements;
mod system;
mod things;
mod walls;

use std::path::PathBuf;
use store::{
    Backend, Schema,
    testing::{self, Fresh},
};

/// Every service that keeps something, by its folder.
const SERVICES: [(&str, &Schema); 5] = [
    ("identity", &identity::SCHEMA),
    ("workspace", &workspace::SCHEMA),
    ("usage-metering", &usage_metering::SCHEMA),
    ("billing", &billing::SCHEMA),
    ("agent-engine", &agent_engine::SCHEMA),
];

/// The folder of all services.
fn services() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../services"))
}

/// A fresh database with the tables of `schema`.
async fn postgres(schema: &Schema) -> Fresh {
    testing::postgres(schema).await.expect(NO_SERVER)
}

/// A fresh database without tables.
async fn empty_postgres() -> Backend {
    testing::postgres_backend().await.expect(NO_SERVER)
}

const NO_SERVER: &str = "PERPETUO_TEST_DATABASE_URL must name a PostgreSQL server: run this suite with `make test`, or \
                         set it to the URL of a superuser on a server that may be thrown away";

#[test]
fn every_service_with_tables_is_in_this_suite() {
    for folder in std::fs::read_dir(services()).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let keeps = folder.path().join("migrations").exists() || folder.path().join("sql").exists();
        assert_eq!(keeps, SERVICES.iter().any(|(s, _)| *s == name), "services/{name}: SERVICES in tests/store/main.rs");
    }
}
