//! A service that keeps things, smaller than the real ones.

use proto::id::{EventId, WorkspaceId};
use store::{Error, GlobalTx, Migration, Schema, Sql, Tx, outbox::Event};
use uuid::Uuid;

const INIT: Migration = Migration {
    name: "0001_init",
    postgres: "-- tenant: things
        create table things (id bigint generated always as identity, workspace_id uuid not null, name text not null);
        -- global: words
        create table words (word text primary key);
        -- include: outbox
        ",
    sqlite: "-- tenant: things
        create table things (id integer primary key, workspace_id blob not null, name text not null);
        -- global: words
        create table words (word text primary key);
        -- include: outbox
        ",
};

pub const SCHEMA: Schema = Schema { name: "things", migrations: &[INIT] };

pub const fn sql(text: &'static str) -> Sql {
    Sql { name: "test", postgres: text, sqlite: text }
}

pub fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::now_v7())
}

pub async fn add(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<(), Error> {
    let add = sql("insert into things (workspace_id, name) values ($1, $2)");
    tx.execute(add, &[workspace.into(), name.into()]).await.map(drop)
}

/// The names of all things that `tx` sees.
pub async fn names(tx: &mut Tx) -> Vec<String> {
    let rows: Vec<(String,)> = tx.fetch_all(sql("select name from things order by name"), &[]).await.unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

pub async fn say(tx: &mut GlobalTx, word: &str) -> Result<(), Error> {
    tx.execute(sql("insert into words (word) values ($1)"), &[word.into()]).await.map(drop)
}

/// How many words `tx` sees.
pub async fn words(tx: &mut Tx) -> i64 {
    tx.fetch_one::<(i64,)>(sql("select cast(count(*) as bigint) as n from words"), &[]).await.unwrap().0
}

pub fn event(subject: impl ToString) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: "thing.added",
        workspace: None,
        subject: subject.to_string(),
        actor: "service:identity".to_owned(),
        impersonator: None,
        at: chrono::Utc::now(),
        request_id: String::new(),
        payload: serde_json::json!({}),
    }
}
