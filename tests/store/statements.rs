//! Every statement of every service, compiled by the databases that will run it.

use crate::{SERVICES, postgres, services};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use store::{Db, Sql, testing};

/// The statements under a folder, by name; those that are a pair together.
pub fn statements(root: &Path) -> BTreeMap<String, Sql> {
    let mut found: BTreeMap<String, Sql> = BTreeMap::new();
    for path in files(root, "sql") {
        let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let text: &'static str = std::fs::read_to_string(&path).unwrap().leak();
        let stem = relative.strip_suffix(".sql").unwrap();
        let pg = stem.strip_suffix(".pg");
        let sqlite = stem.strip_suffix(".sqlite");
        let name = pg.or(sqlite).unwrap_or(stem);
        let sql = found.entry(name.to_owned()).or_insert(Sql { name: "", postgres: "", sqlite: "" });
        if sqlite.is_none() {
            assert_eq!(sql.postgres, "", "{relative}: a statement is one file or a pair");
            sql.postgres = text;
        }
        if pg.is_none() {
            assert_eq!(sql.sqlite, "", "{relative}: a statement is one file or a pair");
            sql.sqlite = text;
        }
    }
    found
}

/// All files under a folder with this ending.
pub fn files(root: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else { return vec![] };
    let mut found = vec![];
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is wrong with the statements of a folder on this database.
async fn wrong(db: &Db, root: &Path) -> Vec<String> {
    let mut wrong = vec![];
    for (name, sql) in statements(root) {
        if let Err(error) = db.prepare(&sql).await {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            wrong.push(format!("{}/{name}: {error} {cause}", root.display()));
        }
    }
    wrong
}

#[tokio::test]
async fn every_statement_fits_the_tables_of_both_databases() {
    let mut failures = vec![];
    let mut count = 0;
    for (name, schema) in SERVICES {
        let root = services().join(name).join("sql");
        count += statements(&root).len();
        let mut roots = vec![root, services().join("kit/store/sql/migration")];
        for part in ["outbox", "replay"] {
            if schema.migrations.iter().any(|m| m.postgres.contains(&format!("-- include: {part}"))) {
                roots.push(services().join("kit/store/sql").join(part));
            }
        }
        let (sqlite, postgres) = (testing::sqlite(schema).await, postgres(schema).await);
        for root in &roots {
            failures.extend(wrong(&sqlite, root).await.into_iter().map(|w| format!("SQLite: {w}")));
            failures.extend(wrong(&postgres, root).await.into_iter().map(|w| format!("PostgreSQL: {w}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 20, "only {count} statements were found: where are the others?");
}

#[test]
fn a_statement_without_a_pair_uses_nothing_that_only_one_database_has() {
    for (service, _) in SERVICES {
        for (name, sql) in statements(&services().join(service).join("sql")) {
            if sql.postgres != sql.sqlite {
                continue;
            }
            let code: String = sql.postgres.lines().filter(|l| !l.trim_start().starts_with("--")).collect();
            for word in ["::", "now()", "any(", "datetime(", "to_timestamp("] {
                assert!(!code.contains(word), "services/{service}/sql/{name}.sql uses {word}");
            }
        }
    }
}

#[test]
fn every_statement_is_used() {
    for (service, _) in SERVICES {
        let root = services().join(service);
        let code: String = files(&root.join("src"), "rs").iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
        let unused: BTreeSet<_> =
            statements(&root.join("sql")).into_keys().filter(|name| !code.contains(&format!("\"{name}\""))).collect();
        assert!(unused.is_empty(), "services/{service}/sql: nobody uses {unused:?}");
    }
}
