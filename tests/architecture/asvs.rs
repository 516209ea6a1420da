//! `tests/security`: each requirement of OWASP ASVS 5.0 up to level 2 and each entry of the API Security Top 10 has one row, and
//! each test that a row cites is there. Whether they are among those that run, `make cited` asks.

use tests::security::{citation::Citation, root, table::Table};

/// Requirements that are not fulfilled yet, and why. A row takes one off this list.
const OPEN: &[&str] = &[
    // Redis is called without TLS, PostgreSQL and providers with it only where their address says so.
    "V12.3.1",
];

fn sound(table: &Table, open: &[&str]) {
    let mut faults = table.faults(open);
    for row in &table.rows {
        for text in &row.tests {
            let checked = Citation::read(text).and_then(|citation| citation.check(&root()));
            faults.extend(checked.err().map(|fault| format!("{}: {fault}", row.id)));
        }
    }
    assert!(faults.is_empty(), "tests/security:\n{}", faults.join("\n"));
}

#[test]
fn every_requirement_of_the_asvs_has_a_test_or_its_feature_is_absent() {
    let table = Table::asvs(&root().join("tests/security")).expect("tables that can be read");
    assert_eq!(table.asked.len(), 253, "levels 1 and 2 of ASVS 5.0.0");
    sound(&table, OPEN);
}

#[test]
fn every_entry_of_the_api_top_10_has_a_test() {
    let table = Table::api(&root().join("tests/security")).expect("a table that can be read");
    sound(&table, &[]);
    let absent: Vec<_> = table.rows.iter().filter(|row| row.absent.is_some()).map(|row| &row.id).collect();
    assert!(absent.is_empty(), "{absent:?}");
}

/// What the pages of `tests/security` say is held together by this: they would find a citation that was broken.
#[test]
fn a_broken_citation_is_found() {
    let mut table = Table::asvs(&root().join("tests/security")).expect("tables that can be read");
    let row = table.rows.iter_mut().find(|row| !row.tests.is_empty()).expect("a row with a test");
    row.tests[0].push_str("_gone");
    let text = row.tests[0].clone();
    let fault = Citation::read(&text).and_then(|citation| citation.check(&root())).expect_err("is not there");
    assert!(fault.contains("_gone"), "{fault}");
    row.tests.clear();
    let id = row.id.clone();
    assert!(table.faults(OPEN).contains(&format!("{id}: holds without a test")));
}
