//! Copies the SQLite files of several services as they were at one instant, while everybody goes on.
//!
//! For that instant every file is held against writers: what comes out is what a process that was killed then would have
//! left, and that is something every service can go on from. Positions in feeds, calls that one service has heard of and
//! another has not, all of it is as it can be after a crash. Holding takes as long as the longest transaction that runs;
//! the bytes are copied afterwards, from the snapshots that readers have of the files.

use crate::{
    Backend, Db, Error,
    column::{list, quoted},
    db::{Access, BUSY, Fence, Open, Pools},
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::{Path, PathBuf};

/// A file as it was at the instant of [`take`].
pub struct Pinned {
    db: Db,
    /// Reads the file, and has the copy attached to it.
    reader: SqliteConnection,
    copy: PathBuf,
}

/// A copy that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where it is.
    pub file: PathBuf,
    /// The rows of all its tables.
    pub rows: u64,
}

/// Pins every one of `dbs` at the same instant, and does `meanwhile` while nobody can write to any of them. Copies will be
/// in `dir`, which has none yet. Give those first that call others: who waits for another while it writes must not wait
/// for us. Errors: a file cannot be read, was migrated by another release, or is held by somebody else for too long.
pub async fn take<T>(dbs: &[Db], dir: &Path, meanwhile: impl FnOnce() -> T) -> Result<(Vec<Pinned>, T), Error> {
    let mut pinned = Vec::with_capacity(dbs.len());
    for db in dbs {
        pinned.push(Pinned::open(db, dir).await?);
    }
    let mut held = Vec::with_capacity(dbs.len());
    for db in dbs {
        held.push(db.begin(Fence::System("take a snapshot"), Access::Write).await?);
    }
    for file in &mut pinned {
        file.pin().await?;
    }
    let seen = meanwhile();
    for (db, open) in dbs.iter().zip(held) {
        if let Open::Sqlite(tx) = open {
            tx.rollback().await.map_err(|e| db.failed(e))?;
        }
    }
    Ok((pinned, seen))
}

/// Reads a whole file, and says whether it can be relied on. Errors: what is wrong with it.
pub async fn check(db: &Db) -> Result<(), Error> {
    let Open::Sqlite(mut tx) = db.begin(Fence::System("check a file"), Access::Read).await? else {
        return Ok(());
    };
    let failed = |error| db.failed(error);
    let found: Vec<String> =
        sqlx::query_scalar("pragma integrity_check(3)").fetch_all(&mut *tx).await.map_err(failed)?;
    if found != ["ok"] {
        return Err(damaged(db, &found.join("; ")));
    }
    let orphans = sqlx::query("pragma foreign_key_check").fetch_all(&mut *tx).await.map_err(failed)?;
    if !orphans.is_empty() {
        return Err(damaged(db, &format!("{} rows refer to others that are not there", orphans.len())));
    }
    Ok(())
}

fn damaged(db: &Db, how: &str) -> Error {
    Error::Setup(format!("{db:?} is damaged: {how}"))
}

impl Pinned {
    /// The copy gets its tables by the migrations, as the file did.
    async fn open(db: &Db, dir: &Path) -> Result<Self, Error> {
        let Pools::Sqlite { file, .. } = db.pools() else {
            return Err(Error::Setup("only SQLite files are copied".to_owned()));
        };
        let empty = Db::open(&Backend::Sqlite { dir: dir.to_owned() }, db.schema())?;
        empty.migrate().await?;
        empty.close().await;
        let copy = dir.join(format!("{}.db", db.schema().name));
        let options = SqliteConnectOptions::new().filename(file).foreign_keys(false).busy_timeout(BUSY);
        let failed = |error| db.failed(error);
        let mut reader = SqliteConnection::connect_with(&options).await.map_err(failed)?;
        let attach = sqlx::query("attach database $1 as copy").bind(copy.display().to_string());
        attach.execute(&mut reader).await.map_err(failed)?;
        // One file, which is on the disk when it is said to be.
        for pragma in ["pragma copy.journal_mode = delete", "pragma copy.synchronous = full"] {
            sqlx::query(pragma).execute(&mut reader).await.map_err(failed)?;
        }
        Ok(Self { db: db.clone(), reader, copy })
    }

    /// Errors: the file cannot be read, or has something that our migrations do not make.
    async fn pin(&mut self) -> Result<(), Error> {
        sqlx::query("begin").execute(&mut self.reader).await.map_err(|e| self.db.failed(e))?;
        // Only a look at the file makes a snapshot. A release works beside the migrations of the next one, and what these
        // have made would not be in the copy, which still would say that they were applied.
        let more = "select name from (select type, name, sql from main.sqlite_schema \
                    where name not like 'sqlite\\_%' escape '\\' \
                    except select type, name, sql from copy.sqlite_schema) order by name limit 1";
        let more: Option<String> =
            sqlx::query_scalar(more).fetch_optional(&mut self.reader).await.map_err(|e| self.db.failed(e))?;
        match more {
            None => Ok(()),
            Some(name) => Err(Error::Setup(format!(
                "{:?} was migrated by another release, whose {name} would not be in the copy: back up with that release",
                self.db
            ))),
        }
    }

    /// Writes the copy. Errors: the disk, or a file that has other tables than its migrations make.
    pub async fn write(mut self) -> Result<Copy, Error> {
        let rows = match self.fill().await {
            Ok(rows) => rows,
            Err(error) => return Err(self.db.failed(error)),
        };
        let found: Vec<String> = sqlx::query_scalar("pragma copy.integrity_check(3)")
            .fetch_all(&mut self.reader)
            .await
            .map_err(|e| self.db.failed(e))?;
        if found != ["ok"] {
            return Err(Error::Setup(format!("the copy {} is damaged: {}", self.copy.display(), found.join("; "))));
        }
        self.reader.close().await.map_err(|e| self.db.failed(e))?;
        Ok(Copy { file: self.copy, rows })
    }

    async fn fill(&mut self) -> sqlx::Result<u64> {
        let tables = "select name from main.sqlite_schema where type = 'table' and \
                      (name not like 'sqlite\\_%' escape '\\' or name = 'sqlite_sequence') \
                      order by name = 'sqlite_sequence', name";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut self.reader).await?;
        let mut rows = 0;
        for table in tables {
            let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info($1, 'main')")
                .bind(&table)
                .fetch_all(&mut self.reader)
                .await?;
            let (name, columns) = (quoted(&table), list(columns.iter().map(String::as_str)));
            // What the migrations have written there themselves, and what numbers they have given.
            let empty = format!("delete from copy.{name}");
            sqlx::query(AssertSqlSafe(empty)).execute(&mut self.reader).await?;
            let fill = format!("insert into copy.{name} ({columns}) select {columns} from main.{name}");
            rows += sqlx::query(AssertSqlSafe(fill)).execute(&mut self.reader).await?.rows_affected();
        }
        sqlx::query("commit").execute(&mut self.reader).await?;
        Ok(rows)
    }
}

impl std::fmt::Debug for Pinned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pinned").field("db", &self.db).field("copy", &self.copy).finish_non_exhaustive()
    }
}
