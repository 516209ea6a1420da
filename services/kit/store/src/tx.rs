//! Transactions, by what they may see. Dropping one without [`commit`](WorkspaceTx::commit) undoes it.

mod many;

pub use many::Keyed;

use crate::{
    Cells, Db, Error, Row, Sql, Value,
    db::{Access, Fence, Open},
    outbox, sql,
    testing::Side,
    trace,
};
use proto::id::WorkspaceId;
use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};
use tracing::Instrument as _;

/// How long one statement may take on PostgreSQL. Without it a network that drops packets holds its caller for a
/// quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all transactions can do. Functions that work in any of them take `&mut Tx`.
pub struct Tx {
    db: Db,
    open: Open,
    events: Vec<outbox::Event>,
}

/// A transaction for one workspace: the only way to a tenant's rows. On PostgreSQL it sees no other workspace's rows
/// whatever its statements say; on SQLite the statements' own predicates are the only wall.
pub struct WorkspaceTx {
    tx: Tx,
    workspace: WorkspaceId,
}

/// A transaction across all workspaces: sweeps, group commits, outboxes, and look-ups that find out the workspace.
/// Its purpose is visible to the policies, and a test lists who uses it.
pub struct SystemTx(Tx);

/// A transaction for global tables. On PostgreSQL it sees no tenant's rows.
pub struct GlobalTx(Tx);

impl WorkspaceTx {
    /// Begins a transaction that may write. Errors: [`Error::Unavailable`], [`Error::Busy`], [`Error::Setup`].
    pub async fn begin(db: &Db, workspace: WorkspaceId) -> Result<Self, Error> {
        Ok(Self { tx: Tx::open(db, Fence::Workspace(workspace), Access::Write).await?, workspace })
    }

    /// Begins a transaction that only reads. Errors: as for `begin`.
    pub async fn read(db: &Db, workspace: WorkspaceId) -> Result<Self, Error> {
        Ok(Self { tx: Tx::open(db, Fence::Workspace(workspace), Access::Read).await?, workspace })
    }

    /// The workspace, for the predicate that each statement has nevertheless.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Makes everything visible, events included. Errors: nothing has happened, except that after
    /// [`Error::Unavailable`] it may have.
    pub async fn commit(self) -> Result<(), Error> {
        self.tx.commit().await
    }
}

impl SystemTx {
    /// Begins a transaction that may write, for a purpose in a few words. Errors: as for [`WorkspaceTx::begin`].
    pub async fn begin(db: &Db, purpose: &'static str) -> Result<Self, Error> {
        Tx::open(db, Fence::System(purpose), Access::Write).await.map(Self)
    }

    /// Begins a transaction that only reads. Errors: as for `begin`.
    pub async fn read(db: &Db, purpose: &'static str) -> Result<Self, Error> {
        Tx::open(db, Fence::System(purpose), Access::Read).await.map(Self)
    }

    /// Goes on as a transaction of one workspace, for what was looked up across all of them and must stay so until it is written.
    /// Errors: why the statement failed.
    pub async fn narrow(mut self, workspace: WorkspaceId) -> Result<WorkspaceTx, Error> {
        if !self.0.db.is_sqlite() {
            let fences: [Value; 1] = [workspace.into()];
            self.0.execute(sql!(pair "fence/narrow"), &fences).await?;
        }
        Ok(WorkspaceTx { tx: self.0, workspace })
    }

    /// Makes everything visible. Errors: as for [`WorkspaceTx::commit`].
    pub async fn commit(self) -> Result<(), Error> {
        self.0.commit().await
    }
}

impl GlobalTx {
    /// Begins a transaction that may write. Errors: as for [`WorkspaceTx::begin`].
    pub async fn begin(db: &Db) -> Result<Self, Error> {
        Tx::open(db, Fence::Global, Access::Write).await.map(Self)
    }

    /// Begins a transaction that only reads. Errors: as for `begin`.
    pub async fn read(db: &Db) -> Result<Self, Error> {
        Tx::open(db, Fence::Global, Access::Read).await.map(Self)
    }

    /// Makes everything visible. Errors: as for [`WorkspaceTx::commit`].
    pub async fn commit(self) -> Result<(), Error> {
        self.0.commit().await
    }
}

impl Tx {
    /// The row, if there is one; the first if there are several. Errors: why the statement failed.
    pub async fn fetch_optional<R: Row>(&mut self, sql: Sql, values: &[Value]) -> Result<Option<R>, Error> {
        let span = trace::statement(&self.db, sql.name);
        self.optional(sql, values).instrument(span).await
    }

