//! What is worth knowing about the report itself?

use super::{
    super::{
        block::{Block, Cell, Column, Table},
        name,
    },
    Context, or_none,
};

/// What the reviewer and the checks found.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let Context { report, words, locale, .. } = context;
    if report.findings.is_empty() {
        return vec![];
    }
    let rows = report.findings.iter().map(|finding| {
        let severity = or_none(&name::finding_severity(&finding.severity, locale));
        vec![
            Cell { is_strong: finding.severity == "serious", ..severity.into() },
            or_none(&finding.text).into(),
            or_none(&name::detector(&finding.source, locale)).into(),
        ]
    });
    let columns = vec![Column::short(words.severity), Column::text(words.finding, 4), Column::text(words.source, 2)];
    vec![Block::Table(Table { columns, rows: rows.collect() })]
}
