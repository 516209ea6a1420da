//! Rows move from SQLite to PostgreSQL, all of them or none, and are what they were.

use crate::things::{self, ADD, Thing, same};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use store::{
    Backend, Db, Error, Migration, Pooler, Schema, SystemTx, WorkspaceTx,
    copy::{self, Copied, Part, Progress},
    testing::{self, Fresh},
};
use uuid::Uuid;

/// A table before the one that it refers to, a key of text whose order depends on who sorts, and a fence.
const MORE: Migration = Migration {
    name: "0002_more",
    postgres: "-- global: notes, parents
        create table parents (name text primary key);
        create table notes (name text not null references parents (name), n bigint not null, body jsonb,
            primary key (name, n));
        create function notes_stay() returns trigger language plpgsql as $$
        begin raise exception 'notes stay as they are'; end $$;
        create trigger notes_stay before update or delete on notes for each row execute function notes_stay();",
    sqlite: "-- global: notes, parents
        create table parents (name text primary key);
        create table notes (name text not null references parents (name), n integer not null, body text,
            primary key (name, n));",
};

const WITH_MORE: Schema = Schema { name: "things", migrations: &[things::INIT, MORE] };

async fn source() -> Fresh {
    let fresh = testing::sqlite(&WITH_MORE).await;
    let mut tx = SystemTx::begin(&fresh, "fill").await.unwrap();
    for n in 0..1_203_i64 {
        let mut name = format!("thing {n}");
        name.push_str(if n % 2 == 0 { "é ' \u{1F980}" } else { "" });
        let values = [
            Uuid::now_v7().into(),
            things::workspace().into(),
            name.into(),
            (i64::MIN + n).into(),
            (-7).into(),
            (n % 3 == 0).into(),
            vec![0, 255, u8::try_from(n % 256).unwrap()].into(),
            things::now().into(),
            json!({"z": [0.1, null], "a": n}).into(),
        ];
        tx.execute(ADD, &values).await.unwrap();
    }
    for name in ["b", "B", "a", "_", "ä", "Z", "z1"] {
        tx.execute(same("insert into parents (name) values ($1)"), &[name.into()]).await.unwrap();
        let note = same("insert into notes (name, n, body) values ($1, 1, $2)");
        // PostgreSQL keeps numbers as decimals, and writes this one in another way.
        tx.execute(note, &[name.into(), json!({"z": 1e16, "a": [-0.0, 2.50]}).into()]).await.unwrap();
    }
    for n in 0..5 {
        tx.emit(&things::event("thing.added", n));
    }
    tx.commit().await.unwrap();
    // Numbers that were given and are in no row any more are not given again.
    let mut tx = SystemTx::begin(&fresh, "prune").await.unwrap();
    tx.execute(same("delete from outbox where position > 3"), &[]).await.unwrap();
    tx.commit().await.unwrap();
    fresh
}

/// An empty one, and the URL of the user who owns it.
async fn target() -> Option<(Db, String)> {
    let backend = testing::postgres_backend().await?;
    let db = Db::open(&backend, &WITH_MORE).unwrap();
    db.migrate().await.unwrap();
    let Backend::Postgres { url, .. } = backend else { unreachable!("it is PostgreSQL") };
    Some((db, url))
}

