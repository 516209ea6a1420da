//! PostgreSQL's catalogue says of every table of tenants that it has the fence that the store puts up, and nothing beside it.
//!
//! What the fence does is seen in `isolation.rs`, on a table of the same store. Here each policy has to be that one, word for
//! word: one that lets more through (`using (true)`, a second one, one without a check) is found, and so is whatever makes
//! policies count for nothing.

use crate::{SERVICES, postgres, things};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::BTreeMap;
use store::Backend;

/// What is wrong with the tables of schema `$1`; `$2` is the role that works.
const OPEN: &str = include_str!("fences/open.sql");

/// Each policy of schema `$1`.
const POLICIES: &str = include_str!("fences/policies.sql");

/// The policies of a table, in an order of their own.
type Policies = BTreeMap<String, Vec<String>>;

async fn policies(connection: &mut PgConnection, schema: &str) -> Policies {
    let rows: Vec<(String, String)> = sqlx::query_as(POLICIES).bind(schema).fetch_all(connection).await.unwrap();
    let mut policies = Policies::new();
    for (table, policy) in rows {
        policies.entry(table).or_default().push(policy);
    }
    policies
}

/// Everything that is wrong with a schema. `fence` are the policies that its tables have to have.
async fn faults(connection: &mut PgConnection, schema: &str, fence: &Policies) -> Vec<String> {
    let open: Vec<(String, String)> =
        sqlx::query_as(OPEN).bind(schema).bind("perpetuo_app").fetch_all(&mut *connection).await.unwrap();
    let mut faults: Vec<String> = open.into_iter().map(|(what, why)| format!("{what}: {why}")).collect();
    let tables =
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
        where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and a.attname = 'workspace_id' order by 1";
    let tables: Vec<String> = sqlx::query_scalar(tables).bind(schema).fetch_all(&mut *connection).await.unwrap();
    let found = policies(connection, schema).await;
    for table in tables {
        let wanted = &fence[if table == "outbox" { "outbox" } else { "things" }];
        match found.get(&table) {
            None => faults.push(format!("{table}: no policy")),
            Some(policies) if policies != wanted => faults.push(format!("{table}: other policies: {policies:?}")),
            Some(_) => {}
        }
    }
    faults
}

async fn connect(backend: &Backend) -> PgConnection {
    let Backend::Postgres { url, .. } = backend else { unreachable!("it is PostgreSQL") };
    PgConnection::connect(url).await.unwrap()
}

/// What the store puts up, on a table of its own tests.
async fn fence() -> Policies {
    let fresh = postgres(&things::SCHEMA).await;
    policies(&mut connect(&fresh.backend).await, "things").await
}

#[tokio::test]
async fn no_table_of_any_service_shows_a_tenants_rows_to_another() {
    let fence = fence().await;
    for (name, schema) in SERVICES {
        let fresh = postgres(schema).await;
        let faults = faults(&mut connect(&fresh.backend).await, schema.name, &fence).await;
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

/// Each of these makes a hole, and each is found. A role is the server's, so nothing of this is committed.
#[tokio::test]
async fn every_hole_in_a_fence_would_be_found() {
    let fence = fence().await;
    let fresh = postgres(&things::SCHEMA).await;
    let mut connection = connect(&fresh.backend).await;
    assert_eq!(faults(&mut connection, "things", &fence).await, [""; 0]);
    let policy = "workspace_id = (select nullif(current_setting('perpetuo.workspace', true), '')::uuid) \
                  or (select current_setting('perpetuo.system', true)) <> ''";
    let holes = [
        ("create table things.open (workspace_id uuid)", "open: no policy"),
        ("alter table things.things disable row level security", "things: row-level security is off"),
        ("alter table things.things no force row level security", "things: its owner sees everything"),
        ("drop policy fence on things.things", "things: no policy"),
        ("alter policy fence on things.things using (true)", "things: other policies"),
        ("alter policy fence on things.things with check (true)", "things: other policies"),
        ("create policy more on things.things for select using (true)", "things: other policies"),
        ("alter policy fence on things.things to postgres", "things: other policies"),
        ("alter policy fence on things.things using (workspace_id is not null)", "things: other policies"),
        (
            // Without `with check` nobody may write at all; with one that is true everybody for everybody.
            &format!(
                "drop policy fence on things.things; create policy fence on things.things for select using ({policy}); \
                 create policy write on things.things for insert with check (true)"
            ),
            "things: other policies",
        ),
        ("create policy all_of_it on things.outbox using (true)", "outbox: other policies"),
        ("alter role perpetuo_app bypassrls", "perpetuo_app: passes row-level security"),
        ("alter role perpetuo_app superuser", "perpetuo_app: passes row-level security"),
        ("alter table things.things owner to perpetuo_app", "things: belongs to the role that works"),
        (
            "create role keeper; alter table things.things owner to keeper; grant keeper to perpetuo_app",
            "things: belongs to the role that works",
        ),
        (
            "create view things.everything as select * from things.things",
            "everything: a view shows what its owner sees",
        ),
        (
            "create materialized view things.copied as select * from things.things",
            "copied: a view shows what its owner sees",
        ),
        (
            "create function things.peek() returns bigint language sql security definer as 'select count(*) from things.things'",
            "peek: a function that works as its owner",
        ),
        ("grant truncate on things.things to perpetuo_app", "things: may be emptied"),
    ];
    for (hole, found) in holes {
        let mut tx = connection.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(hole)).execute(&mut *tx).await.unwrap_or_else(|error| panic!("{hole}: {error}"));
        let faults = faults(&mut tx, "things", &fence).await;
        assert!(faults.iter().any(|fault| fault.starts_with(found)), "{hole}: {faults:#?}");
        tx.rollback().await.unwrap();
    }
}
