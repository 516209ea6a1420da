//! The first wall between tenants: the statements themselves. On SQLite there is no other.
//!
//! Every statement is parsed, and each mention of a tenants' table in it has to be bound to a workspace that the caller has
//! named. Which statements see more than one workspace, and why, is a list: `walls/across.txt`. That the check would notice is
//! shown by taking every single predicate out of every statement.

mod check;
mod grammar;
mod known;
mod predicates;
mod scope;
mod tests;

use crate::{SERVICES, services, statements};
use grammar::Dialect;
use sqlparser::ast::Statement;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// `service/noun/verb | what is not bound | why`, sorted.
const ACROSS: &str = include_str!("walls/across.txt");

/// A statement of one service, as one of the databases reads it.
struct Text {
    name: String,
    dialect: Dialect,
    statement: Statement,
    tenants: BTreeSet<&'static str>,
}

/// All statements of all services, and those of the store.
fn texts() -> Vec<Text> {
    let mut texts = vec![];
    for (service, schema) in SERVICES {
        let declared = schema.migrations.iter().flat_map(|m| m.postgres.lines()).map(str::trim);
        let tenants = declared.filter_map(|line| line.strip_prefix("-- tenant:")).flat_map(|names| names.split(','));
        // The outbox is everybody's to write, and yet its rows are somebody's.
        let tenants: BTreeSet<&str> = tenants.map(str::trim).chain(["outbox"]).collect();
        texts.extend(of_folder(service, &services().join(service).join("sql"), &tenants));
    }
    let kit = services().join("kit/store/sql");
    texts.extend(of_folder("kit", &kit, &BTreeSet::from(["outbox"])));
    texts
}

fn of_folder(service: &str, folder: &std::path::Path, tenants: &BTreeSet<&'static str>) -> Vec<Text> {
    let mut texts = vec![];
    for (name, sql) in statements::statements(folder) {
        // The catalogue of PostgreSQL is nobody's.
        if service == "kit" && !(name.starts_with("outbox/") || name == "erase/person") {
            continue;
        }
        for (dialect, text) in [(Dialect::Postgres, sql.postgres), (Dialect::Sqlite, sql.sqlite)] {
            let name = format!("{service}/{name}");
            let statement = grammar::parse(text, dialect).unwrap_or_else(|error| panic!("{name}: {error}"));
            texts.push(Text { name, dialect, statement, tenants: tenants.clone() });
        }
    }
    texts
}

#[test]
fn every_statement_is_bound_to_one_workspace_or_it_is_written_down_why_not() {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for text in texts() {
        let complaints = check::complaints(&text.statement, &text.tenants).join(", ");
        let before = found.insert(text.name.clone(), complaints.clone());
        assert!(
            before.as_ref().is_none_or(|before| *before == complaints),
            "{}: the texts of the two databases are bound differently: {before:?} and, on {:?}, {complaints:?}",
            text.name,
            text.dialect
        );
    }
    found.retain(|_, complaints| !complaints.is_empty());
    let mut listed = BTreeMap::new();
    for line in ACROSS.lines() {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [name, what, why] = parts.as_slice() else {
            panic!("walls/across.txt: {line:?} is not `name | what | why`")
        };
        assert!(why.len() > 5, "walls/across.txt: {name} says no reason");
        listed.insert((*name).to_owned(), (*what).to_owned());
    }
    assert!(ACROSS.lines().is_sorted(), "walls/across.txt is sorted by name");
    let unlisted: Vec<_> = found.iter().filter(|(name, what)| listed.get(*name) != Some(what)).collect();
    assert!(
        unlisted.is_empty(),
        "bind these tables to a workspace (`workspace_id = $1`, or through an equality to one that is), or, if the statement is \
         meant to see several workspaces, write `name | what | why` into tests/store/walls/across.txt: {unlisted:#?}"
    );
    let needless: Vec<_> = listed.keys().filter(|name| !found.contains_key(*name)).collect();
    assert!(needless.is_empty(), "take out of tests/store/walls/across.txt what is bound or gone: {needless:?}");
}

/// What is written down sees nothing in a transaction of one workspace on PostgreSQL, and everything on SQLite.
#[test]
fn what_sees_several_workspaces_is_run_in_files_that_work_across_them() {
    for line in ACROSS.lines() {
        let (service, statement) = line.split(" | ").next().and_then(|name| name.split_once('/')).unwrap();
        let folder = if service == "kit" { "kit/store" } else { service };
        let files = statements::files(&services().join(folder).join("src"), "rs");
        let quoted = format!("\"{statement}\"");
        let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
        let mut runs = texts.filter(|text| text.contains(&quoted)).peekable();
        assert!(runs.peek().is_some(), "nobody runs {line}");
        assert!(runs.any(|text| text.contains("SystemTx")), "{line}: no file that runs it has a SystemTx");
    }
}

#[test]
fn a_statement_without_any_single_one_of_its_walls_is_found() {
    let begun = Instant::now();
    let (mut torn, mut unseen) = (0, vec![]);
    for text in texts() {
        let whole = check::complaints(&text.statement, &text.tenants);
        for (wall, mutant) in predicates::mutants(&text.statement, &text.tenants) {
            torn += 1;
            if check::complaints(&mutant, &text.tenants) == whole {
                unseen.push(format!("{} ({:?}): {wall}", text.name, text.dialect));
            }
        }
    }
    assert!(unseen.is_empty(), "nobody would notice if these went: {unseen:#?}");
    assert!(torn > 700, "only {torn} walls were found: where are the others?");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(60), "it took {took:?}: nobody waits that long for a proof");
}
