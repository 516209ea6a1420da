//! What a service keeps: its name and its migrations.

/// The tables of one service: a schema on PostgreSQL, a file on SQLite. Made by [`crate::schema!`].
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Lower-case letters and underscores.
    pub name: &'static str,
    /// In the order in which they are applied. Forward only: an applied one never changes.
    pub migrations: &'static [Migration],
}

/// One step, in the words of each database.
///
/// Every table that it creates is declared in a comment of its own line: `-- tenant: <table>` has a column
/// `workspace_id` and is fenced by row-level security; `-- global: <table>` belongs to nobody in particular. The line
/// `-- include: outbox` stands for the table of [`crate::outbox`], and `-- include: replay` for that of
/// [`crate::replay`].
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The name of its files, `0001_init`. One that takes away what was used says since when it is not:
    /// `0013_drop_old_prices_needs_0011`. Releases that do not know `0011_…` then refuse the database; all others run on it.
    pub name: &'static str,
    /// `migrations/postgres/<name>.sql`
    pub postgres: &'static str,
    /// `migrations/sqlite/<name>.sql`
    pub sqlite: &'static str,
}

/// The schema of the calling crate: `schema!("identity", ["0001_init"])` reads
/// `migrations/{postgres,sqlite}/0001_init.sql` at compile time.
#[macro_export]
macro_rules! schema {
    ($name:literal, [$($migration:literal),+ $(,)?]) => {
        $crate::Schema {
            name: $name,
            migrations: &[$($crate::Migration {
                name: $migration,
                postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $migration, ".sql")),
                sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $migration, ".sql")),
            }),+],
        }
    };
}