async fn run(from: &Db, to: &Db) -> Result<Vec<Copied>, Error> {
    let part = Part { from: from.clone(), to: to.clone(), before: vec![] };
    copy::copy(&[part], &mut |_: Progress<'_>| {}).await
}

async fn everything(db: &Db) -> Vec<Thing> {
    SystemTx::read(db, "look").await.unwrap().fetch_all(things::ALL, &[]).await.unwrap()
}

#[tokio::test]
async fn every_row_arrives_as_it_was_and_numbers_go_on() {
    let Some((to, _)) = target().await else { return };
    let from = source().await;
    let mut compared = 0;
    let part = Part { from: from.db.clone(), to: to.clone(), before: vec![(same("select 1"), vec![])] };
    let mut tell = |progress: Progress<'_>| compared += usize::from(matches!(progress, Progress::Compared(_)));
    let copied = copy::copy(&[part], &mut tell).await.unwrap();
    let rows: Vec<_> = copied.iter().map(|c| (c.table.as_str(), c.rows)).collect();
    assert_eq!(rows, [("outbox", 3), ("parents", 7), ("notes", 7), ("replays", 0), ("things", 1_203), ("words", 0)]);
    assert_eq!(compared, copied.len());
    assert_eq!(everything(&from).await, everything(&to).await);
    let mut digests: Vec<_> = copied.iter().filter(|c| c.rows > 0).map(|c| &c.digest).collect();
    digests.dedup();
    assert_eq!(digests.len(), 4);
    // The next event comes after all that were ever there.
    let mut tx = SystemTx::begin(&to, "emit").await.unwrap();
    tx.emit(&things::event("thing.added", "next"));
    tx.commit().await.unwrap();
    let newest = same("select max(position) as n from outbox");
    let (position,): (i64,) = SystemTx::read(&to, "look").await.unwrap().fetch_one(newest, &[]).await.unwrap();
    assert_eq!(position, 6);
    // The fences hold for what was copied.
    let one = everything(&to).await.remove(0);
    let mut tx = WorkspaceTx::read(&to, one.workspace_id).await.unwrap();
    assert_eq!(things::count(&mut tx).await, 1);
}

#[tokio::test]
async fn a_target_that_is_not_empty_is_refused_by_name_and_stays_as_it_was() {
    let Some((to, _)) = target().await else { return };
    let from = source().await;
    assert_eq!(copy::occupied(&to).await.unwrap(), None);
    run(&from, &to).await.unwrap();
    let refused = run(&from, &to).await.unwrap_err().to_string();
    assert!(refused.contains("not empty: things.") && refused.contains("has rows"), "{refused}");
    assert_eq!(copy::occupied(&to).await.unwrap().as_deref(), Some("things.notes"));
    assert_eq!(everything(&to).await.len(), 1_203);
}

#[tokio::test]
async fn a_row_that_postgresql_does_not_take_is_named_and_nothing_stays() {
    let Some((to, _)) = target().await else { return };
    let from = source().await;
    let mut tx = SystemTx::begin(&from, "spoil").await.unwrap();
    let nul = same("update things set name = 'a' || char(0) || 'b' where number = $1");
    assert_eq!(tx.execute(nul, &[(i64::MIN + 700).into()]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let spoiled = same("select id from things where number = $1");
    let mut tx = SystemTx::read(&from, "look").await.unwrap();
    let (id,): (Uuid,) = tx.fetch_one(spoiled, &[(i64::MIN + 700).into()]).await.unwrap();
    let refused = run(&from, &to).await.unwrap_err().to_string();
    assert!(refused.contains("things.things") && refused.contains(&format!("id={id}")), "{refused}");
    assert_eq!(copy::occupied(&to).await.unwrap(), None);
    drop(tx);
    // What was in the way is gone: the next run begins anew.
    let mut tx = SystemTx::begin(&from, "mend").await.unwrap();
    tx.execute(same("update things set name = 'ab' where number = $1"), &[(i64::MIN + 700).into()]).await.unwrap();
    tx.commit().await.unwrap();
    run(&from, &to).await.unwrap();
}

#[tokio::test]
async fn a_row_that_arrives_changed_is_found_by_its_key_and_column() {
    let Some((to, url)) = target().await else { return };
    let from = source().await;
    for (change, word) in
        [("new.number := new.number + 1; return new;", "has another number"), ("return null;", "is not on PostgreSQL")]
    {
        let trigger = format!(
            "create or replace function things.spoil() returns trigger language plpgsql as $$
             begin if new.name = 'thing 801' then {change} end if; return new; end $$;
             create or replace trigger spoil before insert on things.things for each row execute function things.spoil();"
        );
        admin(&url, &trigger).await;
        let refused = run(&from, &to).await.unwrap_err().to_string();
        assert!(refused.contains("things.things") && refused.contains(word) && refused.contains("id="), "{refused}");
        assert_eq!(copy::occupied(&to).await.unwrap(), None);
    }
}

/// Each batch that is still open holds a lock of its own: a large table would use them up.
#[tokio::test]
async fn no_batch_stays_open_behind_the_next() {
    let Some((to, url)) = target().await else { return };
    let trigger = "create function things.look() returns trigger language plpgsql as $$
         declare held bigint;
         begin
             select count(*) into held from pg_locks where locktype = 'transactionid' and pid = pg_backend_pid();
             if held > 2 then raise exception '% transactions are open', held; end if;
             return new;
         end $$;
         create trigger look before insert on things.things for each row execute function things.look();";
    admin(&url, trigger).await;
    let from = source().await;
    run(&from, &to).await.unwrap();
    assert_eq!(everything(&to).await.len(), 1_203);
}

/// As the user who owns the tables.
async fn admin(url: &str, sql: &str) {
    let mut admin = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
}

#[tokio::test]
async fn a_target_that_somebody_uses_is_waited_for_and_then_refused() {
    let Some((to, url)) = target().await else { return };
    let from = testing::sqlite(&WITH_MORE).await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("begin; lock table things.words in row exclusive mode").execute(&mut other).await.unwrap();
    let refused = run(&from, &to).await.unwrap_err().to_string();
    assert!(refused.contains("somebody uses the table things.words"), "{refused}");
}

#[tokio::test]
async fn a_user_who_does_not_own_the_tables_is_refused() {
    let Some((_, url)) = target().await else { return };
    let from = testing::sqlite(&WITH_MORE).await;
    let user = format!("nobody_{}", Uuid::now_v7().simple());
    admin(&url, &format!("create role {user} login; grant perpetuo_app to {user}")).await;
    let (_, host) = url.split_once('@').unwrap();
    let backend = Backend::Postgres {
        url: format!("postgres://{user}@{host}"),
        admin_url: None,
        max_connections: 2,
        pooler: Pooler::None,
    };
    let refused = run(&from, &Db::open(&backend, &WITH_MORE).unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("database.admin_url"), "{refused}");
}
