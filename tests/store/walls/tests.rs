//! The check itself: what it lets pass, and what it does not.

use super::{check, grammar};
use std::collections::BTreeSet;

/// The complaints about a statement over the tenants' tables `things` and `parts`, on both databases.
fn complaints(text: &str) -> String {
    let tenants = BTreeSet::from(["things", "parts"]);
    let [postgres, sqlite] = [grammar::Dialect::Postgres, grammar::Dialect::Sqlite].map(|dialect| {
        let statement = grammar::parse(text, dialect).unwrap_or_else(|error| panic!("{text}: {error}"));
        check::complaints(&statement, &tenants).join(", ")
    });
    assert_eq!(postgres, sqlite, "{text}");
    postgres
}

#[track_caller]
fn passes(text: &str) {
    assert_eq!(complaints(text), "", "{text}");
}

#[track_caller]
fn fails(text: &str, why: &str) {
    assert_eq!(complaints(text), why, "{text}");
}

#[test]
fn a_table_is_bound_by_a_parameter_or_through_one_that_is() {
    passes("select id from things where workspace_id = $1 and id = $2");
    passes("select id from people where id = $1");
    passes("select 1 from things t join parts p on p.workspace_id = t.workspace_id where t.workspace_id = $1");
    passes("select 1 from things t left join parts p on p.workspace_id = t.workspace_id where t.workspace_id = $1");
    passes(
        "with t as (select * from things where workspace_id = $1) select 1 from t join parts p on p.workspace_id = t.workspace_id",
    );
    passes(
        "select 1 from (select workspace_id as w from things where workspace_id = $1) t join parts p on p.workspace_id = t.w",
    );
    fails("select id from things", "things");
    fails("select id from things where id = $1", "things");
    fails("select id from things where workspace_id > $1", "things");
    fails("select id from things where not workspace_id = $1", "only a filter workspace_id = $1, things");
    fails("select id from things where workspace_id = 'a'", "only a filter workspace_id = 'a', things");
    fails(
        "select id from things where workspace_id = workspace_id",
        "only a filter workspace_id = workspace_id, things",
    );
    fails("select 1 from things t join parts p on p.thing = t.id where t.workspace_id = $1", "parts");
    fails("select 1 from things t, parts p where t.workspace_id = $1", "parts");
    fails("select 1 from things t join parts p on p.workspace_id = t.workspace_id where t.id = $1", "parts+things");
}

#[test]
fn what_need_not_be_true_binds_nothing() {
    fails("select id from things where workspace_id = $1 or id = $2", "only a filter workspace_id = $1, things");
    fails("select id from things where ($1 is null or workspace_id = $1)", "only a filter workspace_id = $1, things");
    fails("select case when workspace_id = $1 then id end from things", "only a filter workspace_id = $1, things");
    // What is on the left stays without a match on the right.
    fails(
        "select 1 from things t left join parts p on p.workspace_id = $1 and t.workspace_id = p.workspace_id",
        "things",
    );
    fails(
        "select 1 from things t left join parts p on t.workspace_id = $1",
        "only a filter t.workspace_id = $1, parts, things",
    );
}

#[test]
fn a_query_inside_is_bound_by_what_is_around_it_and_not_the_other_way() {
    passes(
        "select 1 from things t where t.workspace_id = $1 and not exists (select 1 from parts p where p.workspace_id = t.workspace_id)",
    );
    passes("select (select count(*) from parts p where p.workspace_id = $1) from things where workspace_id = $1");
    fails(
        "select 1 from things t where t.workspace_id = $1 and exists (select 1 from parts p where p.id = t.id)",
        "parts",
    );
    fails(
        "select 1 from things t where not exists (select 1 from parts p where p.workspace_id = $1 and t.workspace_id = p.workspace_id)",
        "things",
    );
    fails("select 1 from things where workspace_id = $1 order by (select max(p.id) from parts p)", "parts");
    fails(
        "select 1 from (select * from things limit 3) t where t.workspace_id = $1",
        "only a filter t.workspace_id = $1, things",
    );
}

#[test]
fn each_part_of_a_union_is_bound_by_itself() {
    passes("select id from things where workspace_id = $1 union all select id from parts where workspace_id = $1");
    fails("select id from things where workspace_id = $1 union all select id from parts", "parts");
    fails(
        "select 1 from (select workspace_id from things where workspace_id = $1 union select workspace_id from parts) u
         join things t on t.workspace_id = u.workspace_id",
        "parts+things",
    );
}

#[test]
fn rows_of_values_bind_place_by_place() {
    passes(
        "delete from things where (workspace_id, id) in (select p.workspace_id, p.thing from parts p where p.workspace_id = $1)",
    );
    fails(
        "delete from things where (id, workspace_id) in (select p.workspace_id, p.thing from parts p where p.workspace_id = $1)",
        "only a filter (id, workspace_id) IN (SELECT p.workspace_id, p.thing FROM parts p WHERE p.workspace_id = $1), things",
    );
    fails("delete from things where (workspace_id, id) in (select workspace_id, thing from parts)", "parts+things");
    fails("delete from things where id in (select thing from parts where workspace_id = $1)", "things");
}

#[test]
fn what_is_changed_is_of_one_workspace_before_and_after() {
    passes("update things set name = $2 where workspace_id = $1");
    passes(
        "update things set name = p.name from parts p where things.workspace_id = $1 and p.workspace_id = things.workspace_id",
    );
    fails("update things set name = $1", "things");
    fails("update things set name = p.name from parts p where things.workspace_id = $1", "parts");
    fails("update things set name = (select name from parts limit 1) where workspace_id = $1", "parts");
    fails("update things set workspace_id = $2 where workspace_id = $1", "moves rows: workspace_id = $2");
    fails("delete from things where id = $1", "things");
}

#[test]
fn what_is_inserted_says_whose_it_is() {
    passes("insert into things (id, workspace_id) values ($1, $2)");
    passes("insert into things (id, workspace_id) select id, workspace_id from parts where workspace_id = $1");
    fails("insert into things (id) values ($1)", "things");
    fails("insert into things (workspace_id, id) select id, workspace_id from parts where workspace_id = $1", "things");
    fails("insert into things (id, workspace_id) select id, workspace_id from parts", "parts+things");
}

#[test]
fn an_insert_changes_no_row_of_another_workspace_instead() {
    passes(
        "insert into things (workspace_id, id) values ($1, $2) on conflict (workspace_id, id) do update set name = excluded.name",
    );
    passes("insert into things (workspace_id, id) values ($1, $2) on conflict (id) do nothing");
    passes(
        "insert into things (workspace_id, id) values ($1, $2) on conflict (id) do update set name = excluded.name
         where things.workspace_id = excluded.workspace_id",
    );
    fails(
        "insert into things (workspace_id, id) values ($1, $2) on conflict (id) do update set name = excluded.name",
        "things on conflict",
    );
    fails(
        "insert into things (workspace_id, id) values ($1, $2) on conflict (id) do update set workspace_id = excluded.workspace_id",
        "moves rows: workspace_id = excluded.workspace_id, things on conflict",
    );
}
