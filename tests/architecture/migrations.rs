//! The release before works on the tables of this one.

use std::{fs, path::Path};

/// Whether a statement takes away or changes something that the release before may use. Statements about what this very
/// migration makes do not count: nobody has used it yet.
fn takes_away(text: &str) -> bool {
    let text: String =
        text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let words = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    words.split(';').map(str::trim).any(|statement| {
        let alters = statement.starts_with("alter table");
        statement.starts_with("drop table")
            || alters
                && [" drop column ", " rename ", " type ", " set not null"].iter().any(|what| statement.contains(what))
    })
}

fn migrations() -> Vec<(String, String)> {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services");
    let mut found = vec![];
    for service in fs::read_dir(services).expect("the services").flatten() {
        for database in ["postgres", "sqlite"] {
            let Ok(files) = fs::read_dir(service.path().join("migrations").join(database)) else { continue };
            for file in files.flatten() {
                let text = fs::read_to_string(file.path()).expect("a text");
                found.push((file.path().display().to_string(), text));
            }
        }
    }
    found
}

#[test]
fn what_takes_something_away_says_since_when_it_is_not_used() {
    let found = migrations();
    assert!(found.len() > 50, "{} migrations", found.len());
    for (path, text) in found {
        assert!(
            !takes_away(&text) || path.contains("_needs_"),
            "{path} takes away what the release before may use: add first, and name the migration that removes \
             `…_needs_<newest migration of the first release that does without>`"
        );
    }
}

#[test]
fn additions_are_told_from_removals() {
    for text in [
        "drop table a;",
        "alter table a drop column b;",
        "alter table a\n  rename to b;",
        "alter table a alter b type text;",
    ] {
        assert!(takes_away(text), "{text}");
    }
    for text in [
        "create table a (dropped text);",
        "alter table a add column b text;",
        "-- drop table a;\nselect 1;",
        "drop index a;",
    ] {
        assert!(!takes_away(text), "{text}");
    }
}