    async fn optional<R: Row>(&mut self, sql: Sql, values: &[Value]) -> Result<Option<R>, Error> {
        let keep = self.db.keeps_statements();
        match &mut self.open {
            Open::Postgres(tx) => {
                let query = values.iter().fold(sqlx::query(sql.postgres), |q, v| v.postgres(q)).persistent(keep);
                let row = patient(query.fetch_optional(&mut **tx)).await.map_err(|e| self.db.failed(e))?;
                row.map(|r| R::read(&Cells::from(&r))).transpose()
            }
            Open::Sqlite(tx) => {
                let query = values.iter().fold(sqlx::query(sql.sqlite), |q, v| v.sqlite(q));
                let row = query.fetch_optional(&mut **tx).await.map_err(|e| self.db.failed(e))?;
                row.map(|r| R::read(&Cells::from(&r))).transpose()
            }
        }
    }

    /// The row of a statement that always has one. Errors: [`Error::Other`] when there is none.
    pub async fn fetch_one<R: Row>(&mut self, sql: Sql, values: &[Value]) -> Result<R, Error> {
        self.fetch_optional(sql, values).await?.ok_or_else(|| Error::decode(sqlx::Error::RowNotFound))
    }

    /// All rows. Errors: why the statement failed.
    pub async fn fetch_all<R: Row>(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<R>, Error> {
        let span = trace::statement(&self.db, sql.name);
        self.all(sql, values).instrument(span).await
    }

    async fn all<R: Row>(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<R>, Error> {
        let keep = self.db.keeps_statements();
        match &mut self.open {
            Open::Postgres(tx) => {
                let query = values.iter().fold(sqlx::query(sql.postgres), |q, v| v.postgres(q)).persistent(keep);
                let rows = patient(query.fetch_all(&mut **tx)).await.map_err(|e| self.db.failed(e))?;
                rows.iter().map(|r| R::read(&Cells::from(r))).collect()
            }
            Open::Sqlite(tx) => {
                let query = values.iter().fold(sqlx::query(sql.sqlite), |q, v| v.sqlite(q));
                let rows = query.fetch_all(&mut **tx).await.map_err(|e| self.db.failed(e))?;
                rows.iter().map(|r| R::read(&Cells::from(r))).collect()
            }
        }
    }

    /// How many rows it changed. Errors: why the statement failed; on PostgreSQL the transaction is then of no use.
    pub async fn execute(&mut self, sql: Sql, values: &[Value]) -> Result<u64, Error> {
        let span = trace::statement(&self.db, sql.name);
        self.run(sql, values).instrument(span).await
    }

    async fn run(&mut self, sql: Sql, values: &[Value]) -> Result<u64, Error> {
        let keep = self.db.keeps_statements();
        let done = match &mut self.open {
            Open::Postgres(tx) => {
                let query = values.iter().fold(sqlx::query(sql.postgres), |q, v| v.postgres(q)).persistent(keep);
                patient(query.execute(&mut **tx)).await.map(|r| r.rows_affected())
            }
            Open::Sqlite(tx) => {
                let query = values.iter().fold(sqlx::query(sql.sqlite), |q, v| v.sqlite(q));
                query.execute(&mut **tx).await.map(|r| r.rows_affected())
            }
        };
        done.map_err(|e| self.db.failed(e))
    }

    /// Publishes an event with this transaction: it is written to the outbox at `commit`, and everybody who watches
    /// the feed hears of it.
    pub fn emit(&mut self, event: &outbox::Event) {
        self.events.push(event.clone());
    }

    async fn open(db: &Db, fence: Fence, access: Access) -> Result<Self, Error> {
        // Boxed: it is most of what every future would be that has a transaction in it.
        Ok(Self { db: db.clone(), open: Box::pin(db.begin(fence, access)).await?, events: vec![] })
    }

    async fn commit(mut self) -> Result<(), Error> {
        let events = std::mem::take(&mut self.events);
        // Last of all statements: from here on other emitters wait for us.
        outbox::write(&mut self, &events).await?;
        let Self { db, open, .. } = self;
        db.at_commit(Side::Before).await;
        let span = trace::transaction(&db, "COMMIT");
        async {
            match open {
                Open::Postgres(tx) => patient(tx.commit()).await,
                Open::Sqlite(tx) => tx.commit().await,
            }
            .map_err(|e| db.failed(e))
        }
        .instrument(span)
        .await?;
        db.at_commit(Side::After).await;
        if !events.is_empty() {
            db.emitted().notify_one();
        }
        Ok(())
    }

    pub(crate) const fn db(&self) -> &Db {
        &self.db
    }

    /// For statements that are made of names.
    pub(crate) const fn open_mut(&mut self) -> &mut Open {
        &mut self.open
    }
}

async fn patient<T>(statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(PATIENCE, statement)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

impl Deref for WorkspaceTx {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for WorkspaceTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

impl Deref for SystemTx {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.0
    }
}

impl DerefMut for SystemTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.0
    }
}

impl Deref for GlobalTx {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.0
    }
}

impl DerefMut for GlobalTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.0
    }
}
