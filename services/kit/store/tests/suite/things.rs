//! A service that keeps things.

use chrono::{DateTime, SubsecRound as _, Utc};
use proto::id::{EventId, WorkspaceId};
use store::{Error, Migration, Schema, Sql, Tx, Value, outbox::Event};
use uuid::Uuid;

pub const INIT: Migration = Migration {
    name: "0001_init",
    postgres: "-- tenant: things
        create table things (id uuid primary key, workspace_id uuid not null, name text, number bigint, small integer,
            flag boolean, bytes bytea, at timestamptz, json jsonb);
        -- global: words
        create table words (word text primary key);
        -- include: outbox
        -- include: replay
        ",
    sqlite: "-- tenant: things
        create table things (id blob primary key, workspace_id blob not null, name text, number integer, small integer,
            flag boolean, bytes blob, at integer, json text);
        -- global: words
        create table words (word text primary key);
        -- include: outbox
        -- include: replay
        ",
};

pub const SCHEMA: Schema = Schema { name: "things", migrations: &[INIT] };

store::row! {
    /// A thing.
    #[derive(Debug, PartialEq)]
    pub struct Thing {
        pub id: Uuid,
        pub workspace_id: WorkspaceId,
        pub name: Option<String>,
        pub number: Option<i64>,
        pub small: Option<i32>,
        pub flag: Option<bool>,
        pub bytes: Option<Vec<u8>>,
        pub at: Option<DateTime<Utc>>,
        pub json: Option<serde_json::Value>,
    }
}

pub const ADD: Sql = same(
    "insert into things (id, workspace_id, name, number, small, flag, bytes, at, json)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
pub const ALL: Sql = same("select * from things order by id");
pub const WORD: Sql = same("insert into words (word) values ($1)");
pub const WORDS: Sql = same("select word from words order by word");

pub const fn same(text: &'static str) -> Sql {
    Sql { name: "test", postgres: text, sqlite: text }
}

pub fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::now_v7())
}

pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Adds a thing that has nothing but a name.
pub async fn add(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<(), Error> {
    let none: Option<i64> = None;
    let values: [Value; 9] = [
        Uuid::now_v7().into(),
        workspace.into(),
        name.into(),
        none.into(),
        none.into(),
        None::<bool>.into(),
        None::<Vec<u8>>.into(),
        None::<DateTime<Utc>>.into(),
        None::<serde_json::Value>.into(),
    ];
    tx.execute(ADD, &values).await.map(drop)
}

pub async fn count(tx: &mut Tx) -> usize {
    tx.fetch_all::<Thing>(ALL, &[]).await.expect("a table").len()
}

pub fn event(kind: &'static str, subject: impl ToString) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind,
        workspace: None,
        subject: subject.to_string(),
        actor: "service:identity".to_owned(),
        impersonator: None,
        at: now(),
        request_id: String::new(),
        payload: serde_json::json!({ "n": 1 }),
    }
}
