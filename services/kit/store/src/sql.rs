//! Statements as files.

/// A statement, in the words of each database; mostly they are the same. Made by [`crate::sql!`].
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// Its file under `sql/`, without the ending: `key/by_hash`.
    pub name: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
}

/// A statement of the calling crate: `sql!("key/by_hash")` is `sql/key/by_hash.sql`, and `sql!(pair "key/claim")` is
/// `sql/key/claim.pg.sql` and `sql/key/claim.sqlite.sql`.
#[macro_export]
macro_rules! sql {
    (pair $name:literal) => {
        $crate::Sql {
            name: $name,
            postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".pg.sql")),
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sqlite.sql")),
        }
    };
    ($name:literal) => {
        $crate::Sql {
            name: $name,
            postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sql")),
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sql")),
        }
    };
}
