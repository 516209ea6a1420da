//! The spans of transactions and statements: which file of SQL, never a value.
//!
//! Their target is `otel`, which no log level shows. Unless traces are made each is one comparison of a level, and nothing of
//! it is built.

use crate::Db;
use tracing::Span;

/// A statement of this name.
pub(crate) fn statement(db: &Db, name: &'static str) -> Span {
    tracing::trace_span!(
        target: "otel",
        "sql",
        otel.name = name,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        error.type = tracing::field::Empty,
        db.system.name = system(db),
        db.namespace = db.schema().name,
        db.query.summary = name,
    )
}

/// The beginning or the end of a transaction.
pub(crate) fn transaction(db: &Db, operation: &'static str) -> Span {
    tracing::trace_span!(
        target: "otel",
        "sql",
        otel.name = operation,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        error.type = tracing::field::Empty,
        db.system.name = system(db),
        db.namespace = db.schema().name,
        db.operation.name = operation,
    )
}

/// What was under way has failed.
pub(crate) fn failed(kind: &'static str) {
    let span = Span::current();
    if span.metadata().is_some_and(|metadata| metadata.name() == "sql") {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", kind);
    }
}

fn system(db: &Db) -> &'static str {
    if db.is_sqlite() { "sqlite" } else { "postgresql" }
}
