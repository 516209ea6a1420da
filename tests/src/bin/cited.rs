//! `cargo test --workspace --no-run --message-format=json | cited`: are the tests that `tests/security` cites among those
//! that the built programs run?

use std::{io::Read as _, process::ExitCode};
use tests::security::{
    citation::Citation,
    listed::{programs, runs},
    root,
    table::Table,
};

fn main() -> anyhow::Result<ExitCode> {
    let mut messages = String::new();
    std::io::stdin().read_to_string(&mut messages)?;
    let root = root();
    let programs = programs(&messages, &root).map_err(anyhow::Error::msg)?;
    anyhow::ensure!(
        !programs.is_empty(),
        "no program of tests was named: pipe `cargo test --workspace --no-run --message-format=json` in"
    );
    let folder = root.join("tests/security");
    let tables = [Table::asvs(&folder), Table::api(&folder)].into_iter().collect::<Result<Vec<_>, _>>();
    let mut missing = 0;
    let mut cited = 0;
    for row in tables.map_err(anyhow::Error::msg)?.iter().flat_map(|table| &table.rows) {
        for text in &row.tests {
            let citation = Citation::read(text).map_err(anyhow::Error::msg)?;
            cited += 1;
            let there =
                if citation.file.ends_with(".rs") { runs(&programs, &citation) } else { citation.check(&root).is_ok() };
            if !there {
                missing += 1;
                eprintln!("{}: no program runs {text}", row.id);
            }
        }
    }
    eprintln!("cited: {} of {cited} citations run, in {} programs", cited - missing, programs.len());
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
