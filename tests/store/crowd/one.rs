//! One transaction of the crowd.

use super::{Crowd, things};
use proto::id::WorkspaceId;
use rand::{RngExt as _, rngs::StdRng};
use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};
use store::{Error, GlobalTx, SystemTx, Tx, WorkspaceTx};

/// The panic that is part of the plan.
pub struct Meant;

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Commits,
    /// It is dropped.
    GivesUp,
    /// One of its statements fails.
    Fails,
    /// Whoever runs it panics.
    Panics,
    /// One that reads, and is dropped.
    Reads,
    /// One for global tables, which sees nothing of any tenant.
    Global,
    /// One across tenants, which leaves nothing of that behind.
    System,
}

/// One transaction, as it was drawn.
#[derive(Debug, PartialEq, Eq)]
pub struct One {
    number: u64,
    tenant: usize,
    workspace: WorkspaceId,
    other: WorkspaceId,
    pub how: How,
    /// After so many times that it had to wait for something, nobody is interested in it any more.
    pub leaves_after: Option<u32>,
}

impl How {
    pub const ALL: [Self; 7] =
        [Self::Commits, Self::GivesUp, Self::Fails, Self::Panics, Self::Reads, Self::Global, Self::System];
}

impl One {
    pub fn drawn(number: u64, chance: &mut StdRng, tenants: &[WorkspaceId]) -> Self {
        let tenant = chance.random_range(0..tenants.len());
        let other = (tenant + chance.random_range(1..tenants.len())) % tenants.len();
        let how = match chance.random_range(0..10) {
            0..=3 => How::Commits,
            4 => How::GivesUp,
            5 => How::Fails,
            6 => How::Panics,
            7 => How::Reads,
            8 => How::Global,
            _ => How::System,
        };
        let leaves_after = chance.random_bool(0.25).then(|| chance.random_range(1..14));
        Self { number, tenant, workspace: tenants[tenant], other: tenants[other], how, leaves_after }
    }

    /// Runs it, or as much of it as somebody waits for. Errors: it could not begin.
    pub(super) async fn run(&self, crowd: &Crowd) -> Result<(), Error> {
        let Some(polls) = self.leaves_after else { return self.whole(crowd).await };
        let mut whole = pin!(self.whole(crowd));
        match (Leaves { whole: whole.as_mut(), polls }).await {
            Some(done) => done,
            None => {
                crowd.ends.left();
                Ok(())
            }
        }
    }

    async fn whole(&self, crowd: &Crowd) -> Result<(), Error> {
        let db = &crowd.db;
        match self.how {
            How::Reads => {
                let mut tx = WorkspaceTx::read(db, self.workspace).await?;
                look(&mut tx, Some(self.workspace), db.is_sqlite()).await
            }
            How::Global => look(&mut *GlobalTx::begin(db).await?, None, db.is_sqlite()).await,
            How::System => {
                let mut tx = SystemTx::read(db, "count everything").await?;
                let all = things::sql("select cast(count(*) as bigint) as n from things");
                tx.fetch_one::<(i64,)>(all, &[]).await?;
                tx.commit().await
            }
            _ => self.write(crowd).await,
        }
    }

    async fn write(&self, crowd: &Crowd) -> Result<(), Error> {
        let db = &crowd.db;
        let mut tx = WorkspaceTx::begin(db, self.workspace).await?;
        look(&mut tx, Some(self.workspace), db.is_sqlite()).await?;
        things::add(&mut tx, self.workspace, &format!("{} {}", self.tenant, self.number)).await?;
        if !db.is_sqlite() {
            // Without a predicate that would be in its way: PostgreSQL is the one.
            let theirs = things::sql("update things set name = 'taken' where workspace_id <> $1");
            assert_eq!(tx.execute(theirs, &[self.workspace.into()]).await?, 0, "it changed what is another's");
        }
        match self.how {
            How::Commits => {
                crowd.ends.commits(self.number);
                tx.commit().await?;
                crowd.ends.committed(self.number);
            }
            How::Fails if db.is_sqlite() => {
                let fails = tx.execute(things::sql("insert into things (workspace_id) values (null)"), &[]).await;
                assert!(fails.is_err(), "a row of nobody was taken");
            }
            How::Fails => {
                let forged = things::add(&mut tx, self.other, "forged").await;
                assert!(forged.is_err(), "it wrote for somebody else");
            }
            How::Panics => std::panic::resume_unwind(Box::new(Meant)),
            _ => crowd.ends.gave_up(),
        }
        Ok(())
    }
}

/// Sees that nothing of anybody else is in sight, and that the connection brings nothing from whoever had it before.
pub async fn look(tx: &mut Tx, workspace: Option<WorkspaceId>, is_sqlite: bool) -> Result<(), Error> {
    if is_sqlite {
        // Its statements are the only wall, and those have their own test.
        return tx.fetch_one::<(i64,)>(things::sql("select count(*) as n from words"), &[]).await.map(drop);
    }
    let sight = things::sql(
        "select cast(count(*) as bigint) as foreign_rows, current_user::text as who,
             coalesce(current_setting('perpetuo.workspace', true), '') as workspace,
             coalesce(current_setting('perpetuo.system', true), '') as system
         from things where $1 is null or workspace_id <> $1",
    );
    let seen: Sight = tx.fetch_one(sight, &[workspace.into()]).await?;
    assert_eq!(seen.foreign_rows, 0, "it sees rows of others");
    assert_eq!(seen.who, "perpetuo_app");
    assert_eq!(seen.system, "", "a transaction of the system was here, and its rights still are");
    let own = workspace.map(|w| w.uuid().to_string()).unwrap_or_default();
    assert_eq!(seen.workspace, own, "it works for somebody else");
    Ok(())
}

store::row! {
    /// What a transaction sees of the world.
    struct Sight {
        foreign_rows: i64,
        who: String,
        workspace: String,
        system: String,
    }
}

/// Polls so often and then goes away.
struct Leaves<'a, F> {
    whole: Pin<&'a mut F>,
    polls: u32,
}

impl<F: Future> Future for Leaves<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.whole.as_mut().poll(context).map(Some)
    }
}
